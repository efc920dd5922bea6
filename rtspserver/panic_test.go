package rtspserver_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// A faulty presentation is a good one that panics in one of its methods, or of those of its playbacks.
type faulty struct {
	rtspserver.Presentation
	where string
}

func (f faulty) fault(where string) {
	if f.where == where {
		panic("fault in " + where)
	}
}

func (f faulty) Describe() *rtspserver.Description {
	f.fault("Describe")
	return f.Presentation.Describe()
}

func (f faulty) Open() (rtspserver.Playback, error) {
	f.fault("Open")
	p, err := f.Presentation.Open()
	return faultyPlayback{p, f}, err
}

type faultyPlayback struct {
	rtspserver.Playback
	faulty faulty
}

func (p faultyPlayback) SSRC(track int) uint32 {
	p.faulty.fault("SSRC")
	return p.Playback.SSRC(track)
}

func (p faultyPlayback) Select(tracks uint64) {
	p.faulty.fault("Select")
	p.Playback.Select(tracks)
}

func (p faultyPlayback) Attach(seat *timeline.Seat) {
	p.faulty.fault("Attach")
	p.Playback.Attach(seat)
}

func (p faultyPlayback) Play(now time.Time, r *rtspserver.PlayRequest) (*rtspserver.PlayResult, error) {
	p.faulty.fault("Play")
	return p.Playback.Play(now, r)
}

func (p faultyPlayback) Pause(now time.Time, at *rtsp.Range) (rtsp.Range, bool, error) {
	p.faulty.fault("Pause")
	return p.Playback.Pause(now, at)
}

func (p faultyPlayback) Next(now time.Time) (timeline.Batch, time.Time, error) {
	p.faulty.fault("Next")
	return p.Playback.Next(now)
}

func (p faultyPlayback) Advance(n int) {
	p.faulty.fault("Advance")
	p.Playback.Advance(n)
}

func (p faultyPlayback) Report(track int, now time.Time) (time.Time, uint32, bool) {
	p.faulty.fault("Report")
	return p.Playback.Report(track, now)
}

func (p faultyPlayback) Close() {
	p.Playback.Close()
	p.faulty.fault("Close")
}

// SEC-01: a panic in a presentation or a playback ends the session in which it happens, is logged and
// counted, and the reader beside it on the same shard misses nothing. The request that met it is 500.
func TestPanicsOfPlaybacksAreContained(t *testing.T) {
	for where, refused := range map[string]string{
		"Describe": "SETUP", "Open": "SETUP", "SSRC": "SETUP", "Select": "SETUP", "Attach": "SETUP", "Play": "PLAY", "Pause": "PAUSE",
		"Next": "", "Advance": "", "Report": "", "Close": "",
	} {
		for _, lower := range []string{"tcp", "udp"} {
			t.Run(where+"/"+lower, func(t *testing.T) {
				servertest.InMemory(t, func(c *rtspserver.Config) { c.Shards = 1 }, func(t *testing.T, w *servertest.World) {
					live, src := w.Handler.Live("good", servertest.Audio), servertest.Source{}
					w.Handler.Put("bad", faulty{live, where})
					good, bad := w.Dial(), w.Dial()
					defer good.Close()
					defer bad.Close()
					lane := good.Watch("good", lower, 1)[0]
					write := func() {
						servertest.Write(live, 0, src.Packet(false, byte(src.Seq)))
						w.Settle()
					}
					transport := map[string]string{"tcp": "RTP/AVP/TCP;unicast", "udp": "RTP/AVP;unicast;client_port=7000-7001"}[lower]
					for _, method := range []string{"SETUP", "PLAY", "PAUSE", "TEARDOWN"} {
						bad.Request(method, "bad", "Transport: "+transport)
						r, err := bad.TryResponse()
						write()
						if method == refused && (err != nil || r.Status != rtsp.StatusInternalServerError) {
							t.Errorf("%s: %v, %v", method, r, err)
						}
						if w.Server.Stats().Panics > 0 {
							break // the connection goes with its only session
						}
					}
					wantContained(t, w, "fault in "+where, 1)
					if n := live.Readers(); n != 1 {
						t.Errorf("%d readers", n)
					}
					wantEvery(t, lane, int(src.Seq))
				})
			})
		}
	}
}

// wantContained looks for a panic in log and statistics, and at the number of sessions that are left.
func wantContained(t *testing.T, w *servertest.World, what string, sessions int) {
	t.Helper()
	w.Settle()
	if s := w.Server.Stats(); s.Panics == 0 || s.Sessions != sessions {
		t.Errorf("%d panics counted, %d sessions left", s.Panics, s.Sessions)
	}
	if log := w.Log.String(); !strings.Contains(log, "panic in ") || !strings.Contains(log, what) || !strings.Contains(log, "goroutine") {
		t.Errorf("log does not tell of %q", what)
	}
	c := w.Dial()
	defer c.Close()
	if r := c.Do("OPTIONS", "*"); r.Status != rtsp.StatusOK {
		t.Errorf("OPTIONS: %d", r.Status)
	}
}

