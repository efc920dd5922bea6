package relay_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	stdnet "net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/relay"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/internal/simnet"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/rtsptest"
	"github.com/baton-rtsp/baton/sdp"
)

const recorder = "192.0.2.51"

// A hall shows what one source has to each viewer.
type hall struct {
	viewers *relay.Viewers
	source  relay.Config
}

func (h *hall) Open(ctx context.Context, r *rtspserver.Request) (rtspserver.Presentation, error) {
	return h.viewers.Open(ctx, r, []relay.Config{h.source})
}

func (h *hall) Publish(context.Context, *rtspserver.Request, *sdp.Session) (*rtspserver.Publication, error) {
	return nil, errors.New("nothing is published here")
}

// A firewalled is a recorder whose network may drop UDP, one viewer's connection, and what was told of falling back.
type firewalled struct {
	*servertest.World
	rtsptest.Camera
	viewer *servertest.Client
	told   atomic.Int32
	sets   atomic.Int32 // SETUPs until now
}

// behind runs body with a viewer of a recorder: each of its sessions counts its packets from 1000 times its number on.
func behind(t *testing.T, drops bool, lowers []rtspclient.Lower, body func(t *testing.T, f *firewalled)) {
	behindWith(t, 4, drops, lowers, body)
}

// behindMany is behind where nothing is dropped, with room for so many viewers.
func behindMany(t *testing.T, viewers int, body func(t *testing.T, f *firewalled)) {
	behindWith(t, viewers, false, nil, body)
}

func behindWith(t *testing.T, viewers int, drops bool, lowers []rtspclient.Lower, body func(t *testing.T, f *firewalled)) {
	h := &hall{viewers: relay.NewViewers(viewers)}
	servertest.InMemory(t, func(cfg *rtspserver.Config) { cfg.Handler = h }, func(t *testing.T, w *servertest.World) {
		f := &firewalled{World: w}
		f.Description = strings.Replace(rtsptest.Video, "a=control:*", "a=range:npt=0-60\r\na=control:*", 1)
		f.ListenPair = func() (rtsptest.PacketConn, rtsptest.PacketConn, error) { return pair(w.Net, recorder) }
		f.Answer = func(req *rtsp.Request, resp *rtsp.Response) {
			switch req.Method {
			case rtsp.MethodSetup:
				f.sets.Add(1)
			case rtsp.MethodPlay:
				resp.Header.Set("Range", req.Header.Get("Range"))
				resp.Header.Set("RTP-Info", fmt.Sprintf("url=%s/trackID=0;seq=%d;rtptime=0", strings.TrimSuffix(req.URI, "/"), 1000*f.sets.Load()))
			}
		}
		ln, err := w.Net.Listen(recorder + ":554")
		if err != nil {
			t.Fatal(err)
		}
		f.Serve(ln)
		if drops {
			w.Net.SetLink(recorder, servertest.ServerHost, simnet.Link{Loss: 1})
		}
		h.source = relay.Config{URL: "rtsp://" + recorder + "/film", Logger: slog.New(slog.DiscardHandler), Client: rtspclient.Config{
			Lowers: lowers, Patience: 2 * time.Second,
			Dial: func(ctx context.Context, u *rtsp.URL) (stdnet.Conn, error) {
				return w.Net.Dial(ctx, servertest.ServerHost, u.Hostname()+":554")
			},
			ListenPair: func(netip.Addr) (rtspclient.PacketConn, rtspclient.PacketConn, error) {
				return pair(w.Net, servertest.ServerHost)
			},
			FellBack: func(from, to rtspclient.Lower, why error) {
				if from == rtspclient.UDP && to == rtspclient.TCP && errors.Is(why, rtspclient.ErrSilence) {
					f.told.Add(1)
				}
			},
		}}
		f.viewer = w.Dial()
		f.feed(t, body)
		f.viewer.Close()
		w.Server.Close()
		h.viewers.Close()
		f.Camera.Close()
	})
}

// feed sends a packet each 100 ms while body runs.
func (f *firewalled) feed(t *testing.T, body func(t *testing.T, f *firewalled)) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // ends with body
		defer close(stopped)
		for n := uint16(0); ; n++ {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
				p := rtp.AppendHeader(nil, rtp.Header{Marker: true, PayloadType: 96, Sequence: uint16(1000*f.sets.Load()) + n, SSRC: 7})
				f.Send(0, false, append(p, 0x65, 0x88))
			}
		}
	}()
	defer func() { close(stop); <-stopped }()
	body(t, f)
}

