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
)

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
	cfg  PublishConfig
	conn *conn

	udp, rtcp *net.UDPConn // nil: interleaved
	to        *net.UDPAddr

	seq   uint16
	ts    uint32
	buf   []byte // of frames that have not gone out
	piece []byte
}

func publishOne(ctx context.Context, cfg PublishConfig) error {
	c, err := dial(ctx, cfg.URL)
	if err != nil {
		return err
	}
	defer c.Close()
	p := &publisher{cfg: cfg, conn: c, seq: 1}
	err = p.record()
	if p.udp != nil {
		defer p.udp.Close()
		defer p.rtcp.Close()
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
	begun := time.Now()
	frame := time.Second / time.Duration(cfg.Rate)
	for n := 0; ; n++ {
		at := begun.Add(time.Duration(n) * frame)
		if sleep(ctx, time.Until(at)) != nil {
			return nil
		}
		if err := p.picture(ctx, n, at); err != nil {
			return err
		}
	}
}

// record announces the presentation and begins.
func (p *publisher) record() error {
	url := p.cfg.URL
	if _, err := p.conn.do(rtsp.MethodAnnounce, url, rtsp.Header{{Name: "Content-Type", Value: "application/sdp"}}, description, nil); err != nil {
		return err
	}
	transport := "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record"
	if p.cfg.UDP {
		var err error
		if p.udp, p.rtcp, err = listenPair(p.conn.LocalAddr().(*net.TCPAddr).IP); err != nil {
			return err
		}
		port := p.udp.LocalAddr().(*net.UDPAddr).Port
		transport = fmt.Sprintf("RTP/AVP;unicast;client_port=%d-%d;mode=record", port, port+1)
	}
	if err := p.setUp(transport); err != nil {
		return err
	}
	_, err := p.conn.do(rtsp.MethodRecord, url, rtsp.Header{{Name: "Range", Value: "npt=0-"}}, "", nil)
	return err
}

// setUp asks for a transport, and learns where packets have to go.
func (p *publisher) setUp(transport string) error {
	resp, err := p.conn.do(rtsp.MethodSetup, rtsp.ResolveControl(p.cfg.URL, "trackID=0"), rtsp.Header{{Name: "Transport", Value: transport}}, "", nil)
	if err != nil || !p.cfg.UDP {
		return err
	}
	got, err := rtsp.ParseTransports(resp.Header.Values("Transport"))
	if err != nil || len(got) == 0 || !got[0].ServerPort.Set {
		return fmt.Errorf("no server_port: %w", err)
	}
	p.to = &net.UDPAddr{IP: p.conn.RemoteAddr().(*net.TCPAddr).IP, Port: int(got[0].ServerPort.RTP)}
	return nil
}

// picture sends the nth picture, which is due at a time. A key picture is four times as large as others are on average.
func (p *publisher) picture(ctx context.Context, n int, at time.Time) error {
	size := int(p.cfg.BitRate / 8 / float64(p.cfg.Rate))
	nal := byte(0x41)
	if n%p.cfg.GOP == 0 {
		nal, size = 0x65, 4*size
		for _, set := range [...]string{sps, pps} {
			b, _ := hex.DecodeString(set)
			p.add(b, false)
		}
	} else if p.cfg.GOP > 4 {
		size = size * (p.cfg.GOP - 4) / (p.cfg.GOP - 1)
	}
	for left := size; left > 0; {
		k := max(min(left, p.cfg.Packet-rtp.HeaderSize-2), 2+stampSize)
		p.piece = p.fragment(p.piece[:0], nal, k, left == size, left <= k)
		p.add(p.piece, left <= k)
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
	p.ts += uint32(90000 / p.cfg.Rate)
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
func (p *publisher) add(payload []byte, marker bool) {
	size := rtp.HeaderSize + len(payload)
	if p.udp == nil {
		p.buf = append(p.buf, '$', 0, byte(size>>8), byte(size))
	}
	p.buf = rtp.AppendHeader(p.buf, rtp.Header{Marker: marker, PayloadType: 96, Sequence: p.seq, Timestamp: p.ts, SSRC: 0x10ad})
	p.buf = append(p.buf, payload...)
	p.seq++
	if p.udp != nil {
		p.udp.WriteToUDP(p.buf, p.to) // what the network does not take is lost
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
