package paths_test

import (
	"bytes"
	"log/slog"
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

const (
	camera = "192.0.2.51"
	backup = "192.0.2.52"
)

// from gives the path cam a source.
func from(sources string, onDemand bool) func(string, *config.PathSettings) {
	return func(path string, s *config.PathSettings) {
		if path == "cam" {
			s.Source, s.OnDemand, s.Transport = config.Sources(sources), onDemand, config.TransportTCP
		}
	}
}

// run starts a camera that sends a key picture every 100 ms.
func run(t *testing.T, w *servertest.World, host string, cam *rtsptest.Camera) (stop func()) {
	t.Helper()
	ln, err := w.Net.Listen(host + ":554")
	if err != nil {
		t.Fatal(err)
	}
	cam.Serve(ln)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // ends with stop
		for n := uint16(0); ; n++ {
			select {
			case <-done:
				return
			case <-time.After(100 * time.Millisecond):
				p := rtp.AppendHeader(nil, rtp.Header{Marker: true, PayloadType: 96, Sequence: n, Timestamp: uint32(n) * 9000, SSRC: 7})
				cam.Send(0, false, append(p, 0x65, 0x88, host[len(host)-1]))
			}
		}
	})
	return sync.OnceFunc(func() {
		close(done)
		wg.Wait()
		cam.Close()
	})
}

// next is the next packet of a slice.
func next(lane *servertest.Lane, patience time.Duration) rtp.Packet {
	for p := rtp.Packet(lane.RTP(patience)); p != nil; p = lane.RTP(patience) {
		if p.Payload()[0] == 0x65 {
			return p
		}
	}
	return nil
}

// A source that is pulled all the time plays for whoever comes. It is lost and comes back: readers stay, and see neither their
// sequence numbers nor their timestamps jump.
func TestSourceIsPulledAndComesBack(t *testing.T) {
	var log bytes.Buffer
	cfg := paths.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}
	serveWith(t, cfg, from("rtsp://admin:secret@"+camera+"/x", false), func(t *testing.T, w *servertest.World, names *paths.Paths) {
		cam := &rtsptest.Camera{User: "admin", Password: "secret"}
		stop := run(t, w, camera, cam)
		defer stop()
		names.Pull("cam")
		w.Wait(time.Second)
		c := w.Dial()
		defer c.Close()
		lane := c.Watch("cam", "tcp", 1)[0]
		before := next(lane, time.Second)
		if before == nil {
			t.Fatal("nothing comes")
		}
		for range 5 {
			before = next(lane, time.Second)
		}
		cam.Drop()
		begun := time.Now()
		var after rtp.Packet
		for p := rtp.Packet(lane.RTP(5 * time.Second)); p != nil; p = lane.RTP(5 * time.Second) {
			if after = p; time.Since(begun) > 300*time.Millisecond && p.Payload()[0] == 0x65 {
				break
			}
			before = p
		}
		if after == nil || after.Sequence()-before.Sequence() > 10 || after.SSRC() != before.SSRC() || after.Timestamp()-before.Timestamp() > 3*90000 {
			t.Fatalf("before %v, after %v", before, after)
		}
		if d := time.Since(begun); d > 1200*time.Millisecond {
			t.Errorf("back after %v", d)
		}
		stop()
		w.Wait(8 * time.Second)
	})
	for _, want := range []string{"source plays", "source is gone", "source cannot be reached"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("the log tells the password:\n%s", log.String())
	}
}

// A thousand readers who come at once to a path on demand make one session with its source, which ends when they have gone.
func TestSourceOnDemand(t *testing.T) {
	const readers = 1000
	serveWith(t, paths.Config{}, from("rtsp://"+camera+"/x", true), func(t *testing.T, w *servertest.World, _ *paths.Paths) {
		cam := &rtsptest.Camera{}
		defer run(t, w, camera, cam)()
		w.Wait(time.Second)
		if n := len(cam.Requests()); n != 0 {
			t.Fatalf("%d requests before anybody watches", n)
		}
		var wg sync.WaitGroup
		var refused sync.Map
		for range readers {
			wg.Go(func() {
				c := w.DialAs(other)
				defer c.Close()
				if s := status(c, "cam"); s != rtsp.StatusOK {
					refused.Store(s, true)
				}
			})
		}
		wg.Wait()
		refused.Range(func(s, _ any) bool { t.Errorf("refused: %v", s); return true })
		if n := cam.Count(rtsp.MethodPlay); n != 1 {
			t.Errorf("%d sessions with the source", n)
		}
		c := w.Dial()
		if lane := c.Watch("cam", "tcp", 1)[0]; next(lane, time.Second) == nil {
			t.Error("nothing comes")
		}
		w.Wait(30 * time.Second)
		if cam.Playing() != 1 {
			t.Error("the source has ended although it is watched")
		}
		c.Close()
		w.Wait(11 * time.Second)
		if cam.Playing() != 0 || cam.Count(rtsp.MethodTeardown) != 1 {
			t.Error("the source goes on although nobody watches")
		}
	})
}

