package load

import (
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// PublishConfig says what is published: packets in the shape of H.264, that no decoder is meant to read.
type PublishConfig struct {
	URL     string // "%d" in it becomes the publisher's number
	Paths   int    // publishers; 0 means 1
	UDP     bool
	BitRate float64 // bits a second; 0 means 2e6
	Rate    int     // pictures a second; 0 means 30
	GOP     int     // pictures in a group; 0 means 60
	Packet  int     // bytes of an RTP packet; 0 means 1400
	Pace    bool    // spread the packets of a picture over its time, as some cameras do
	Audio   bool    // a second track in the shape of AAC, of 128 kb/s, whose packets come at times of their own
}

func (c PublishConfig) orDefaults() PublishConfig {
	c.Paths, c.Rate, c.GOP, c.Packet = orDefault(c.Paths, 1), orDefault(c.Rate, 30), orDefault(c.GOP, 60), orDefault(c.Packet, 1400)
	if c.BitRate <= 0 {
		c.BitRate = 2e6
	}
	return c
}

// The description of what is published.
const (
	sps         = "6742c028d900780227e584000003000400000300f03c60c920"
	pps         = "68cb83cb20"
	description = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=load\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n" +
		"a=fmtp:96 packetization-mode=1;profile-level-id=42C028;sprop-parameter-sets=Z0LAKNkAeAIn5YQAAAMABAAAAwDwPGDJIA==,aMuDyyA=\r\n" +
		"a=control:trackID=0\r\n"
	audioDescription = "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 mpeg4-generic/48000/2\r\n" +
		"a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;config=1190;sizelength=13;indexlength=3;indexdeltalength=3\r\n" +
		"a=control:trackID=1\r\n"
)

// An AAC frame of 128 kb/s, with the header of its payload format (RFC 3640 §3.3.6).
const (
	audioRate     = 48000
	audioSamples  = 1024
	audioSize     = 345
	audioInterval = audioSamples * time.Second / audioRate
)

// describe is the SDP of what is published.
func describe(audio bool) string {
	if audio {
		return description + audioDescription
	}
	return description
}

// Publish publishes until ctx ends, which is no error.
func Publish(ctx context.Context, cfg PublishConfig) error {
	cfg = cfg.orDefaults()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	var failed error
	var once sync.Once
	for i := range cfg.Paths {
		all.Go(func() { // ends with ctx, or when one fails
			c := cfg
			if strings.Contains(c.URL, "%d") {
				c.URL = fmt.Sprintf(c.URL, i)
			}
			// Not all pictures at one instant.
			if sleep(ctx, time.Second*time.Duration(i)/time.Duration(c.Rate*c.Paths)) != nil {
				return
			}
			if err := publishOne(ctx, c); err != nil && ctx.Err() == nil {
				once.Do(func() { failed = fmt.Errorf("%s: %w", c.URL, err) })
				cancel(err)
			}
		})
	}
	all.Wait()
	return failed
}

// A publisher publishes one presentation.
type publisher struct {
	cfg    PublishConfig
	conn   *conn
	tracks []*outgoing // video, audio

	buf   []byte // of frames that have not gone out
	piece []byte
}

// An outgoing is one track.
type outgoing struct {
	payloadType, channel uint8

	udp, rtcp *net.UDPConn // nil: interleaved
	to        *net.UDPAddr

	seq uint16
	ts  uint32
}

func (t *outgoing) close() {
	if t.udp != nil {
		t.udp.Close()
		t.rtcp.Close()
	}
}

func publishOne(ctx context.Context, cfg PublishConfig) error {
	c, err := dial(ctx, cfg.URL)
	if err != nil {
		return err
	}
	defer c.Close()
	p := &publisher{cfg: cfg, conn: c}
	err = p.record()
	for _, t := range p.tracks {
		defer t.close()
	}
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer c.Close()
	wg.Go(func() { // reports of the server; ends when the connection is closed
		for {
			if _, err := c.read.Next(); err != nil {
				return
			}
		}
	})
	return p.run(ctx)
}

// run sends what is due until ctx ends.
func (p *publisher) run(ctx context.Context) error {
	begun := time.Now()
	frame := time.Second / time.Duration(p.cfg.Rate)
	for pictures, sounds := 0, 0; ; {
		at, sound := begun.Add(time.Duration(pictures)*frame), begun.Add(time.Duration(sounds)*audioInterval)
		if p.cfg.Audio && sound.Before(at) {
			if sleep(ctx, time.Until(sound)) != nil {
				return nil
			}
			sounds++
			if err := p.sound(); err != nil {
				return err
			}
			continue
		}
		if sleep(ctx, time.Until(at)) != nil {
			return nil
		}
		if err := p.picture(ctx, pictures, at); err != nil {
			return err
		}
		pictures++
	}
}

// record announces the presentation and begins.
func (p *publisher) record() error {
	url := p.cfg.URL
	if _, err := p.conn.do(rtsp.MethodAnnounce, url, rtsp.Header{{Name: "Content-Type", Value: "application/sdp"}}, describe(p.cfg.Audio), nil); err != nil {
		return err
	}
	p.tracks = []*outgoing{{payloadType: 96, seq: 1}}
	if p.cfg.Audio {
		p.tracks = append(p.tracks, &outgoing{payloadType: 97, channel: 2, seq: 1})
	}
	for i, t := range p.tracks {
		if err := p.setUp(t, fmt.Sprintf("trackID=%d", i)); err != nil {
			return err
		}
	}
	_, err := p.conn.do(rtsp.MethodRecord, url, rtsp.Header{{Name: "Range", Value: "npt=0-"}}, "", nil)
	return err
}

// setUp asks for a transport, and learns where packets have to go.
func (p *publisher) setUp(t *outgoing, control string) error {
	transport := fmt.Sprintf("RTP/AVP/TCP;unicast;interleaved=%d-%d;mode=record", t.channel, t.channel+1)
	if p.cfg.UDP {
		var err error
		if t.udp, t.rtcp, err = listenPair(p.conn.LocalAddr().(*net.TCPAddr).IP); err != nil {
			return err
		}
		port := t.udp.LocalAddr().(*net.UDPAddr).Port
		transport = fmt.Sprintf("RTP/AVP;unicast;client_port=%d-%d;mode=record", port, port+1)
	}
	resp, err := p.conn.do(rtsp.MethodSetup, rtsp.ResolveControl(p.cfg.URL, control), rtsp.Header{{Name: "Transport", Value: transport}}, "", nil)
	if err != nil || !p.cfg.UDP {
		return err
	}
	got, err := rtsp.ParseTransports(resp.Header.Values("Transport"))
	if err != nil || len(got) == 0 || !got[0].ServerPort.Set {
		return fmt.Errorf("no server_port: %w", err)
	}
	t.to = &net.UDPAddr{IP: p.conn.RemoteAddr().(*net.TCPAddr).IP, Port: int(got[0].ServerPort.RTP)}
	return nil
}

// sound sends one packet of audio.
func (p *publisher) sound() error {
	t := p.tracks[1]
	p.piece = append(p.piece[:0], 0, 16, byte((audioSize-4)>>5), byte((audioSize-4)<<3&0xf8))
	p.piece = appendStamp(p.piece, monotonic())
	for i := len(p.piece); i < audioSize; i++ {
		p.piece = append(p.piece, byte(0x55+i%97))
	}
	p.add(t, p.piece, true)
	t.ts += audioSamples
	return p.flush()
}

// size is that of the nth picture in bytes. A key picture is four times as large as pictures are on average.
func (c *PublishConfig) size(n int) int {
	mean := int(c.BitRate / 8 / float64(c.Rate))
	switch {
	case n%c.GOP == 0:
		return 4 * mean
	case c.GOP > 4:
		return mean * (c.GOP - 4) / (c.GOP - 1)
	}
	return mean
}

// picture sends the nth picture, which is due at a time.
func (p *publisher) picture(ctx context.Context, n int, at time.Time) error {
	size, nal := p.cfg.size(n), byte(0x41)
	if n%p.cfg.GOP == 0 {
		nal = 0x65
		for _, set := range [...]string{sps, pps} {
			b, _ := hex.DecodeString(set)
			p.add(p.tracks[0], b, false)
		}
	}
	for left := size; left > 0; {
		k := max(min(left, p.cfg.Packet-rtp.HeaderSize-2), 2+stampSize)
		p.piece = p.fragment(p.piece[:0], nal, k, left == size, left <= k)
		p.add(p.tracks[0], p.piece, left <= k)
		if left -= k; p.cfg.Pace && left > 0 {
			if err := p.flush(); err != nil {
				return err
			}
			done := float64(size-left) / float64(size)
			if sleep(ctx, time.Until(at.Add(time.Duration(.9*done*float64(time.Second)/float64(p.cfg.Rate))))) != nil {
				return nil
			}
		}
	}
	p.tracks[0].ts += uint32(videoRate / p.cfg.Rate)
	return p.flush()
}

// fragment appends the payload of a fragment of a NAL unit (RFC 6184 §5.8), of n bytes behind its two of header.
func (p *publisher) fragment(b []byte, nal byte, n int, first, last bool) []byte {
	const fragmentation, start, end = 28, 0x80, 0x40
	header := nal & 31
	if first {
		header |= start
	}
	if last {
		header |= end
	}
	b = appendStamp(append(b, nal&0x60|fragmentation, header), monotonic())
	for i := len(b); i < n+2; i++ {
		b = append(b, byte(0x55+i%97))
	}
	return b
}

// add makes a packet of a payload.
func (p *publisher) add(t *outgoing, payload []byte, marker bool) {
	size := rtp.HeaderSize + len(payload)
	if t.udp == nil {
		p.buf = append(p.buf, '$', t.channel, byte(size>>8), byte(size))
	}
	p.buf = rtp.AppendHeader(p.buf, rtp.Header{Marker: marker, PayloadType: t.payloadType, Sequence: t.seq, Timestamp: t.ts, SSRC: 0x10ad + uint32(t.channel)})
	p.buf = append(p.buf, payload...)
	t.seq++
	if t.udp != nil {
		t.udp.WriteToUDP(p.buf, t.to) // what the network does not take is lost
		p.buf = p.buf[:0]
	}
}

// flush writes what goes over the connection.
func (p *publisher) flush() error {
	if len(p.buf) == 0 {
		return nil
	}
	_, err := p.conn.Write(p.buf)
	p.buf = p.buf[:0]
	return err
}
