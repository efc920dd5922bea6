package relay_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/relay"
	"github.com/baton-rtsp/baton/rtsp"
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
