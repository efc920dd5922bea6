package payload

import "bytes"

// NAL unit types of H.265 (table 7-1) and of RFC 7798 §4.4.
const (
	h265IRAP    = 16 // to 23: BLA, IDR, CRA and two reserved ones
	h265IRAPEnd = 23
	h265Picture = 31 // the last of the picture types
	h265VPS     = 32
	h265SPS     = 33
	h265PPS     = 34
	h265AUD     = 35
	h265SEI     = 39 // prefix SEI
	h265SEIEnd  = 40 // suffix SEI
	h265AP      = 48
	h265FU      = 49
	h265PACI    = 50
)

// h265 is RFC 7798.
type h265 struct {
	donl   bool // payloads carry decoding order numbers: sprop-max-don-diff > 0
	sets   parameterSets
	opened bool // a random access point began, its picture did not yet
	points bool // a recovery point SEI did it
	inBand uint8
	buf    scratch
	Fragments
	silent bool // the payload that was looked at last begins a unit and does not say so
}

// newH265 takes the sprop-vps, sprop-sps and sprop-pps of the SDP. If one of
// them is missing the others are of no use and left out.
func newH265(vps, sps, pps string, donl bool) *h265 {
	f := &h265{donl: donl, Fragments: Fragments{h265: true}}
	for _, sprop := range []string{vps, sps, pps} {
		for _, nal := range DecodeSprop(sprop) {
			f.learn(nal)
		}
	}
	if !f.complete() {
		f.sets = parameterSets{}
	}
	return f
}

func (f *h265) complete() bool { return f.sets.has(h265VPS, h265SPS, h265PPS) }

// Parameters is nil where payloads carry decoding order numbers: those of the
// sets would have to be invented.
func (f *h265) Parameters() [][]byte {
	if f.donl || !f.complete() {
		return nil
	}
	return f.sets.payloads(2, 2, aggregateH265)
}

// aggregateH265 makes an aggregation packet (RFC 7798 §4.4.2): the lowest layer
// and temporal ids of its units; parameter sets are of layer 0, TID 1.
func aggregateH265(sets []parameterSet) []byte {
	b := []byte{h265AP << 1, 1}
	for _, s := range sets {
		b = append(b, byte(len(s.nal)>>8), byte(len(s.nal)))
		b = append(b, s.nal...)
	}
	return b
}

func h265Type(nal []byte) uint8 { return nal[0] >> 1 & 0x3F }

// h265Layer is nuh_layer_id; only layer 0 is looked at.
func h265Layer(nal []byte) uint8 { return nal[0]&1<<5 | nal[1]>>3 }

func (f *h265) Inspect(payload []byte, marker bool) Info {
	var info Info
	f.silent = f.Begins(payload) && !f.donl // whose number nobody knows
	if len(payload) < 3 {
		return info
	}
	switch t := h265Type(payload); {
	case t == h265AP:
		units := h265Units(payload, f.donl)
		for nal, ok := units.next(); ok; nal, ok = units.next() {
			f.see(nal, &info)
		}
	case t == h265FU:
		f.seeFragment(payload, &info)
	case t == h265PACI:
		info.Slice = true
	case f.annexB(payload):
		f.seeStream(payload, &info)
	case !f.donl:
		f.see(payload, &info)
	case len(payload) > 4 && t >= h265VPS && t <= h265PPS:
		f.buf = append(append(f.buf[:0], payload[:2]...), payload[4:]...)
		f.see(f.buf, &info)
	case len(payload) > 4:
		f.seeType(t, h265Layer(payload), payload[4:], &info)
	}
	return info
}

// annexB reports whether a payload that should be one NAL unit is a byte
// stream; see h264AnnexB.
func (f *h265) annexB(payload []byte) bool {
	switch t := h265Type(payload); {
	case f.donl:
		return false
	case t == 0:
		return startsWithCode(payload)
	case t >= h265VPS && t <= h265SEIEnd:
		return bytes.Contains(payload, startCode)
	}
	return false
}

func (f *h265) seeStream(payload []byte, info *Info) {
	info.Irregular = true
	for nal, rest := nextNAL(payload); len(nal) > 0; nal, rest = nextNAL(rest) {
		f.see(nal, info)
	}
}

