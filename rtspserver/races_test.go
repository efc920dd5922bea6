package rtspserver_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// Tests of moments at which two things happen at once, by many tries with real threads: those of a virtual clock take turns.

// A handlerOf is a handler made of functions.
type handlerOf struct {
	open    func() (rtspserver.Presentation, error)
	publish func(desc *sdp.Session) (*rtspserver.Publication, error)
}

func (h handlerOf) Open(context.Context, *rtspserver.Request) (rtspserver.Presentation, error) {
	return h.open()
}

func (h handlerOf) Publish(_ context.Context, _ *rtspserver.Request, desc *sdp.Session) (*rtspserver.Publication, error) {
	return h.publish(desc)
}

// threads serves a handler until the test ends, outside of any clock.
func threads(t *testing.T, h handlerOf) *rtspserver.Server {
	t.Helper()
	s, err := rtspserver.New(&rtspserver.Config{Handler: h})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// A caller makes requests over a connection of its own.
type caller struct {
	net.Conn
	reader *rtsp.Reader
	cseq   int
}

func call(s *rtspserver.Server) *caller {
	near, far := net.Pipe()
	s.ServeConn(far)
	near.SetDeadline(time.Now().Add(10 * time.Second))
	return &caller{Conn: near, reader: rtsp.NewReader(near, nil)}
}

// do makes a request; the status is 0 when the connection has ended.
func (c *caller) do(method, path, more string) (status rtsp.StatusCode, session string) {
	c.cseq++
	fmt.Fprintf(c, "%s rtsp://h/%s RTSP/1.0\r\nCSeq: %d\r\n%s", method, path, c.cseq, more)
	for {
		switch kind, err := c.reader.Next(); {
		case err != nil:
			return 0, ""
		case kind == rtsp.KindResponse:
			r := c.reader.Response()
			id, _, _ := rtsp.ParseSession(r.Header.Get("Session"))
			return r.Status, id
		}
	}
}

// A publisher that another takes the place of in the moment in which its ANNOUNCE is answered leaves no session behind (SES-18).
func TestPublisherIsEvictedWhileItAnnounces(t *testing.T) {
	live := rtspserver.NewLive(servertest.Parse(servertest.Audio), nil)
	var evicting sync.WaitGroup
	done := 0
	s := threads(t, handlerOf{publish: func(*sdp.Session) (*rtspserver.Publication, error) {
		gone := make(chan struct{})
		evicting.Go(func() {
			for {
				select {
				case <-gone:
					return
				default:
					live.Evict()
				}
			}
		})
		return &rtspserver.Publication{Live: live, Done: func(error) { done++; close(gone) }}, nil
	}})
	busy, quiet := context.WithCancel(t.Context())
	defer quiet()
	for range 2 { // the server's own lock is not free
		go func() {
			for busy.Err() == nil {
				s.Stats()
			}
		}()
	}
	const tries = 600
	for range tries {
		c := call(s)
		c.do("ANNOUNCE", "cam", fmt.Sprintf("Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", len(servertest.Audio), servertest.Audio))
		evicting.Wait()
		c.Close()
	}
	if n := s.Stats().Sessions; n != 0 || done != tries {
		t.Errorf("%d sessions are left of %d, %d publications were given back", n, tries, done)
	}
}

// A presentation that gets more tracks and fewer while sessions are made and play: each session is of one description at a time
// (SDP-06, ANN-09).
func TestTracksChangeWhileASessionBegins(t *testing.T) {
	one, two := servertest.Parse(servertest.Video), servertest.Parse(servertest.VideoAudio)
	live := rtspserver.NewLive(one, nil)
	s := threads(t, handlerOf{open: func() (rtspserver.Presentation, error) { return live, nil }})
	busy, quiet := context.WithCancel(t.Context())
	var changing sync.WaitGroup
	changing.Go(func() {
		for busy.Err() == nil {
			live.Update(two)
			live.Update(one)
		}
	})
	c := call(s)
	for range 300 {
		const transport = "Transport: RTP/AVP/TCP;unicast\r\nPublic: ANNOUNCE\r\n"
		status, session := c.do("SETUP", "cam/trackID=1", transport+"\r\n")
		if status == rtsp.StatusNotFound {
			continue
		}
		named := "Session: " + session + "\r\n"
		second, _ := c.do("SETUP", "cam/trackID=0", transport+named+"\r\n")
		played, _ := c.do("PLAY", "cam", named+"\r\n")
		for range 4 { // changes are noticed, and followed if a track is left
			c.do("OPTIONS", "cam", "\r\n")
		}
		if status != rtsp.StatusOK || second != rtsp.StatusOK || played != rtsp.StatusOK {
			t.Errorf("SETUP: %d and %d, PLAY: %d", status, second, played)
		}
		c.do("TEARDOWN", "cam", named+"\r\n")
	}
	quiet()
	changing.Wait()
	if st := s.Stats(); st.Panics != 0 || st.Sessions != 0 {
		t.Errorf("%d panics, %d sessions are left", st.Panics, st.Sessions)
	}
}
