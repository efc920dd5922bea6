package paths_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/paths"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtsptest"
)

// A recorder answers PLAY with what was asked for, and seeks.
type recorder struct {
	rtsptest.Camera
	mu  sync.Mutex
	seq uint16 // of the next packet
}

func newRecorder(t *testing.T, w *servertest.World) *recorder {
	t.Helper()
	r := &recorder{seq: 100}
	r.Description = strings.Replace(rtsptest.Video, "a=control:*", "a=range:npt=0-60\r\na=control:*", 1)
	r.Answer = func(req *rtsp.Request, resp *rtsp.Response) {
		r.mu.Lock()
		defer r.mu.Unlock()
		switch req.Method {
		case rtsp.MethodPlay:
			if asked := req.Header.Get("Range"); asked == "npt=99.000-" {
				resp.Status = rtsp.StatusInvalidRange
				return
			} else if asked != "" {
				resp.Header.Set("Range", asked+"60.000")
			}
			if scale := req.Header.Get("Scale"); scale != "" {
				resp.Header.Set("Scale", scale)
			}
			resp.Header.Set("RTP-Info", fmt.Sprintf("url=%s/trackID=0;seq=%d;rtptime=%d", strings.TrimSuffix(req.URI, "/"), r.seq, 1000*int(r.seq)))
		case rtsp.MethodPause:
			resp.Header.Set("Range", "npt=7-")
		}
	}
	ln, err := w.Net.Listen(camera + ":554")
	if err != nil {
		t.Fatal(err)
	}
	r.Serve(ln)
	return r
}

// play sends one packet.
func (r *recorder) play() {
	r.mu.Lock()
	seq := r.seq
	r.seq++
	r.mu.Unlock()
	p := rtp.AppendHeader(nil, rtp.Header{Marker: true, PayloadType: 96, Sequence: seq, Timestamp: 1000 * uint32(seq), SSRC: 7})
	r.Send(0, false, append(p, 0x65, 0x88))
}

// replay gives all paths below nvr a source for each viewer.
func replay(path string, s *config.PathSettings) {
	if name, ok := strings.CutPrefix(path, "nvr/"); ok {
		s.Source, s.PerViewer = config.Sources("rtsp://admin:secret@"+camera+"/replay/"+name), true
	}
}

// A viewer's PLAY, PAUSE, Range and Scale reach the source, its answers the viewer; each viewer has a session of its own.
func TestEachViewerHasASessionWithTheSource(t *testing.T) {
	serveWith(t, paths.Config{}, replay, func(t *testing.T, w *servertest.World, _ *paths.Paths) {
		r := newRecorder(t, w)
		defer r.Close()
		c := w.Dial()
		defer c.Close()
		d := must(t, c, rtsp.MethodDescribe, "nvr/ch1?at=noon")
		if !strings.Contains(string(d.Body), "a=range:npt=0-60") || strings.Contains(string(d.Body), camera) {
			t.Errorf("described as\n%s", d.Body)
		}
		lane := c.Setup("nvr/ch1/trackID=0?at=noon", "tcp")
		resp := must(t, c, rtsp.MethodPlay, "nvr/ch1?at=noon", "Range: npt=5-", "Scale: 2")
		if resp.Header.Get("Range") != "npt=5.000-60.000" || resp.Header.Get("Scale") != "2.0" || !strings.Contains(resp.Header.Get("RTP-Info"), "seq=100;rtptime=100000") {
			t.Errorf("played: %v", resp.Header)
		}
		r.play()
		first := rtp.Packet(lane.RTP(time.Second))
		if first == nil || first.Sequence() != 100 || first.Timestamp() != 100000 || first.SSRC() == 7 {
			t.Fatalf("the first packet is %v", first)
		}
		if resp := must(t, c, rtsp.MethodPause, "nvr/ch1?at=noon"); resp.Header.Get("Range") != "npt=7.000-" {
			t.Errorf("paused: %v", resp.Header)
		}
		if resp := c.Do(string(rtsp.MethodPlay), "nvr/ch1?at=noon", "Range: npt=99-"); resp.Status != rtsp.StatusInvalidRange {
			t.Errorf("a range that the source refuses: %v", resp.Status)
		}
		second := w.Dial()
		defer second.Close()
		must(t, second, rtsp.MethodDescribe, "nvr/ch1?token=canary")
		second.Setup("nvr/ch1/trackID=0?token=canary", "tcp")
		must(t, second, rtsp.MethodPlay, "nvr/ch1?token=canary")
		if n := r.Count(rtsp.MethodSetup); n != 2 {
			t.Errorf("%d sessions with the source, for two viewers", n)
		}
		for i, want := range []string{"rtsp://" + camera + "/replay/ch1?at=noon", "rtsp://" + camera + "/replay/ch1"} {
			if got := described(&r.Camera)[i]; got != want {
				t.Errorf("viewer %d asks for %s, want %s", i, got, want)
			}
		}
		must(t, c, rtsp.MethodTeardown, "nvr/ch1?at=noon")
		w.Wait(time.Second)
		if n := r.Count(rtsp.MethodTeardown); n != 1 {
			t.Errorf("%d TEARDOWNs reach the source", n)
		}
	})
}

