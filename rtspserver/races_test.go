package rtspserver_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
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
	for range 120 {
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

// A PLAY on another connection lets nothing out of a seek that has not been answered (FRM-08).
func TestMediaOfASeekFollowsItsAnswer(t *testing.T) {
	for range 20 {
		film := &seeking{seeks: make(chan struct{}), seek: make(chan struct{})}
		late := &lateLog{answered: make(chan struct{})}
		s, err := rtspserver.New(&rtspserver.Config{
			Handler: handlerOf{open: func() (rtspserver.Presentation, error) { return film, nil }}, Logger: slog.New(late), Shards: 1,
		})
		if err != nil {
			t.Fatal(err)
		}
		here, there := call(s), call(s)
		_, session := here.do("SETUP", "film/trackID=0", "Transport: RTP/AVP/TCP;unicast\r\n\r\n")
		play := "Session: " + session + "\r\n\r\n"
		there.do("PLAY", "film", play) // its media is to follow, but not before the log has its line
		go fmt.Fprintf(here, "PLAY rtsp://h/film RTSP/1.0\r\nCSeq: 9\r\n%s", play)
		<-film.seeks
		close(late.answered)
		for range 1000 {
			runtime.Gosched() // it asks for its turn on the shard
		}
		close(film.seek)
		if kind, err := here.reader.Next(); err != nil || kind != rtsp.KindResponse {
			t.Fatalf("before the answer: %v, %v", kind, err)
		}
		if kind, err := here.reader.Next(); err != nil || kind != rtsp.KindFrame {
			t.Fatalf("behind it: %v, %v", kind, err)
		}
		s.Close()
	}
}

// A seeking film has one packet behind each PLAY, of which the second takes until seek is closed.
type seeking struct {
	rtspserver.Playback // nil: the rest is not asked for
	plays               int
	sent                bool
	seeks, seek         chan struct{}
}

func (f *seeking) Describe() *rtspserver.Description {
	return &rtspserver.Description{SDP: servertest.Parse(servertest.Audio)}
}
func (f *seeking) Open() (rtspserver.Playback, error)              { return f, nil }
func (f *seeking) SSRC(int) uint32                                 { return 1 }
func (f *seeking) Select(uint64)                                   {}
func (f *seeking) Attach(*timeline.Seat)                           {}
func (f *seeking) Close()                                          {}
func (f *seeking) Report(int, time.Time) (time.Time, uint32, bool) { return time.Time{}, 0, false }
func (f *seeking) Advance(int)                                     { f.sent = true }

func (f *seeking) Play(time.Time, *rtspserver.PlayRequest) (*rtspserver.PlayResult, error) {
	if f.plays++; f.plays == 2 {
		close(f.seeks)
		<-f.seek
	}
	f.sent = false
	return &rtspserver.PlayResult{Scale: 1, Speed: 1}, nil
}

func (f *seeking) Next(time.Time) (b timeline.Batch, wait time.Time, err error) {
	if f.plays < 2 || f.sent {
		return b, wait, nil
	}
	pkt := (&servertest.Source{}).Packet(true, 1)
	b.Bytes = append([]byte{'$', 0, 0, byte(len(pkt))}, pkt...)
	b.Packets = []timeline.Packet{{Size: uint16(len(pkt))}}
	return b, wait, nil
}

// A lateLog has the line of the first PLAY wait.
type lateLog struct {
	slog.Handler
	once     sync.Once
	answered chan struct{}
}

func (l *lateLog) Enabled(context.Context, slog.Level) bool { return true }

func (l *lateLog) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if r.Message == "request" && a.Key == "method" && a.Value.String() == "PLAY" {
			l.once.Do(func() { <-l.answered })
		}
		return true
	})
	return nil
}

// A sender report that was on its way when another took the place of its publisher says nothing of what the other sends.
func TestReportOfAPublisherThatIsGone(t *testing.T) {
	live := rtspserver.NewLive(servertest.Parse(servertest.Audio), nil)
	handler := handlerOf{publish: func(*sdp.Session) (*rtspserver.Publication, error) { return &rtspserver.Publication{Live: live}, nil }}
	servertest.InMemory(t, func(cfg *rtspserver.Config) { cfg.Handler = handler }, func(t *testing.T, w *servertest.World) {
		first, second := w.Dial(), w.Dial()
		defer first.Close()
		defer second.Close()
		lane, src := first.Publish("cam", servertest.Audio, "tcp")[0], servertest.Source{SSRC: 1}
		lane.SendRTP(src.Packet(true, 1))
		w.Settle()
		gone := w.Server.Sessions()[0]
		live.Evict()
		lane, src = second.Publish("cam", servertest.Audio, "tcp")[0], servertest.Source{SSRC: 2}
		lane.SendRTP(src.Packet(true, 1))
		w.Settle()
		before, _ := live.Timeline().Report(0, time.Now())
		gone.Late(0, rtp.AppendCNAME(rtp.AppendSenderReport(nil, rtp.SenderReport{SSRC: 1, NTP: rtp.NTPTime(time.Now()), RTPTime: 4000}), 1, "first"))
		if after, ok := live.Timeline().Report(0, time.Now()); after != before || !ok {
			t.Errorf("the clock of the second leaps by %d", after-before)
		}
	})
}

// Who sets up a source that runs while somebody watches, in the moment in which it ends because nobody does, gets the one that begins.
func TestSourceEndsWhileItIsSetUp(t *testing.T) {
	const tries = 2000
	live := rtspserver.NewLive(servertest.Parse(servertest.Audio), nil)
	var mu sync.Mutex
	s := threads(t, handlerOf{open: func() (rtspserver.Presentation, error) {
		mu.Lock()
		defer mu.Unlock()
		return live, nil
	}})
	c, ending := call(s), make(chan bool)
	go func() { // ends with the channel
		for range ending {
			mu.Lock()
			live.End(nil)
			live = rtspserver.NewLive(servertest.Parse(servertest.Audio), nil)
			mu.Unlock()
		}
	}()
	for range tries {
		ending <- true
		status, session := c.do("SETUP", "cam/trackID=0", "Transport: RTP/AVP/TCP;unicast\r\n\r\n")
		if status == rtsp.StatusOK {
			status, _ = c.do("TEARDOWN", "cam", "Session: "+session+"\r\n\r\n")
		}
		if status != rtsp.StatusOK && status != rtsp.StatusSessionNotFound {
			t.Errorf("%d", status)
		}
	}
	close(ending)
}

// A client that is there before the server gets UDP: it is served before the first connection is.
func TestUDPIsServedFromTheBeginning(t *testing.T) {
	live := rtspserver.NewLive(servertest.Parse(servertest.Audio), nil)
	for range 50 {
		s := threads(t, handlerOf{open: func() (rtspserver.Presentation, error) { return live, nil }})
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		nc, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		c := &caller{Conn: nc, reader: rtsp.NewReader(nc, nil)}
		fmt.Fprint(c, "OPTIONS * RTSP/1.0\r\nCSeq: 0\r\n\r\n")
		a, b, err := rtspserver.ListenFreePair(ln.Addr().(*net.TCPAddr).AddrPort().Addr())
		if err != nil {
			t.Fatal(err)
		}
		go s.BeginPackets(a, b)() // ends with the server
		go s.Serve(ln)            // ends with the server
		c.reader.Next()
		if status, _ := c.do("SETUP", "cam/trackID=0", "Transport: RTP/AVP;unicast;client_port=50000-50001\r\n\r\n"); status != rtsp.StatusOK {
			t.Errorf("SETUP: %d", status)
		}
		c.Close()
		s.Close()
	}
}
