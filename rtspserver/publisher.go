package rtspserver

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
)

// receiverReports is how often a publisher hears how its media arrives (ANN-13); the watch looks once a
// second.
const receiverReports = 4 * time.Second

// ssrcPatience is for how long a publisher over UDP must be silent before another SSRC is believed
// (SEC-06).
const ssrcPatience = time.Second

// defaultReorder is how long a gap may hold up a video track.
const defaultReorder = 100 * time.Millisecond

// reorderPackets bounds how many packets wait for one that is missing.
const reorderPackets = 512

// A publisher is the receiving side of a session with role publishes.
type publisher struct {
	// constant
	session *Session
	pub     *Publication
	live    *Live
	cname   string

	recording atomic.Bool
	inbound   []*inbound // by track

	// guarded by the session's mu
	desc *sdp.Session // as announced last: tracks are named by its control attributes

	// owned by the watch
	reportAt time.Time
	rate     rateMeter
}

// An inbound is one track on its way in.
type inbound struct {
	publisher *publisher
	track     int
	rate      int
	audio     bool
	ssrc      uint32 // ours, in receiver reports

	// guarded by mu
	mu        sync.Mutex
	transport *transport // nil: not set up
	receiver  *rtp.Receiver
	source    uint32
	packets   uint64 // RTP packets that came
	octets    uint64 // of their payload
	lost      int64  // of sources before this one
	heard     time.Time
	reorder   *rtp.Reorderer // nil over TCP
	timer     *time.Timer
	bytes     int // that came since the rate was looked at
	now       time.Time
	write     func(pkt []byte) // bound once
}

func newPublisher(s *Session, pub *Publication, desc *sdp.Session) *publisher {
	p := &publisher{session: s, pub: pub, live: pub.Live, cname: s.server.cname(s.conn), desc: desc, rate: rateMeter{limit: pub.MaxBitRate}}
	for i, m := range desc.Media {
		in := &inbound{publisher: p, track: i, rate: 90000, audio: m.Type == "audio", ssrc: rand.Uint32()}
		if f := m.FormatList(); len(f) > 0 && f[0].ClockRate > 0 {
			in.rate = f[0].ClockRate
		}
		in.write = func(pkt []byte) { p.live.Write(in.track, pkt, in.now) }
		p.inbound = append(p.inbound, in)
	}
	p.live.setSource(s)
	return p
}

// trackOf finds the track that a SETUP names, by the control attribute that the publisher announced.
// ffmpeg and GStreamer append it to the URL as it is, behind a query too.
func (p *publisher) trackOf(x *exchange) (int, error) {
	full := strings.TrimRight(x.url.Path, "/")
	withQuery := strings.TrimRight(full+"?"+x.url.RawQuery, "/?")
	for i, m := range p.desc.Media {
		control := strings.Trim(m.Control(), "/")
		if u, err := rtsp.ParseURL(control); err == nil && u.Host != "" {
			control = strings.Trim(u.Path, "/")
		}
		if control != "" && control != "*" && (strings.HasSuffix(full, "/"+control) || strings.HasSuffix(withQuery, "/"+control)) {
			return i, nil
		}
	}
	switch {
	case x.name.path == p.session.path && x.name.named && x.name.track < len(p.inbound):
		return x.name.track, nil
	case x.name.path == p.session.path && len(p.inbound) == 1:
		return 0, nil
	case x.name.path == p.session.path && !x.name.named:
		return 0, statusError(rtsp.StatusAggregateOperationNotAllowed)
	}
	return 0, statusError(rtsp.StatusNotFound)
}

// start begins to record: the session's transports are bound. The session is locked.
func (p *publisher) start() {
	if p.recording.Load() {
		return
	}
	for i, in := range p.inbound {
		in.start(p.session.transports[i], p.pub.Reorder)
	}
	p.recording.Store(true)
}

func (in *inbound) start(t *transport, patience time.Duration) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.transport = t
	if in.receiver == nil {
		in.receiver = rtp.NewReceiver(in.rate)
	}
	if t != nil && t.udp != nil && in.reorder == nil && patience >= 0 {
		if patience == 0 {
			patience = defaultReorder
		}
		if in.audio {
			patience /= 2
		}
		in.reorder = rtp.NewReorderer(patience, reorderPackets)
	}
}

// pause stops recording; what comes is dropped.
func (p *publisher) pause() { p.recording.Store(false) }

// receive takes one packet of the publisher. Before RECORD it is dropped.
func (p *publisher) receive(track int, rtcp bool, b []byte, now time.Time) {
	if !p.recording.Load() {
		return
	}
	in := p.inbound[track]
	if rtcp {
		in.control(b, now)
		return
	}
	in.media(b, now)
}

