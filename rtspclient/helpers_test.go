package rtspclient_test

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/internal/simnet"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

const (
	cameraHost = "192.0.2.1"
	clientHost = "192.0.2.10"
	url        = "rtsp://192.0.2.1/stream"
)

// A world is a camera and the network in memory on which a client finds it.
type world struct {
	t   *testing.T
	net *simnet.Network
	cam *rtsptest.Camera
	cfg rtspclient.Config

	mu      sync.Mutex
	packets []rtspclient.Packet
}

// with runs a test against a camera in virtual time, and sees that nothing is left.
func with(t *testing.T, cam *rtsptest.Camera, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, net: simnet.New(nil), cam: cam}
		pair := func(host string) (*simnet.PacketConn, *simnet.PacketConn) {
			a, err := w.net.ListenPacket(host)
			if err != nil {
				t.Fatal(err)
			}
			port := a.LocalAddr().(*net.UDPAddr).AddrPort().Port()
			b, err := w.net.ListenPacket(netip.AddrPortFrom(netip.MustParseAddr(host), port+1).String())
			if err != nil {
				t.Fatal(err)
			}
			return a, b
		}
		if cam.ListenPair == nil {
			cam.ListenPair = func() (rtsptest.PacketConn, rtsptest.PacketConn, error) { a, b := pair(cameraHost); return a, b, nil }
		}
		ln, err := w.net.Listen(cameraHost + ":554")
		if err != nil {
			t.Fatal(err)
		}
		cam.Serve(ln)
		w.cfg = rtspclient.Config{
			Dial: func(ctx context.Context, u *rtsp.URL) (net.Conn, error) {
				return w.net.Dial(ctx, clientHost, u.Hostname()+":554")
			},
			ListenPair: func(netip.Addr) (rtspclient.PacketConn, rtspclient.PacketConn, error) {
				a, b := pair(clientHost)
				return a, b, nil
			},
			Packet: func(p rtspclient.Packet) {
				p.Data = append([]byte(nil), p.Data...)
				w.mu.Lock()
				defer w.mu.Unlock()
				w.packets = append(w.packets, p)
			},
		}
		defer func() {
			cam.Close()
			synctest.Wait()
			if open := w.net.Open(); len(open) > 0 {
				t.Errorf("left open: %q", open)
			}
			w.net.Close()
		}()
		f(t, w)
	})
}

// over is the world's configuration with one lower transport.
func (w *world) over(l rtspclient.Lower) *rtspclient.Config {
	cfg := w.cfg
	cfg.Lowers = []rtspclient.Lower{l}
	return &cfg
}

// play plays over TCP, which needs no packet to have begun.
func (w *world) play() *rtspclient.Client {
	w.t.Helper()
	c, err := rtspclient.Play(w.t.Context(), url, w.over(rtspclient.TCP))
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// came are the sequence numbers of the packets that came, and how many of RTCP.
func (w *world) came() (seqs []uint16, rtcp int) {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.packets {
		if p.RTCP {
			rtcp++
		} else {
			seqs = append(seqs, rtp.Packet(p.Data).Sequence())
		}
	}
	w.packets = nil
	return seqs, rtcp
}

// packet is an RTP packet.
func packet(seq uint16) []byte {
	b := rtp.AppendHeader(nil, rtp.Header{PayloadType: 96, Sequence: seq, Timestamp: uint32(seq) * 900, SSRC: 7})
	return append(b, 0x65, 0x88, 0x80)
}

// wait lets virtual time pass.
func wait(d time.Duration) { time.Sleep(d); synctest.Wait() }

// all are the headers of a kind in the requests of a method.
func (w *world) all(m rtsp.Method, header string) (list []string) {
	for _, r := range w.cam.Requests() {
		if r.Method == m {
			list = append(list, r.Header.Get(header))
		}
	}
	return list
}
