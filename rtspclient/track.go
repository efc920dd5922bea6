package rtspclient

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
)

// maxWaiting is how many datagrams may wait for those before them.
const maxWaiting = 256

// seekMemory is for how long packets of before a seek are left out.
const seekMemory = 2 * time.Second

// A Track is one media section that is set up. Its methods are safe for concurrent use.
type Track struct {
	client *Client
	index  int
	wall   *rtp.Wall // the source's, which its tracks share
	url    string    // of its SETUP
	media  atomic.Pointer[sdp.Media]

	// constant once set up
	lower     Lower
	transport rtsp.Transport
	pair      *udpPair // nil: interleaved
	lane      *lane    // nil: over UDP
	channel   uint8    // RTP's; RTCP's is rtcp
	rtcp      uint8

	reorder *rtp.Reorderer // owned by the goroutine of the RTP socket; nil: interleaved
	heard   atomic.Int64   // when the last packet came, in Unix nanoseconds

	// guarded by mu
	mu       sync.Mutex
	ssrc     uint32
	begun    bool
	receiver *rtp.Receiver
	clock    *rtp.Clock
	reported int64 // packets when the last report was made
	skip     bool  // until the packet from
	from     uint16
	until    time.Time
	sender   sender
}

// TrackStats is how a track's packets come.
type TrackStats struct {
	Packets, Lost int64
	Jitter        time.Duration // RFC 3550 §6.4.1
}

// Index is that of the media section.
func (t *Track) Index() int { return t.index }

// URL is what SETUP named.
func (t *Track) URL() string { return t.url }

// Media is the description of the track.
func (t *Track) Media() *sdp.Media { return t.media.Load() }

// Lower is what carries the track.
func (t *Track) Lower() Lower { return t.lower }

// Transport is what the server settled for.
func (t *Track) Transport() rtsp.Transport { return t.transport }

// Stats is how the packets have come until now.
func (t *Track) Stats() TrackStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return TrackStats{Packets: t.receiver.Packets(), Lost: t.receiver.Lost(), Jitter: t.receiver.Jitter()}
}

// Time is the wall time of an RTP timestamp; exact tells that the source's own sender reports say so, and that it can be
// compared between tracks. The zero time: nothing has come yet.
func (t *Track) Time(ts uint32) (at time.Time, exact bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.clock.Running() {
		return time.Time{}, false
	}
	return t.clock.Time(ts), t.clock.FromReports()
}

func newTrack(c *Client, index int, m *sdp.Media, wall *rtp.Wall) *Track {
	rate := clockRate(m)
	t := &Track{client: c, index: index, wall: wall, receiver: rtp.NewReceiver(rate), clock: rtp.NewClock(rate, wall)}
	t.media.Store(m)
	return t
}

// clockRate is that of a medium's first format, 90 kHz when it does not say.
func clockRate(m *sdp.Media) int {
	if list := m.FormatList(); len(list) > 0 && list[0].ClockRate > 0 {
		return list[0].ClockRate
	}
	return 90000
}

// A lane is what an interleaved channel leads to.
type lane struct{ track *Track }

// frame takes one interleaved frame. What it is, its content tells: some cameras mix the channels up (FRM-11).
func (l *lane) frame(channel uint8, b []byte, now time.Time) {
	t, rtcp := l.track, rtp.IsRTCP(b)
	if t.client.cfg.Trace != nil {
		nc := t.client.conn.nc
		t.client.cfg.Trace(Trace{At: now, Track: t.index, RTCP: rtcp, Lower: TCP, Channel: channel, Local: nc.LocalAddr(), Remote: nc.RemoteAddr(), Data: b})
	}
	if rtcp {
		t.control(b, now)
		return
	}
	t.packet(b, now)
}

// packet takes an RTP packet whose turn it is.
//
// hot: 0 allocs, 1 lock.
func (t *Track) packet(b []byte, now time.Time) {
	p := rtp.Packet(b)
	if rtp.IsPunch(b) || p.Validate() != nil {
		return
	}
	t.mu.Lock()
	if !t.begun || t.ssrc != p.SSRC() { // its SSRC in the Transport is a hint only (TRN-15); a camera that restarts has another
		t.begin(p.SSRC())
	}
	late := t.late(p.Sequence(), now)
	if !late {
		t.receiver.Received(p.Sequence(), p.Timestamp(), now)
		t.clock.Arrived(p.Timestamp(), now)
	}
	t.mu.Unlock()
	if late {
		return
	}
	t.heard.Store(now.UnixNano())
	t.client.cfg.Packet(Packet{Track: t.index, Data: b, At: now})
}

func (t *Track) begin(ssrc uint32) {
	if t.begun {
		t.clock.Reset()
	}
	t.begun, t.ssrc = true, ssrc
}

// late tells whether a packet is of before a seek.
func (t *Track) late(seq uint16, now time.Time) bool {
	if !t.skip {
		return false
	}
	if now.After(t.until) || !rtp.SeqLess(seq, t.from) {
		t.skip = false
		return false
	}
	return true
}

// expect leaves out what comes before a sequence number, for a while.
func (t *Track) expect(seq uint16) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.skip, t.from, t.until = true, seq, time.Now().Add(seekMemory)
}

// control takes a compound RTCP packet.
func (t *Track) control(b []byte, now time.Time) {
	if rtp.ValidateCompound(b) != nil {
		return
	}
	t.mu.Lock()
	for p := range rtp.Packets(b) {
		if sr, ok := p.SenderReport(); ok {
			t.receiver.SenderReport(sr.NTP, now)
			t.clock.Reported(sr, now)
		}
	}
	t.mu.Unlock()
	t.client.cfg.Packet(Packet{Track: t.index, RTCP: true, Data: b, At: now})
}

// report appends a receiver report; nothing while nothing has come since the last.
func (t *Track) report(b []byte, ssrc uint32, now time.Time) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.receiver.Packets(); n == 0 || n == t.reported {
		return b
	}
	t.reported = t.receiver.Packets()
	block := t.receiver.Report(now)
	block.SSRC = t.ssrc
	return rtp.AppendCNAME(rtp.AppendReceiverReport(b, ssrc, block), ssrc, t.client.cfg.UserAgent)
}

// send writes a packet to the server.
func (t *Track) send(b []byte, rtcp bool) error {
	if t.client.cfg.Trace != nil {
		t.trace(b, rtcp)
	}
	if t.pair != nil {
		return t.pair.send(b, rtcp)
	}
	channel := t.channel
	if rtcp {
		channel = t.rtcp
	}
	return t.client.conn.write(func(buf []byte) []byte { return rtsp.AppendFrame(buf, channel, b) })
}

func (t *Track) trace(b []byte, rtcp bool) {
	nc := t.client.conn.nc
	tr := Trace{At: time.Now(), Sent: true, Track: t.index, RTCP: rtcp, Lower: t.lower, Channel: t.channel, Local: nc.LocalAddr(), Remote: nc.RemoteAddr(), Data: b}
	if t.pair != nil {
		tr.Local, tr.Remote = t.pair.of(rtcp).conn.LocalAddr(), net.UDPAddrFromAddrPort(t.pair.of(rtcp).peer())
	} else if rtcp {
		tr.Channel = t.rtcp
	}
	t.client.cfg.Trace(tr)
}

func (t *Track) close() {
	if t == nil {
		return
	}
	if t.pair != nil {
		t.pair.close()
		return
	}
	t.unbind()
}

// host is the address that media has to come from; the zero Addr when it is not known.
func host(a net.Addr) netip.Addr {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}
