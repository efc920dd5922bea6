package timeline

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/internal/payload"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/sdp"
)

// A track is one medium's way into the log. It is guarded by its timeline's mu.
type track struct {
	// constant
	index  uint8
	ssrc   uint32
	pt     uint8          // payload type that format knows
	rate   int            // RTP clock rate in Hz
	format payload.Format // nil: relayed without being understood
	gapped payload.Gapped // nil: format need not know of gaps
	params sdp.Params     // of format, as described
	gated  bool           // a reader of it begins at a random access point
	units  bool           // of H.264 or H.265: parameter sets are units of their own

	// continuity: what is added to the source's numbers to get ours
	fresh     bool // the next packet begins a new run of the source
	begun     bool
	source    uint32 // SSRC of the run
	runPT     uint8  // payload type with which it began
	seqOffset uint16
	tsOffset  uint32
	shift     uint32 // tsOffset, or that of a picture that is astray
	lastSeq   uint16 // as sent
	lastTS    uint32
	lastAt    time.Time
	since     time.Time // when the run began
	pace      pace      // of the run
	before    pace      // the last step that was far; begun: the newest picture made it
	astray    astray

	// the access unit being written
	unit  unit
	spare int // bytes of parameter sets that may still be put in front of pictures
	clock *rtp.Clock
	split splitter
}

// maxSpare bounds what is saved up for parameter sets: what a source sends earns as much again of them. A stream of pictures has a
// few bytes of them for thousands of its own, and one of key pictures that are hardly there would have all readers sent a thousand
// times as much.
const maxSpare = 64 << 10

// A unit is what is known of the access unit that is being written.
type unit struct {
	timestamp uint32 // the source's
	open      bool
	key       bool // it has been marked as a random access point
	params    bool // parameter sets came in band
}

func newTrack(index uint8, m *sdp.Media, wall *rtp.Wall) *track {
	t := &track{
		index: index, ssrc: rand.Uint32(), fresh: true, rate: 90000, spare: maxSpare,
		lastSeq: uint16(rand.Uint32N(1 << 15)), // below 2^15, as SRTP asks (RFC 3711 §3.3.1)
		lastTS:  rand.Uint32() | 1,
	}
	if formats := m.FormatList(); len(formats) > 0 {
		t.pt, t.params = formats[0].PayloadType, formats[0].Params
		t.units = strings.EqualFold(formats[0].Encoding, "H264") || strings.EqualFold(formats[0].Encoding, "H265")
		if formats[0].ClockRate > 0 {
			t.rate = formats[0].ClockRate
		}
		if formats[0].Encoding != "" { // else the rate is a guess
			t.pace = newPace(t.rate)
		}
	}
	t.understand(m)
	t.gated = t.format != nil && payload.Video(m)
	t.clock = rtp.NewClock(t.rate, wall)
	return t
}

// succeed goes on where the same track of an older timeline stopped.
func (t *track) succeed(old *track) {
	t.ssrc, t.begun = old.ssrc, old.begun
	t.lastSeq, t.lastTS, t.lastAt = old.lastSeq, old.lastTS, old.lastAt
	if old.rate != t.rate { // the same instant counts otherwise in another clock; begin anew
		t.begun = false
	}
}

// redescribe takes other parameters of the format; what was learned from the packets counts no more then.
func (t *track) redescribe(m *sdp.Media) {
	formats := m.FormatList()
	if t.format == nil || len(formats) == 0 || slices.Equal(formats[0].Params, t.params) {
		return
	}
	t.params = formats[0].Params
	t.understand(m)
}

func (t *track) understand(m *sdp.Media) {
	t.format = payload.New(m)
	t.gapped, _ = t.format.(payload.Gapped)
}

func (t *track) interrupt() {
	t.fresh = true
	t.unit = unit{}
}

// write appends one packet of the source.
func (t *track) write(tl *Timeline, pkt rtp.Packet, at time.Time) {
	if t.fresh || pkt.SSRC() != t.source {
		if pt := pkt.PayloadType(); !t.fresh && pt != t.pt && pt != t.runPT {
			return // another source beside the main one, such as retransmissions (RFC 4588)
		}
		t.follow(pkt, at)
	}
	t.shift = t.offset(pkt, at)
	t.spare = min(t.spare+len(pkt), maxSpare)
	if t.gapped != nil && (!t.unit.open || pkt.Sequence()+t.seqOffset != t.lastSeq+1) { // the first of a run, or one is missing
		t.gapped.Gap()
	}
	body := pkt.Payload()
	flags, mend := t.inspect(tl, pkt, body)
	fits := pkt.HeaderSize()+len(body) <= tl.maxPacket
	if fits && !mend || !t.split.run(t, tl, pkt, body, flags) {
		t.append(tl, pkt, body, flags)
	}
	t.lastAt = at
	t.clock.Arrived(t.lastTS, at)
}

// follow makes a new run of the source continue the last one: the next sequence number, and the
// timestamp of as much later as time has passed (RTP-03).
func (t *track) follow(pkt rtp.Packet, at time.Time) {
	next := t.lastTS
	if t.begun {
		ticks := at.Sub(t.lastAt).Seconds() * float64(t.rate)
		next += uint32(max(int64(ticks), 1))
	}
	t.seqOffset = t.lastSeq + 1 - pkt.Sequence()
	t.tsOffset = next - pkt.Timestamp()
	t.source, t.runPT, t.fresh, t.begun = pkt.SSRC(), pkt.PayloadType(), false, true
	t.since, t.pace.begun, t.before.begun, t.astray.open = at, false, false, false
	t.unit = unit{}
	t.clock.Reset()
}

