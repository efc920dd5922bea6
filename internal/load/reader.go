package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
)

// A reader plays one URL. What is not atomic belongs to the goroutine that drains it until that has ended.
type reader struct {
	conn  *conn
	media net.Conn   // the connection, or the socket of RTP
	audio net.Conn   // the socket of a second track; nil: there is none, or it is interleaved
	open  []net.Conn // sockets of RTCP, kept open so that reports to them are not refused
	looks bool       // into what comes

	setUp  time.Duration // from connecting to the response to PLAY
	played time.Time     // when PLAY was sent
	bytes  atomic.Int64
	first  atomic.Int64 // when the first byte came, in nanoseconds behind played
	gone   atomic.Bool  // the server has closed the connection

	// of readers that look
	view view
}

// newReader sets a session up for the first tracks of what is behind a door, and plays it.
func newReader(ctx context.Context, d door, tracks int, udp, looks bool) (*reader, error) {
	begun := time.Now()
	c, url, err := d.open(ctx)
	if err != nil {
		return nil, err
	}
	r := &reader{conn: c, media: c, looks: looks}
	if err := r.play(url, tracks, udp); err != nil {
		r.close()
		return nil, err
	}
	r.setUp = time.Since(begun)
	return r, nil
}

func (r *reader) play(url string, tracks int, udp bool) error {
	resp, err := r.conn.do(rtsp.MethodDescribe, url, rtsp.Header{{Name: "Accept", Value: "application/sdp"}}, "", nil)
	if err != nil {
		return err
	}
	base := resp.Header.Get("Content-Base")
	if base == "" {
		base = url
	}
	desc, err := sdp.Parse(resp.Body)
	if err != nil {
		return err
	}
	if len(desc.Media) < tracks {
		return fmt.Errorf("%d tracks are described", len(desc.Media))
	}
	for i := range tracks {
		if err := r.setTrack(i, rtsp.ResolveControl(base, desc.Media[i].Control()), udp); err != nil {
			return err
		}
	}
	r.played = time.Now()
	_, err = r.conn.do(rtsp.MethodPlay, base, rtsp.Header{{Name: "Range", Value: "npt=0-"}}, "", r.early)
	return err
}

// setTrack sets one track up.
func (r *reader) setTrack(i int, url string, udp bool) error {
	transport := fmt.Sprintf("RTP/AVP/TCP;unicast;interleaved=%d-%d", 2*i, 2*i+1)
	if udp {
		media, rtcp, err := listenPair(r.conn.LocalAddr().(*net.TCPAddr).IP)
		if err != nil {
			return err
		}
		r.open = append(r.open, rtcp)
		media.SetReadBuffer(1 << 20) // room for a group of pictures
		if i == 0 {
			r.media = media
		} else {
			r.audio = media
		}
		port := media.LocalAddr().(*net.UDPAddr).Port
		transport = fmt.Sprintf("RTP/AVP;unicast;client_port=%d-%d", port, port+1)
	}
	resp, err := r.conn.do(rtsp.MethodSetup, url, rtsp.Header{{Name: "Transport", Value: transport}}, "", nil)
	if err != nil {
		return err
	}
	if !udp || i > 0 || !r.conn.RemoteAddr().(*net.TCPAddr).IP.IsLoopback() { // what a camera says there is a hint only
		return nil
	}
	if got, err := rtsp.ParseTransports(resp.Header.Values("Transport")); err == nil && len(got) > 0 && len(got[0].SSRC) == 1 {
		r.view.ssrc, r.view.known = got[0].SSRC[0], true
	}
	return nil
}

// early takes a frame that came before the response to PLAY.
func (r *reader) early(channel uint8, b []byte) {
	if channel == 0 {
		r.came(len(b), time.Now())
		r.view.packet(b, time.Now(), r.played)
	}
}

// came counts bytes.
func (r *reader) came(n int, now time.Time) {
	if r.bytes.Add(int64(n)) == int64(n) {
		r.first.Store(max(int64(now.Sub(r.played)), 1))
	}
}

// run drains the reader until it is closed.
func (r *reader) run() {
	if r.audio != nil {
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() { drain(r.audio, func(n int) { r.came(n, time.Now()) }) }) // ends when the reader is closed
	}
	if !r.looks {
		if n := r.conn.read.Buffered(); n > 0 {
			r.came(n, time.Now())
		}
		r.gone.Store(drain(r.media, func(n int) { r.came(n, time.Now()) }) == nil)
		return
	}
	if r.media != r.conn {
		r.datagrams()
		return
	}
	for {
		kind, err := r.conn.read.Next()
		if err != nil {
			r.gone.Store(!errors.Is(err, net.ErrClosed))
			return
		}
		if channel, b := r.conn.read.Frame(); kind == rtsp.KindFrame && channel%2 == 0 {
			now := time.Now()
			r.came(rtsp.FrameHeaderSize+len(b), now)
			if channel == 0 {
				r.view.packet(b, now, r.played)
			}
		}
	}
}

// datagrams looks into what comes over UDP.
func (r *reader) datagrams() {
	b := make([]byte, 64<<10)
	for {
		n, err := r.media.Read(b)
		if err != nil {
			return
		}
		now := time.Now()
		r.came(n, now)
		r.view.packet(b[:n], now, r.played)
	}
}

// close ends the session as a player does that is killed: the server has to notice.
func (r *reader) close() {
	r.media.Close()
	r.conn.Close()
	if r.audio != nil {
		r.audio.Close()
	}
	for _, c := range r.open {
		c.Close()
	}
}

// A view is what a reader that looks has seen.
type view struct {
	mu      sync.Mutex
	packets int
	lost    int
	latency []time.Duration // of packets of the measured time
	measure bool
	key     time.Duration   // from PLAY to the first packet of a key picture; 0: none yet
	offsets []time.Duration // of measured pictures: how much later they came than their timestamp says, from some origin

	ssrc   uint32 // of the track; a port may still get what was for somebody who had it before
	known  bool   // the server has said it
	begun  bool
	last   uint16
	ts     uint32
	origin time.Time     // when the first picture came
	media  time.Duration // from the first picture to the last, by their timestamps
}

// videoRate is that of the timestamps of video.
const videoRate = 90000

// picture notes when a picture begins to come.
func (v *view) picture(ts uint32, now time.Time) {
	if !v.begun {
		v.origin = now
	} else if ts == v.ts {
		return
	} else {
		v.media += time.Duration(int32(ts-v.ts)) * time.Second / videoRate
	}
	v.ts = ts
	if v.measure {
		v.offsets = append(v.offsets, now.Sub(v.origin)-v.media)
	}
}

func (v *view) packet(b rtp.Packet, now, played time.Time) {
	if b.Validate() != nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.known && b.SSRC() != v.ssrc {
		return
	}
	seq, payload := b.Sequence(), b.Payload()
	v.picture(b.Timestamp(), now)
	if v.measure {
		v.packets++
		if gap := seq - v.last - 1; v.begun && gap < 1<<15 {
			v.lost += int(gap)
		}
		if sent, ok := stamped(payload); ok {
			v.latency = append(v.latency, time.Duration(monotonic()-sent))
		}
	}
	v.begun, v.last = true, seq
	if v.key == 0 && isKey(payload) {
		v.key = max(now.Sub(played), 1)
	}
}

// isKey tells whether a payload of H.264 begins or goes on with a key picture (RFC 6184 §5.2, §5.8).
func isKey(b []byte) bool {
	const idr, fragment = 5, 28
	return len(b) > 1 && (b[0]&31 == idr || b[0]&31 == fragment && b[1]&31 == idr)
}
