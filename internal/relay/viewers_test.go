package relay_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/internal/relay"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/rtsptest"
)

// SEC-05: who describes a source again and again, each time with another query, holds one session with it, and keeps nobody else out.
func TestDescribingAgainAndAgainHoldsOneSession(t *testing.T) {
	behind(t, false, nil, func(t *testing.T, f *firewalled) { // of four viewers
		for n := range 20 {
			if resp := f.viewer.Do("DESCRIBE", fmt.Sprintf("film?n=%d", n)); resp.Status != rtsp.StatusOK {
				t.Fatalf("DESCRIBE %d: %d", n, resp.Status)
			}
			f.Wait(10 * time.Millisecond) // the session before is being ended
		}
		other := f.Dial()
		defer other.Close()
		if resp := other.Do("DESCRIBE", "film"); resp.Status != rtsp.StatusOK {
			t.Errorf("somebody else: %d", resp.Status)
		}
		f.viewer.Setup("film/trackID=0?n=19", "tcp")
		if n := f.Count(rtsp.MethodDescribe); n != 21 { // what was described last is what is set up
			t.Errorf("the source was described %d times", n)
		}
	})
}

// SEC-05: connections that describe and go hold a bounded number of sessions with a source.
func TestDescribingOnManyConnections(t *testing.T) {
	behindMany(t, 1000, func(t *testing.T, f *firewalled) {
		refused := 0
		for range 2 * relay.MaxWaiting {
			c := f.Dial()
			if resp := c.Do("DESCRIBE", "film"); resp.Status == rtsp.StatusServiceUnavailable {
				refused++
			}
			c.Close()
		}
		if refused != relay.MaxWaiting {
			t.Errorf("%d refused", refused)
		}
		other := f.DialAs("192.0.2.99")
		defer other.Close()
		if resp := other.Do("DESCRIBE", "film"); resp.Status != rtsp.StatusOK {
			t.Errorf("somebody else: %d", resp.Status)
		}
		f.Wait(11 * time.Second)
		if resp := f.viewer.Do("DESCRIBE", "film"); resp.Status != rtsp.StatusOK {
			t.Errorf("later: %d", resp.Status)
		}
	})
}

// recorded is a source that has been described, and its camera.
func recorded(t *testing.T) (*relay.Presentation, *rtsptest.Camera) {
	t.Helper()
	near, far := net.Pipe()
	cam := &rtsptest.Camera{}
	cam.ServeConn(far)
	p, err := relay.Open(t.Context(), relay.Config{URL: "rtsp://" + recorder + "/film", Logger: slog.New(slog.DiscardHandler), Client: rtspclient.Config{
		Dial: func(context.Context, *rtsp.URL) (net.Conn, error) { return near, nil },
	}})
	if err != nil {
		t.Fatal(err)
	}
	return p, cam
}

// A source that goes in the moment in which it has been described is forgotten: it takes nobody's place (SEC-05).
func TestSourceThatIsGoneIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, cam := recorded(t)
		cam.Close()
		p.Run() // of a Viewers, which has then forgotten it
		if n := relay.NewViewers(1).Keep(&rtspserver.Conn{}, p); n != 0 {
			t.Errorf("%d are kept", n)
		}
	})
}

// A viewer whose source goes in the moment in which it is opened hears of it.
func TestSourceThatGoesWhenItIsOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 20 {
			p, cam := recorded(t)
			playback, err := p.Open()
			if err != nil {
				t.Fatal(err)
			}
			cam.Close()
			<-p.Client().Done()
			go p.Run() // ends with Close
			synctest.Wait()
			if _, _, err := playback.Next(time.Now()); err == nil {
				t.Error("it was told nothing")
			}
			p.Close()
			synctest.Wait()
		}
	})
}
