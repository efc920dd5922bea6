package payload

import "bytes"

// NAL unit types of H.264 (table 7-1) and of RFC 6184 §5.2.
const (
	h264Slice     = 1
	h264PartA     = 2
	h264PartC     = 4
	h264IDR       = 5
	h264SEI       = 6
	h264SPS       = 7
	h264PPS       = 8
	h264AUD       = 9
	h264Extension = 20 // slice of another view or layer
	h264Depth     = 21
	h264STAPA     = 24
	h264STAPB     = 25
	h264MTAP16    = 26
	h264MTAP24    = 27
	h264FUA       = 28
	h264FUB       = 29
)

// Fragmentation unit header of RFC 6184 §5.8 and RFC 7798 §4.4.3.
const (
	fuStart = 0x80
	fuEnd   = 0x40
)

// seiRecoveryPoint is the payload type of the SEI message that marks a random
// access point without an IDR picture (H.264 §D.1.8, H.265 §D.2.8): x264 with
// intra refresh and most broadcast encoders have no other.
const seiRecoveryPoint = 6

// h264 is RFC 6184. The packetization mode of the SDP is not looked at:
// Hikvision cameras say 0 and send FU-A.
type h264 struct {
	sets   parameterSets
	opened bool // a random access point began, its picture did not yet
	points bool // a recovery point SEI did it
	inBand uint8
	buf    scratch
	Fragments
	silent bool // the payload that was looked at last begins a unit and does not say so
}

// Bits of h264.inBand: what came since the random access point opened.
const (
	gotVPS = 1 << iota
	gotSPS
	gotPPS
)

func newH264(sprop string) *h264 {
	f := new(h264)
	for _, nal := range DecodeSprop(sprop) {
		f.learn(nal)
	}
	return f
}

func (f *h264) Parameters() [][]byte {
	if !f.sets.has(h264SPS, h264PPS) {
		return nil
	}
	return f.sets.payloads(1, 2, aggregateH264)
}

// aggregateH264 makes a STAP-A (RFC 6184 §5.7.1).
func aggregateH264(sets []parameterSet) []byte {
	b := []byte{0}
	for _, s := range sets {
		b = appendSTAP(b, s.nal)
	}
	return b
}

// appendSTAP adds a NAL unit to the STAP-A in b, whose F and NRI become the
// strictest of its units.
func appendSTAP(b, nal []byte) []byte {
	b[0] = (b[0]|nal[0])&0x80 | max(b[0]&0x60, nal[0]&0x60) | h264STAPA
	b = append(b, byte(len(nal)>>8), byte(len(nal)))
	return append(b, nal...)
}

func (f *h264) Inspect(payload []byte, marker bool) Info {
	var info Info
	f.silent = f.Begins(payload)
	if len(payload) == 0 {
		return info
	}
	switch t := payload[0] & 0x1F; t {
	case h264STAPA, h264STAPB, h264MTAP16, h264MTAP24:
		for units := h264Units(payload); ; {
			nal, ok := units.next()
			if !ok {
				break
			}
			f.see(nal, &info)
		}
	case h264FUA, h264FUB:
		f.seeFragment(payload, &info)
	default:
		if h264AnnexB(payload) {
			f.seeStream(payload, &info)
		} else {
			f.see(payload, &info)
		}
	}
	return info
}

// h264AnnexB reports whether a payload that should be one NAL unit is a byte
// stream. Only the small kinds are searched: a packet that has more than its
// first unit begins with one of them.
func h264AnnexB(payload []byte) bool {
	switch payload[0] & 0x1F {
	case 0:
		return startsWithCode(payload)
	case h264SEI, h264SPS, h264PPS, h264AUD:
		return bytes.Contains(payload, startCode)
	}
	return false
}

func (f *h264) seeStream(payload []byte, info *Info) {
	info.Irregular = true
	for nal, rest := nextNAL(payload); len(nal) > 0; nal, rest = nextNAL(rest) {
		f.see(nal, info)
	}
}

// seeFragment looks at an FU-A or FU-B.
func (f *h264) seeFragment(payload []byte, info *Info) {
	data, ok := h264FragmentData(payload)
	if !ok {
		return
	}
	t := payload[1] & 0x1F
	start, end := payload[1]&fuStart != 0 || f.silent, payload[1]&fuEnd != 0
	info.Irregular = start && end || f.silent
	switch {
	case !start:
		info.Slice = h264Picture(t)
	case end && (t == h264SPS || t == h264PPS):
		f.buf = append(append(f.buf[:0], payload[0]&0xE0|t), data...)
		f.see(f.buf, info)
	default:
		f.seeType(t, data, info)
	}
}