// pair opens two sockets of neighbouring ports.
func pair(net *simnet.Network, host string) (*simnet.PacketConn, *simnet.PacketConn, error) {
	for port := 40000; port < 41000; port += 2 {
		a, err := net.ListenPacket(fmt.Sprintf("%s:%d", host, port))
		if err != nil {
			continue
		}
		b, err := net.ListenPacket(fmt.Sprintf("%s:%d", host, port+1))
		return a, b, err
	}
	return nil, nil, errors.New("no free ports")
}

// NAT-04: where the network drops UDP the viewer of a source has it over TCP after a bound, at the position that was asked for, and
// is answered what holds there; the first session is ended. A seek does not wait again.
func TestFallsBackWhenNothingComes(t *testing.T) {
	behind(t, true, []rtspclient.Lower{rtspclient.UDP, rtspclient.TCP}, func(t *testing.T, f *firewalled) {
		lane := f.viewer.Setup("film/trackID=0", "tcp")
		begun := time.Now()
		resp := f.viewer.Do("PLAY", "film", "Range: npt=5-")
		if took := time.Since(begun); resp.Status != rtsp.StatusOK || took != 2*time.Second {
			t.Fatalf("after %v: %v", took, resp.Status)
		}
		if info := resp.Header.Get("RTP-Info"); !strings.Contains(info, "seq=2000") || !strings.HasPrefix(resp.Header.Get("Range"), "npt=5.000-") {
			t.Errorf("answered %v", resp.Header)
		}
		if p := rtp.Packet(lane.RTP(time.Second)); p == nil || p.Sequence() < 2000 {
			t.Errorf("the first packet is %v", p)
		}
		if n := f.Count(rtsp.MethodTeardown); n != 1 || f.told.Load() != 1 {
			t.Errorf("%d TEARDOWNs, told %d times", n, f.told.Load())
		}
		for _, r := range f.Requests() {
			if r.Method == rtsp.MethodPlay && r.Header.Get("Range") != "npt=5.000-" {
				t.Errorf("played from %q", r.Header.Get("Range"))
			}
		}
		f.Wait(time.Second)
		begun = time.Now()
		if resp := f.viewer.Do("PLAY", "film", "Range: npt=9-"); resp.Status != rtsp.StatusOK || time.Since(begun) != 0 {
			t.Errorf("a seek: %v after %v", resp.Status, time.Since(begun))
		}
	})
}

// Where UDP comes through it stays, and the first packet ends the wait; where nothing else may be tried nothing waits.
func TestStaysWithWhatWorks(t *testing.T) {
	for name, test := range map[string]struct {
		drops  bool
		lowers []rtspclient.Lower
		took   time.Duration
	}{
		"UDP comes":  {false, []rtspclient.Lower{rtspclient.UDP, rtspclient.TCP}, 100 * time.Millisecond},
		"UDP alone":  {true, []rtspclient.Lower{rtspclient.UDP}, 0},
		"TCP before": {true, []rtspclient.Lower{rtspclient.TCP, rtspclient.UDP}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			behind(t, test.drops, test.lowers, func(t *testing.T, f *firewalled) {
				f.viewer.Setup("film/trackID=0", "tcp")
				begun := time.Now()
				resp := f.viewer.Do("PLAY", "film")
				if took := time.Since(begun); resp.Status != rtsp.StatusOK || took > test.took {
					t.Errorf("after %v: %v", took, resp.Status)
				}
				f.Wait(5 * time.Second)
				if n := f.Count(rtsp.MethodSetup); n != 1 || f.told.Load() != 0 {
					t.Errorf("%d SETUPs, told %d times", n, f.told.Load())
				}
			})
		})
	}
}

// A source that is gone when it is asked again is told as gone, and a viewer that leaves meanwhile leaves nothing behind.
func TestSourceGoneWhileFallingBack(t *testing.T) {
	lowers := []rtspclient.Lower{rtspclient.UDP, rtspclient.TCP}
	behind(t, true, lowers, func(t *testing.T, f *firewalled) {
		f.viewer.Setup("film/trackID=0", "tcp")
		f.viewer.Request("PLAY", "film")
		f.Wait(time.Second)
		f.Camera.Close()
		if resp, err := f.viewer.TryResponse(); err == nil && resp.Status == rtsp.StatusOK {
			t.Errorf("answered %v", resp.Status)
		}
	})
	behind(t, true, lowers, func(t *testing.T, f *firewalled) {
		f.viewer.Setup("film/trackID=0", "tcp")
		f.viewer.Request("PLAY", "film")
		f.Wait(time.Second)
		f.viewer.Close()
		f.Wait(20 * time.Second)
		if n := f.Playing(); n != 0 {
			t.Errorf("%d sessions play for nobody", n)
		}
	})
}
