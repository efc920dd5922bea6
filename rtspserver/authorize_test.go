package rtspserver_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// methods are all that act on a session, or could.
var methods = []string{"OPTIONS", "DESCRIBE", "ANNOUNCE", "SETUP", "PLAY", "PAUSE", "RECORD", "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER"}

// A doorman believes what X-User says. Nobody in particular may come to paths that begin with "open", and a user
// nowhere near those that begin with "not-" and the user's name.
type doorman struct{ slow bool }

func (d doorman) Authorize(ctx context.Context, r *rtspserver.Request, _ rtspserver.Access) (string, error) {
	user := r.Header.Get("X-User")
	switch {
	case d.slow && strings.HasPrefix(r.Path, "slow"):
		<-ctx.Done()
		return "", ctx.Err()
	case user == "" && !strings.HasPrefix(r.Path, "open"):
		return "", d.Challenge(r)
	case user != "" && strings.HasPrefix(r.Path, "not-"+user):
		return user, &rtsp.StatusError{Code: rtsp.StatusForbidden}
	}
	return user, nil
}

func (doorman) Challenge(*rtspserver.Request) error {
	err := &rtsp.StatusError{Code: rtsp.StatusUnauthorized}
	err.Header.Add("WWW-Authenticate", "Doorman a")
	err.Header.Add("WWW-Authenticate", "Doorman b")
	return err
}

func guarded(slow bool) func(*rtspserver.Config) {
	return func(cfg *rtspserver.Config) { cfg.Authorizer = doorman{slow} }
}

// AUT-08, SEC-02, CON-08: a session obeys who made it, with every method. Another user of the same address does not
// find it, nobody in particular is asked who that is, and neither is a sign of life.
func TestSessionsBelongToAPrincipal(t *testing.T) {
	servertest.InMemory(t, guarded(false), func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Audio), servertest.Source{}
		w.Handler.Live("open", servertest.Audio)
		owner, thief := w.Dial(), w.Dial()
		defer owner.Close()
		defer thief.Close()
		out := owner.Setup("p/trackID=0", "udp", "X-User: ann")
		if r := owner.Do("PLAY", "p", "X-User: ann"); r.Status != rtsp.StatusOK {
			t.Fatalf("PLAY: %d", r.Status)
		}
		steal := func() {
			for _, method := range methods {
				for user, want := range map[string]rtsp.StatusCode{"X-User: bob": 454, "X-Nobody: 1": 401} {
					r := thief.Do(method, "p", "Session: "+owner.Session, user, "Transport: RTP/AVP/TCP;unicast", "Content-Type: application/sdp", "\r\n"+servertest.Audio)
					if r.Status != want || r.Header.Has("Session") {
						t.Errorf("%s, %s: %d\n%s", method, user, r.Status, r.Raw)
					}
					if want == 401 && len(r.Header.Values("WWW-Authenticate")) != 2 {
						t.Errorf("%s: challenges %q", method, r.Header.Values("WWW-Authenticate"))
					}
				}
			}
		}
		steal()
		servertest.Write(live, 0, src.Packet(false, 1))
		if out.RTP(time.Second) == nil {
			t.Error("the reader has lost its media")
		}
		for range 12 { // the session's time runs out in spite of them
			w.Wait(5 * time.Second)
			steal()
		}
		w.Wait(8 * time.Second)
		if r := owner.Do("GET_PARAMETER", "p", "X-User: ann"); r.Status != rtsp.StatusSessionNotFound {
			t.Errorf("others kept the session alive: %d", r.Status)
		}
	})
}

// AUT-08: with a session of one's own nothing else can be described than without it.
func TestASessionOpensNoOtherPath(t *testing.T) {
	servertest.InMemory(t, guarded(false), func(t *testing.T, w *servertest.World) {
		w.Handler.Live("p", servertest.Audio)
		w.Handler.Live("not-ann", servertest.Audio)
		c := w.Dial()
		defer c.Close()
		c.Setup("p/trackID=0", "tcp", "X-User: ann")
		for _, method := range methods {
			r := c.Do(method, "not-ann", "X-User: ann", "Session: "+c.Session, "Transport: RTP/AVP/TCP;unicast", "Content-Type: application/sdp", "\r\n"+servertest.Audio)
			if method == "DESCRIBE" && r.Status != rtsp.StatusForbidden || len(r.Body) > 0 && method == "DESCRIBE" {
				t.Errorf("%s: %d", method, r.Status)
			}
		}
	})
}