// media takes one RTP packet.
//
// hot: 0 allocs in order; runs on the goroutine that read it.
func (in *inbound) media(b []byte, now time.Time) {
	pkt := rtp.Packet(b)
	if pkt.Validate() != nil {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.transport == nil || !in.accept(pkt.SSRC(), now) { // closed, while this packet was on its way: another may write now
		return
	}
	in.bytes += len(b) // of its own: what others send in its name must not end it
	in.publisher.session.touch(now)
	in.receiver.Received(pkt.Sequence(), pkt.Timestamp(), now)
	in.packets++
	in.octets += uint64(len(pkt.Payload()))
	in.now = now
	if in.reorder == nil {
		in.write(b)
		return
	}
	in.reorder.Push(b, now, in.write)
	in.wait(now)
}

// accept locks on to the source's SSRC; over UDP another is believed only after silence (SEC-06), over a
// connection it is the same client in any case.
func (in *inbound) accept(ssrc uint32, now time.Time) bool {
	if !in.heard.IsZero() && ssrc != in.source {
		if in.reorder != nil && now.Sub(in.heard) < ssrcPatience {
			return false
		}
		in.lost += in.receiver.Lost()
		in.receiver = rtp.NewReceiver(in.rate)
		if in.reorder != nil {
			in.reorder.Reset()
		}
	}
	in.source, in.heard = ssrc, now
	return true
}

// wait sets the timer for what is held back by a gap: without it a loss would hold the stream until the
// next packet.
func (in *inbound) wait(now time.Time) {
	at, waiting := in.reorder.Deadline()
	if !waiting {
		return
	}
	if in.timer == nil {
		in.timer = time.AfterFunc(at.Sub(now), func() { // ends with close
			in.publisher.session.server.contained("a publisher", in.expire)
		})
		return
	}
	in.timer.Reset(at.Sub(now))
}

func (in *inbound) expire() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.transport == nil {
		return nil
	}
	in.now = time.Now()
	in.reorder.Expire(in.now, in.write)
	in.wait(in.now)
	in.publisher.flush()
	return nil
}

// control takes a compound RTCP packet: sender reports give the tracks a common clock. BYE ends nothing, for anybody can
// write one: a source ends with its session, or with silence.
func (in *inbound) control(b []byte, now time.Time) {
	if rtp.ValidateCompound(b) != nil {
		return
	}
	in.publisher.session.touch(now)
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.transport == nil { // as for media: another may write now
		return
	}
	for p := range rtp.Packets(b) {
		if sr, ok := p.SenderReport(); ok && (in.heard.IsZero() || sr.SSRC == in.source) {
			in.receiver.SenderReport(sr.NTP, now)
			in.publisher.live.Timeline().SenderReport(in.track, sr, now)
		}
	}
}

func (p *publisher) flush() { p.live.Flush() }

// report tells the publisher how its media arrives. It runs on the server's watch.
func (p *publisher) report(now time.Time) {
	if now.Before(p.reportAt) {
		return
	}
	p.reportAt = now.Add(receiverReports)
	for _, in := range p.inbound {
		in.mu.Lock()
		t, heard := in.transport, !in.heard.IsZero()
		var block rtp.ReportBlock
		if heard && t != nil {
			block = in.receiver.Report(now)
			block.SSRC = in.source
		}
		in.mu.Unlock()
		if heard && t != nil {
			t.sendRTCP(rtp.AppendCNAME(rtp.AppendReceiverReport(nil, in.ssrc, block), in.ssrc, p.cname))
		}
	}
}

// overruns tells whether the publisher sends more than it may. It runs on the server's watch.
func (p *publisher) overruns(now time.Time) bool {
	bytes := 0
	for _, in := range p.inbound {
		in.mu.Lock()
		bytes += in.bytes
		in.bytes = 0
		in.mu.Unlock()
	}
	return p.rate.over(8*float64(bytes), now)
}

// sendRTCP sends a compound to the client's RTCP port or channel.
func (t *transport) sendRTCP(compound []byte) {
	if t.conn != nil {
		t.conn.out.Message(rtsp.AppendFrame(nil, t.spec.Interleaved.RTCP, compound))
		return
	}
	t.udp.rtcp.send(compound, *t.rtcp.addr.Load())
}

// redescribe changes what was announced.
func (p *publisher) redescribe(desc *sdp.Session) error {
	if !p.live.Fits(desc) {
		return methodNotValid(p.session)
	}
	p.desc = desc
	p.live.Update(desc)
	return nil
}

// close ends receiving and gives the publication back: a TEARDOWN ends it for good, anything else may be
// followed by another publisher.
func (p *publisher) close(cause error) {
	p.recording.Store(false)
	for _, in := range p.inbound {
		in.close()
	}
	p.live.Interrupt()
	if errors.Is(cause, errTeardown) {
		cause = nil
	}
	if p.pub.Done != nil {
		p.session.server.contained("a handler", func() error {
			p.pub.Done(cause)
			return nil
		}, "session", p.session.id[:8])
	}
}

func (in *inbound) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.timer != nil {
		in.timer.Stop()
	}
	in.transport = nil
}