// inspect finds out what a packet is, and puts parameter sets in front of a key picture that has none.
// mend says that players could stumble over the payload as it is.
func (t *track) inspect(tl *Timeline, pkt rtp.Packet, body []byte) (flags Flags, mend bool) {
	if pkt.Marker() {
		flags = Marker
	}
	if t.format == nil || pkt.PayloadType() != t.pt {
		return flags, false
	}
	if ts := pkt.Timestamp(); !t.unit.open || t.unit.timestamp != ts {
		t.unit = unit{timestamp: ts, open: true}
	}
	info := t.format.Inspect(body, pkt.Marker())
	if t.units && info.Key && !info.Slice {
		flags &^= Marker // of cameras that set it on parameter sets: no picture ends before it has begun
	}
	t.unit.params = t.unit.params || info.Params
	if info.Key && info.Slice && !t.unit.params {
		t.unit.params = true
		t.inject(tl, pkt)
	}
	if info.Key && !t.unit.key {
		t.unit.key = true
		flags |= RandomAccess
	}
	return flags, info.Irregular
}

// inject appends the parameter sets that the source sent only in its SDP, or earlier: a reader that
// joins here can decode what follows (PLD-05).
func (t *track) inject(tl *Timeline, pkt rtp.Packet) {
	list, cost := t.format.Parameters(), 0
	for _, params := range list {
		cost += rtp.HeaderSize + len(params)
	}
	if cost > t.spare {
		return
	}
	t.spare -= cost
	for _, params := range list {
		var flags Flags
		if !t.unit.key {
			t.unit.key = true
			flags = RandomAccess
		}
		seq := pkt.Sequence() + t.seqOffset
		t.seqOffset++
		t.put(tl, seq, pkt.Timestamp()+t.shift, t.pt, false, params, flags)
	}
}

// append lays a packet out with our numbers. Header extensions stay; padding goes.
func (t *track) append(tl *Timeline, pkt rtp.Packet, body []byte, flags Flags) {
	head := pkt.HeaderSize()
	if head > rtp.HeaderSize {
		flags |= LongHeader
	}
	dst := tl.log.begin(t.index, head+len(body))
	copy(dst, pkt[:head])
	copy(dst[head:], body)
	out := rtp.Packet(dst)
	out[0] &^= 1 << 5 // padding bit
	out.SetMarker(flags&Marker != 0)
	seq, ts := pkt.Sequence()+t.seqOffset, pkt.Timestamp()+t.shift
	out.SetSequence(seq)
	out.SetTimestamp(ts)
	out.SetSSRC(t.ssrc)
	t.commit(tl, seq, ts, flags)
}

// put lays out a packet of our own making.
func (t *track) put(tl *Timeline, seq uint16, ts uint32, pt uint8, marker bool, body []byte, flags Flags) {
	dst := tl.log.begin(t.index, rtp.HeaderSize+len(body))
	rtp.AppendHeader(dst[:0], rtp.Header{Marker: marker, PayloadType: pt, Sequence: seq, Timestamp: ts, SSRC: t.ssrc})
	copy(dst[rtp.HeaderSize:], body)
	t.commit(tl, seq, ts, flags)
}

func (t *track) commit(tl *Timeline, seq uint16, ts uint32, flags Flags) {
	tl.log.commit(ts, flags, tl.lead>>t.index&1 == 1)
	t.lastSeq, t.lastTS = seq, ts
}

// reported is what the source's sender report says, in its own numbers.
func (t *track) reported(r rtp.SenderReport, at time.Time) {
	if t.begun && !t.fresh {
		r.RTPTime += t.tsOffset
		t.clock.Reported(r, at)
	}
}

// A splitter fragments packets that are larger than a reader may get. Its callback is bound once, so
// that fragmenting allocates nothing.
type splitter struct {
	t     *track
	tl    *Timeline
	pkt   rtp.Packet
	flags Flags
	count uint16
	emit  func(body []byte, ticks uint32, last bool)
}

// run reports whether the payload format could fragment the packet.
func (s *splitter) run(t *track, tl *Timeline, pkt rtp.Packet, body []byte, flags Flags) bool {
	if t.format == nil || pkt.PayloadType() != t.pt {
		return false
	}
	if s.emit == nil {
		s.emit = s.fragment
	}
	s.t, s.tl, s.pkt, s.flags, s.count = t, tl, pkt, flags, 0
	done := t.format.Split(body, tl.maxPacket-rtp.HeaderSize, s.emit)
	if s.count > 0 {
		t.seqOffset += s.count - 1
	}
	s.pkt = nil
	return done
}

func (s *splitter) fragment(body []byte, ticks uint32, last bool) {
	t, flags := s.t, s.flags&^Marker
	if s.count > 0 {
		flags = 0 // only the first fragment begins anything
	}
	marker := last && s.flags&Marker != 0
	if marker {
		flags |= Marker
	}
	seq := s.pkt.Sequence() + t.seqOffset + s.count
	t.put(s.tl, seq, s.pkt.Timestamp()+t.shift+ticks, t.pt, marker, body, flags)
	s.count++
}