// wantEvery reads n packets, numbered by their payload.
func wantEvery(t *testing.T, lane *servertest.Lane, n int) {
	t.Helper()
	for i := range n {
		if p := lane.RTP(time.Second); p == nil || p[len(p)-1] != byte(i) {
			t.Fatalf("packet %d: % x", i, p)
		}
	}
}

// SEC-01: a panic in a handler is a 500; the connection and what plays on it go on.
func TestPanicsOfHandlersAreContained(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Audio), servertest.Source{}
		c := w.Dial()
		defer c.Close()
		lane := c.Watch("p", "tcp", 1)[0]
		w.Handler.OnOpen = func(context.Context, *rtspserver.Request) (rtspserver.Presentation, error) { panic("fault in Open") }
		w.Handler.OnPublish = func(*rtspserver.Request, *sdp.Session) error { panic("fault in Publish") }
		c.Session = ""
		for _, method := range []string{"DESCRIBE", "SETUP", "ANNOUNCE"} {
			r := c.Do(method, "x", "Transport: RTP/AVP/TCP;unicast", "Content-Type: application/sdp", "\r\n"+servertest.Video)
			if r.Status != rtsp.StatusInternalServerError || strings.Contains(r.Raw, "fault") {
				t.Errorf("%s: %q", method, r.Raw)
			}
		}
		servertest.Write(live, 0, src.Packet(false, 0))
		wantEvery(t, lane, 1)
		wantContained(t, w, "fault in Publish", 1)
	})
}

// A doneHandler is a handler whose publications panic when their publisher has left.
type doneHandler struct{ rtspserver.Handler }

func (h doneHandler) Publish(ctx context.Context, r *rtspserver.Request, desc *sdp.Session) (*rtspserver.Publication, error) {
	pub, err := h.Handler.Publish(ctx, r, desc)
	done := pub.Done
	pub.Done = func(err error) {
		done(err)
		panic("fault in Done")
	}
	return pub, err
}

// SEC-01: a panic in what is told that a publisher is gone does not spare its session, however it ended.
func TestPanicsBehindAPublisherAreContained(t *testing.T) {
	for name, end := range map[string]func(w *servertest.World, c *servertest.Client){
		"TEARDOWN": func(_ *servertest.World, c *servertest.Client) { c.Do("TEARDOWN", "cam") },
		"lost":     func(_ *servertest.World, c *servertest.Client) { c.Close() },
		"silent":   func(w *servertest.World, _ *servertest.Client) { w.Wait(15 * time.Second) },
		"kicked":   func(w *servertest.World, _ *servertest.Client) { w.Server.Sessions()[0].Kick() },
	} {
		t.Run(name, func(t *testing.T) {
			change := func(c *rtspserver.Config) { c.Handler = doneHandler{c.Handler} }
			servertest.InMemory(t, change, func(t *testing.T, w *servertest.World) {
				c := w.Dial()
				defer c.Close()
				c.Publish("cam", servertest.Video, "tcp")
				end(w, c)
				wantContained(t, w, "fault in Done", 0)
				if n := w.Server.Stats().Panics; n != 1 {
					t.Errorf("%d panics", n)
				}
			})
		})
	}
}

// A faultyLog panics at one message.
type faultyLog struct {
	slog.Handler
	message string
}

func (l faultyLog) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == l.message {
		panic("fault in " + l.message)
	}
	return l.Handler.Handle(ctx, r)
}

// SEC-01: a panic outside of a request ends its connection and the sessions on it, and no other.
func TestPanicsOfConnectionsAreContained(t *testing.T) {
	change := func(c *rtspserver.Config) { c.Logger = slog.New(faultyLog{c.Logger.Handler(), "answer"}) }
	servertest.InMemory(t, change, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Audio), servertest.Source{}
		good, bad := w.Dial(), w.Dial()
		defer good.Close()
		defer bad.Close()
		lane := good.Watch("p", "tcp", 1)[0]
		bad.Watch("p", "tcp", 1)
		bad.Send("RTSP/1.0 200 OK\r\n\r\n")
		if !bad.Closed() {
			t.Error("the connection is still open")
		}
		servertest.Write(live, 0, src.Packet(false, 0))
		wantEvery(t, lane, 1)
		wantContained(t, w, "fault in answer", 1)
	})
}