// AUT-08: the SETUPs behind an ANNOUNCE need no Session header, but the same principal; another ANNOUNCE on the
// connection does not end what is somebody else's.
func TestAnAnnouncementBelongsToAPrincipal(t *testing.T) {
	servertest.InMemory(t, guarded(false), func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		announce := func(path, user string) rtsp.StatusCode {
			c.Session = ""
			return c.Do("ANNOUNCE", path, "X-User: "+user, "Content-Type: application/sdp", "\r\n"+servertest.Audio).Status
		}
		if got := announce("cam", "ann"); got != rtsp.StatusOK {
			t.Fatalf("ANNOUNCE: %d", got)
		}
		for user, want := range map[string]rtsp.StatusCode{"X-User: bob": 454, "X-Nobody: 1": 401} {
			c.Session = ""
			if r := c.Do("SETUP", "cam/streamid=0", user, "Transport: RTP/AVP/TCP;unicast;mode=record"); r.Status != want {
				t.Errorf("SETUP, %s: %d", user, r.Status)
			}
		}
		if got := announce("other", "bob"); got != rtsp.StatusOK || w.Handler.Get("cam") == nil {
			t.Errorf("ANNOUNCE by bob: %d, and ann's is %v", got, w.Handler.Get("cam"))
		}
	})
}

// AUT-10: 401 leaves the connection open; what asks for nothing is answered without a question.
func TestRefusalKeepsTheConnectionForCredentials(t *testing.T) {
	servertest.Everywhere(t, guarded(false), func(t *testing.T, w *servertest.World) {
		w.Handler.Live("p", servertest.Audio)
		w.Handler.Live("open", servertest.Audio)
		c := w.Dial()
		defer c.Close()
		for _, step := range []struct {
			method, path, header string
			want                 rtsp.StatusCode
		}{
			{"OPTIONS", "*", "X-Nobody: 1", 200}, {"OPTIONS", "p", "X-Nobody: 1", 200}, {"GET_PARAMETER", "*", "X-Nobody: 1", 200},
			{"DESCRIBE", "p", "X-Nobody: 1", 401}, {"DESCRIBE", "none", "X-Nobody: 1", 401}, {"DESCRIBE", "p", "X-User: ann", 200},
			{"DESCRIBE", "none", "X-User: ann", 404}, {"DESCRIBE", "not-ann", "X-User: ann", 403}, {"DESCRIBE", "open", "X-Nobody: 1", 200},
		} {
			if r := c.Do(step.method, step.path, step.header); r.Status != step.want {
				t.Errorf("%s %s, %s: %d, want %d", step.method, step.path, step.header, r.Status, step.want)
			}
		}
	})
}

// An authorizer that hangs is given up, with 503, and holds up nobody else.
func TestAuthorizerThatHangsHoldsUpNobodyElse(t *testing.T) {
	servertest.InMemory(t, guarded(true), func(t *testing.T, w *servertest.World) {
		w.Handler.Live("open", servertest.Audio)
		held, other := w.Dial(), w.Dial()
		defer held.Close()
		defer other.Close()
		began := time.Now()
		held.Request("DESCRIBE", "slow", "X-User: ann")
		w.Settle()
		if r := other.Do("DESCRIBE", "open"); r.Status != rtsp.StatusOK || time.Since(began) > 0 {
			t.Errorf("the other: %d after %v", r.Status, time.Since(began))
		}
		w.Wait(9 * time.Second) // close to the limit, which the client's own patience must outlast
		if r := held.Response(); r.Status != rtsp.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
			t.Errorf("%d %v", r.Status, r.Header)
		}
	})
}