// A source that cannot be reached is a 503 that says when to come again, after the time that readers may be kept waiting.
func TestSourceThatCannotBeReached(t *testing.T) {
	set := func(path string, s *config.PathSettings) {
		from("rtsp://u:secret@"+camera+"/x", true)(path, s)
		s.StartTimeout = 5 * time.Second
	}
	serveWith(t, paths.Config{}, set, func(t *testing.T, w *servertest.World, _ *paths.Paths) {
		c := w.Dial()
		defer c.Close()
		begun := time.Now()
		resp := c.Do("DESCRIBE", "cam", "Accept: application/sdp")
		if resp.Status != rtsp.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || strings.Contains(resp.Raw, camera) {
			t.Error(resp.Raw)
		}
		if d := time.Since(begun); d != 5*time.Second {
			t.Errorf("after %v", d)
		}
		if s := announce(c, "cam", servertest.Video).Status; s != rtsp.StatusMethodNotAllowed {
			t.Errorf("publishing to it: %d", s)
		}
	})
}

// The second source serves while the first is gone, and the first again when it has come back; readers stay.
func TestSecondSource(t *testing.T) {
	serveWith(t, paths.Config{}, from("rtsp://"+camera+"/x rtsp://"+backup+"/x", false), func(t *testing.T, w *servertest.World, names *paths.Paths) {
		stopFirst := run(t, w, camera, &rtsptest.Camera{})
		defer run(t, w, backup, &rtsptest.Camera{})()
		names.Pull("cam")
		w.Wait(time.Second)
		c := w.Dial()
		defer c.Close()
		lane := c.Watch("cam", "tcp", 1)[0]
		serving := func() byte {
			for end := time.Now().Add(time.Second); time.Now().Before(end); {
				next(lane, time.Second)
			}
			if p := next(lane, 5*time.Second); p != nil {
				return p.Payload()[2]
			}
			return 0
		}
		if got := serving(); got != camera[len(camera)-1] {
			t.Errorf("%c serves", got)
		}
		stopFirst()
		w.Wait(2 * time.Second)
		if got := serving(); got != backup[len(backup)-1] {
			t.Errorf("%c serves when the first is gone", got)
		}
		defer run(t, w, camera, &rtsptest.Camera{})()
		w.Wait(20 * time.Second)
		if got := serving(); got != camera[len(camera)-1] {
			t.Errorf("%c serves when the first is back", got)
		}
	})
}

// A dead peer, which closes nothing and sends nothing, is noticed within five seconds.
func TestSourceThatFallsSilent(t *testing.T) {
	serveWith(t, paths.Config{}, from("rtsp://"+camera+"/x", false), func(t *testing.T, w *servertest.World, names *paths.Paths) {
		cam := &rtsptest.Camera{}
		defer run(t, w, camera, cam)()
		names.Pull("cam")
		w.Wait(time.Second)
		cam.Mute()
		w.Wait(4 * time.Second)
		if n := cam.Count(rtsp.MethodPlay); n != 1 {
			t.Errorf("%d sessions", n)
		}
		w.Wait(2100 * time.Millisecond)
		if n := cam.Count(rtsp.MethodPlay); n != 2 {
			t.Errorf("%d sessions after the silence", n)
		}
	})
}

// A file is a live channel, for all at the same place in it, and begins again at its end when it loops.
func TestFileAsASource(t *testing.T) {
	set := func(path string, s *config.PathSettings) {
		if path == "cam" {
			s.Source, s.OnDemand, s.Loop = "file:demo.mp4", true, true
		}
	}
	serveWith(t, paths.Config{}, set, func(t *testing.T, w *servertest.World, _ *paths.Paths) {
		a, b := w.Dial(), w.DialAs(other)
		defer a.Close()
		defer b.Close()
		first := a.Watch("cam", "tcp", 1)[0]
		for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
			if first.RTP(time.Second) == nil {
				t.Fatal("it stops")
			}
		}
		second := b.Watch("cam", "udp", 1)[0]
		w.Wait(2 * time.Second)
		seqs := func(lane *servertest.Lane) map[uint16]bool {
			m := map[uint16]bool{}
			for p := rtp.Packet(lane.RTP(50 * time.Millisecond)); p != nil && len(m) < 2000; p = lane.RTP(50 * time.Millisecond) {
				m[p.Sequence()] = true
			}
			return m
		}
		x, y := seqs(first), seqs(second)
		common := 0
		for n := range y {
			if x[n] {
				common++
			}
		}
		if len(y) == 0 || common < len(y)/2 {
			t.Errorf("%d packets, %d of them those of the other reader", len(y), common)
		}
	})
}