// h264FragmentData returns what follows the headers of an FU-A or FU-B.
func h264FragmentData(payload []byte) ([]byte, bool) {
	head := 2
	if payload[0]&0x1F == h264FUB {
		head = 4 // DON
	}
	if len(payload) < head {
		return nil, false
	}
	return payload[head:], true
}

func h264Picture(t uint8) bool {
	return t >= h264Slice && t <= h264IDR || t == h264Extension || t == h264Depth
}

// see looks at one whole NAL unit.
func (f *h264) see(nal []byte, info *Info) {
	if len(nal) == 0 {
		return
	}
	t := nal[0] & 0x1F
	if (t == h264SPS || t == h264PPS) && f.learn(nal) {
		info.Changed = true
	}
	f.seeType(t, nal[1:], info)
}

// seeType looks at a NAL unit of type t whose bytes after the header begin with
// data, and moves the state from one random access point to the next.
func (f *h264) seeType(t uint8, data []byte, info *Info) {
	switch {
	case t == h264SPS:
		f.open()
		f.inBand |= gotSPS
		info.Key = true
	case t == h264PPS && f.opened:
		f.inBand |= gotPPS
		info.Key = true
	case t == h264SEI && hasRecoveryPoint(data):
		f.open()
		f.points = true
		info.Key = true
	case t == h264Extension || t == h264Depth || t > h264PartA && t <= h264PartC:
		info.Slice = true
	case h264Picture(t):
		f.seeSlice(t, data, info)
	default:
		info.Key = info.Key || f.opened
	}
	info.Params = info.Params || f.inBand == gotSPS|gotPPS
}

func (f *h264) open() {
	if !f.opened {
		f.opened, f.points, f.inBand = true, false, 0
	}
}

// seeSlice ends what opened the random access point. A slice that is not the
// first of its picture is no place to begin. After an SPS alone an I slice
// begins one too; some encoders never send IDR pictures.
func (f *h264) seeSlice(t uint8, data []byte, info *Info) {
	info.Slice = true
	first := len(data) > 0 && data[0]&0x80 != 0 // first_mb_in_slice is ue(v) 0
	if first && (t == h264IDR || f.opened && (f.points || h264IntraSlice(data))) {
		info.Key = true
	}
	info.Params = info.Params || f.inBand == gotSPS|gotPPS
	f.opened, f.points, f.inBand = false, false, 0
}

// h264IntraSlice reads slice_type of a slice header (H.264 §7.3.3).
func h264IntraSlice(data []byte) bool {
	r := rbsp(data)
	r.ue()
	t := r.ue() % 5
	return !r.short && (t == 2 || t == 4)
}

// hasRecoveryPoint walks the messages of an SEI NAL unit (H.264 §7.3.2.3).
func hasRecoveryPoint(data []byte) bool {
	r := rbsp(data)
	for len(r.data) > 1 { // the last byte is the trailing bits
		t, size := seiNumber(&r), seiNumber(&r)
		if r.short {
			return false
		}
		if t == seiRecoveryPoint {
			return true
		}
		if size > uint(len(r.data)) {
			return false
		}
		for ; size > 0; size-- {
			r.nextByte()
		}
	}
	return false
}

// seiNumber reads a type or size: bytes of 255 and a last one, added.
func seiNumber(r *bitReader) uint {
	sum := uint(0)
	for {
		c := r.nextByte()
		sum += uint(c)
		if c != 0xFF {
			return sum
		}
	}
}

// learn keeps a whole SPS or PPS and reports whether it was new.
func (f *h264) learn(nal []byte) bool {
	nal = trimZeros(nal)
	if len(nal) < 2 {
		return false
	}
	r := rbsp(nal[1:])
	t := nal[0] & 0x1F
	switch t {
	case h264SPS:
		r.skip(24) // profile_idc, constraint flags, level_idc
	case h264PPS:
	default:
		return false
	}
	id := r.ue()
	if r.short {
		return false
	}
	return f.sets.learn(t, id, nal)
}