// seeFragment looks at an FU. DONL is in the first of a NAL unit only.
func (f *h265) seeFragment(payload []byte, info *Info) {
	t := payload[2] & 0x3F
	start, end := payload[2]&fuStart != 0 || f.silent, payload[2]&fuEnd != 0
	info.Irregular = start && end || f.silent
	if !start {
		info.Slice = t <= h265Picture
		return
	}
	head := 3
	if f.donl {
		head = 5
	}
	if len(payload) < head {
		return
	}
	if end && t >= h265VPS && t <= h265PPS {
		f.buf = append(append(f.buf[:0], payload[0]&0x81|t<<1, payload[1]), payload[head:]...)
		f.see(f.buf, info)
		return
	}
	f.seeType(t, h265Layer(payload), payload[head:], info)
}

// see looks at one whole NAL unit.
func (f *h265) see(nal []byte, info *Info) {
	if len(nal) < 3 {
		return
	}
	t := h265Type(nal)
	if t >= h265VPS && t <= h265PPS && f.learn(nal) {
		info.Changed = true
	}
	f.seeType(t, h265Layer(nal), nal[2:], info)
}

// seeType looks at a NAL unit of type t whose bytes after the header begin with
// data, and moves the state from one random access point to the next.
func (f *h265) seeType(t, layer uint8, data []byte, info *Info) {
	const all = gotVPS | gotSPS | gotPPS
	switch {
	case t <= h265Picture:
		f.seeSlice(t, layer, data, info)
		return
	case layer > 0:
	case t == h265VPS || t == h265SPS:
		f.open()
		f.inBand |= gotVPS << (t - h265VPS)
		info.Key = true
	case t == h265PPS && f.opened:
		f.inBand |= gotPPS
		info.Key = true
	case t == h265SEI && hasRecoveryPoint(data):
		f.open()
		f.points = true
		info.Key = true
	default:
		info.Key = info.Key || f.opened
	}
	info.Params = info.Params || f.inBand == all
}

func (f *h265) open() {
	if !f.opened {
		f.opened, f.points, f.inBand = true, false, 0
	}
}

// seeSlice ends what opened the random access point. Only the first slice
// segment of a picture is a place to begin.
func (f *h265) seeSlice(t, layer uint8, data []byte, info *Info) {
	info.Slice = true
	if layer > 0 {
		return
	}
	first := len(data) > 0 && data[0]&0x80 != 0 // first_slice_segment_in_pic_flag
	irap := t >= h265IRAP && t <= h265IRAPEnd
	if first && (irap || f.opened && f.points) {
		info.Key = true
	}
	info.Params = info.Params || f.inBand == gotVPS|gotSPS|gotPPS
	f.opened, f.points, f.inBand = false, false, 0
}

// learn keeps a whole VPS, SPS or PPS of layer 0 and reports whether it was new.
func (f *h265) learn(nal []byte) bool {
	nal = trimZeros(nal)
	if len(nal) < 3 || h265Layer(nal) > 0 {
		return false
	}
	r := rbsp(nal[2:])
	var id uint32
	switch t := h265Type(nal); t {
	case h265VPS:
		id = r.bits(4)
	case h265SPS:
		r.skip(4) // sps_video_parameter_set_id
		sub := r.bits(3)
		r.skip(1)
		skipProfileTierLevel(&r, sub)
		id = r.ue()
	case h265PPS:
		id = r.ue()
	default:
		return false
	}
	if r.short {
		return false
	}
	return f.sets.learn(h265Type(nal), id, nal)
}

// skipProfileTierLevel passes over profile_tier_level (H.265 §7.3.3) with sub
// sub-layers beside the main one.
func skipProfileTierLevel(r *bitReader, sub uint32) {
	r.skip(88 + 8)
	if sub == 0 {
		return
	}
	var profile, level [8]uint32
	for i := range 8 {
		profile[i], level[i] = r.bits(1), r.bits(1)
	}
	for i := range sub {
		r.skip(uint(88*profile[i] + 8*level[i]))
	}
}
