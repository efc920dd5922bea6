package paths_test

import (
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/paths"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
)

// A stuck is a file system that does not answer, as those of a network do that is gone.
type stuck struct {
	root     *os.Root
	gone     atomic.Bool
	answers  chan struct{} // closed when it answers again
	waiting  atomic.Int64
	panicked bool
}

func (s *stuck) stat(name string) (fs.FileInfo, error) {
	if s.gone.Load() {
		s.waiting.Add(1)
		<-s.answers
		s.waiting.Add(-1)
	}
	if s.panicked {
		panic("a demuxer")
	}
	return s.root.Stat(name)
}

// serveStuck is serve with a media folder that can hang. It answers when body ends.
func serveStuck(t *testing.T, body func(t *testing.T, w *servertest.World, names *paths.Paths, media *stuck)) {
	t.Helper()
	root := mediaFolder(t)
	serveWith(t, paths.Config{Media: root}, nil, func(t *testing.T, w *servertest.World, names *paths.Paths) {
		media := &stuck{root: root, answers: make(chan struct{})}
		names.SetStat(media.stat)
		body(t, w, names, media)
		if media.gone.Load() {
			close(media.answers)
		}
	})
}

// ERR-503: a media folder that does not answer delays those who want a film of it, and nobody else: they get 503 and when to try
// again, and the film once it is there again.
func TestFolderThatHangs(t *testing.T) {
	serveStuck(t, func(t *testing.T, w *servertest.World, names *paths.Paths, media *stuck) {
		a, b, p := w.Dial(), w.DialAs(other), w.Dial()
		defer a.Close()
		defer b.Close()
		defer p.Close()
		p.Publish("cam", servertest.Audio, "tcp")
		media.gone.Store(true)
		a.Request("DESCRIBE", "film.mjpeg", "Accept: application/sdp")
		w.Settle()
		began := time.Now()
		if cam, clock := status(b, "cam"), status(b, "clock"); cam != 200 || clock != 200 {
			t.Errorf("a camera %d, the clock %d", cam, clock)
		}
		if list, _ := names.Presentations("cam", nil, 10); len(list) != 1 || names.Stored("cam") {
			t.Errorf("listed: %+v", list)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("others wait %v", took)
		}
		q := w.DialAs(other)
		defer q.Close()
		q.Publish("new", servertest.Audio, "tcp")
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("a publisher waits %v", took)
		}
		if r := a.Response(); r.Status != rtsp.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
			t.Errorf("who wants the film: %s", r.Raw)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("who wants the film waits %v", took)
		}
		media.gone.Store(false)
		close(media.answers)
		w.Settle()
		if got := status(a, "film.mjpeg"); got != 200 {
			t.Errorf("when it is back: %d", got)
		}
	})
}

// However many ask a folder that hangs, few look: each who does keeps a thread of the system. What is not known to be live may be
// stored, so that nobody gets around the right to replay.
func TestFewLookAtAFolderThatHangs(t *testing.T) {
	serveStuck(t, func(t *testing.T, w *servertest.World, names *paths.Paths, media *stuck) {
		media.gone.Store(true)
		for i := range 120 {
			for range 2 {
				c := w.DialAs(fmt.Sprintf("192.0.2.%d", 20+i))
				defer c.Close()
				c.Request("DESCRIBE", fmt.Sprintf("film%d.mjpeg", i), "Accept: application/sdp")
			}
		}
		w.Settle()
		if n := media.waiting.Load(); n == 0 || n > 32 {
			t.Errorf("%d look", n)
		}
		if !names.Stored("film.mjpeg") {
			t.Error("a film may be read by who may not replay")
		}
	})
}

// Close does not wait for a look that hangs, and what comes of it then is thrown away.
func TestCloseWhileAFolderHangs(t *testing.T) {
	serveStuck(t, func(t *testing.T, w *servertest.World, names *paths.Paths, media *stuck) {
		c := w.Dial()
		defer c.Close()
		media.gone.Store(true)
		c.Request("DESCRIBE", "film.mjpeg", "Accept: application/sdp")
		w.Settle()
		began := time.Now()
		w.Server.Close()
		names.Close()
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("closing takes %v", took)
		}
	})
}

// A film can be called as a question is: each who asks gets the kind of answer that he asked for.
func TestFilmThatIsCalledAsAQuestion(t *testing.T) {
	serveStuck(t, func(t *testing.T, w *servertest.World, names *paths.Paths, media *stuck) {
		media.gone.Store(true)
		asked := make(chan bool)
		go func() { asked <- names.Stored("film.mjpeg") }() // ends when the folder answers
		w.Settle()
		c := w.Dial()
		defer c.Close()
		c.Request("DESCRIBE", "stat%20film.mjpeg", "Accept: application/sdp")
		w.Settle()
		media.gone.Store(false)
		close(media.answers)
		if r := c.Response(); r.Status != rtsp.StatusNotFound || !<-asked {
			t.Errorf("%s", r.Raw)
		}
	})
}

// A panic over a file is the matter of who asked for it.
func TestPanicOverAFile(t *testing.T) {
	serveStuck(t, func(t *testing.T, w *servertest.World, _ *paths.Paths, media *stuck) {
		media.panicked = true
		c := w.Dial()
		defer c.Close()
		if film, clock := status(c, "film.mjpeg"), status(c, "clock"); film != 500 || clock != 200 {
			t.Errorf("film %d, clock %d", film, clock)
		}
	})
}