// must makes a request that succeeds.
func must(t *testing.T, c *servertest.Client, method rtsp.Method, path string, headers ...string) *servertest.Response {
	t.Helper()
	resp := c.Do(string(method), path, headers...)
	if resp.Status != rtsp.StatusOK {
		t.Fatalf("%s %s: %v", method, path, resp.Status)
	}
	return resp
}

func described(cam *rtsptest.Camera) (list []string) {
	for _, req := range cam.Requests() {
		if req.Method == rtsp.MethodDescribe {
			list = append(list, req.URI)
		}
	}
	return list
}

// What was on its way before a seek is not shown behind the answer to it.
func TestSeekForgetsWhatCameBefore(t *testing.T) {
	serveWith(t, paths.Config{}, replay, func(t *testing.T, w *servertest.World, _ *paths.Paths) {
		r := newRecorder(t, w)
		defer r.Close()
		c := w.Dial()
		defer c.Close()
		lane := c.Setup("nvr/ch1/trackID=0", "tcp")
		must(t, c, rtsp.MethodPlay, "nvr/ch1")
		r.play()
		if p := rtp.Packet(lane.RTP(time.Second)); p == nil || p.Sequence() != 100 {
			t.Fatalf("the first packet is %v", p)
		}
		must(t, c, rtsp.MethodPause, "nvr/ch1")
		r.mu.Lock()
		r.seq = 5000
		r.mu.Unlock()
		if resp := must(t, c, rtsp.MethodPlay, "nvr/ch1", "Range: npt=30-"); !strings.Contains(resp.Header.Get("RTP-Info"), "seq=5000;") {
			t.Errorf("RTP-Info %q", resp.Header.Get("RTP-Info"))
		}
		r.play()
		if p := rtp.Packet(lane.RTP(time.Second)); p == nil || p.Sequence() != 5000 {
			t.Errorf("behind the seek comes %v", p)
		}
	})
}

// The end of the range ends what is played, and the session can play again; a source that goes away ends the session.
func TestTheSourceEnds(t *testing.T) {
	serveWith(t, paths.Config{}, replay, func(t *testing.T, w *servertest.World, _ *paths.Paths) {
		r := newRecorder(t, w)
		defer r.Close()
		c := w.Dial()
		defer c.Close()
		c.Setup("nvr/ch1/trackID=0", "tcp")
		must(t, c, rtsp.MethodPlay, "nvr/ch1")
		r.Send(0, true, rtp.AppendBye(rtp.AppendReceiverReport(nil, 7), "end", 7))
		w.Wait(time.Second)
		if resp := c.Do(string(rtsp.MethodPlay), "nvr/ch1", "Range: npt=0-"); resp.Status != rtsp.StatusOK {
			t.Errorf("after the end: %v", resp.Status)
		}
		r.Drop()
		w.Wait(time.Second)
		if n := w.Server.Stats().Sessions; n != 0 {
			t.Errorf("%d sessions of a source that is gone", n)
		}
	})
}

// A source that comes to its end while it refuses a seek has come to its end, and the viewer hears of it at once.
func TestTheSourceEndsWhileItRefuses(t *testing.T) {
	serveWith(t, paths.Config{}, replay, func(t *testing.T, w *servertest.World, _ *paths.Paths) {
		r := newRecorder(t, w)
		defer r.Close()
		answer := r.Answer
		r.Answer = func(req *rtsp.Request, resp *rtsp.Response) {
			if answer(req, resp); resp.Status == rtsp.StatusInvalidRange {
				r.Send(0, true, rtp.AppendBye(rtp.AppendReceiverReport(nil, 7), "end", 7))
				time.Sleep(time.Second) // of virtual time: it is known by then
			}
		}
		c := w.Dial()
		defer c.Close()
		lane := c.Setup("nvr/ch1/trackID=0", "tcp")
		must(t, c, rtsp.MethodPlay, "nvr/ch1")
		r.play()
		w.Wait(time.Second)
		if resp := c.Do(string(rtsp.MethodPlay), "nvr/ch1", "Range: npt=99-"); resp.Status != rtsp.StatusInvalidRange {
			t.Fatalf("a range that the source refuses: %v", resp.Status)
		}
		refused := time.Now()
		if at, ok := bye(lane, 10*time.Second); !ok || at.Sub(refused) > 10*time.Millisecond {
			t.Errorf("the viewer hears of it: %v, after %v", ok, at.Sub(refused))
		}
	})
}

// A source that wants a password that it does not get, or is not there, is refused in words that tell a viewer nothing more.
func TestTheSourceRefuses(t *testing.T) {
	serveWith(t, paths.Config{}, replay, func(t *testing.T, w *servertest.World, _ *paths.Paths) {
		c := w.Dial()
		defer c.Close()
		if resp := c.Do(string(rtsp.MethodDescribe), "nvr/ch1"); resp.Status != rtsp.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
			t.Errorf("not there: %v", resp)
		}
		r := newRecorder(t, w)
		defer r.Close()
		r.User, r.Password = "admin", "other"
		resp := c.Do(string(rtsp.MethodDescribe), "nvr/ch1")
		if resp.Status != rtsp.StatusBadGateway || resp.Reason != "Source Refuses" || resp.Header.Has("WWW-Authenticate") {
			t.Errorf("a wrong password: %v", resp)
		}
	})
}
