package auth

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strconv"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// A Gate asks an Authorizer for the RTSP server. It is an [rtspserver.Authorizer].
type Gate struct {
	// Authorizer decides.
	Authorizer Authorizer
	// Stored tells whether what a path names is stored media; nil: never.
	Stored func(path string) bool
	// Audit writes down what was decided; nil: nothing.
	Audit *Audit
}

// Authorize asks for one request.
func (g *Gate) Authorize(ctx context.Context, r *rtspserver.Request, access rtspserver.Access) (string, error) {
	q := g.question(r, access)
	principal, err := g.Authorizer.Authorize(ctx, q)
	if err != nil || notable(r.Method) {
		g.Audit.Note(q, principal, err)
	}
	return principal, refusal(err)
}

// Challenge is the 401 for a request that should have said whose it is.
func (g *Gate) Challenge(r *rtspserver.Request) error {
	q := g.question(r, rtspserver.AccessRead)
	no := g.Authorizer.Challenge(q)
	g.Audit.Note(q, "", no)
	return refusal(no)
}

func (g *Gate) question(r *rtspserver.Request, access rtspserver.Access) *Request {
	q := g.about(r.Conn, r.Path, access == rtspserver.AccessPublish)
	q.Method, q.URI, q.Authorization, q.Query = string(r.Method), r.URI, r.Header.Values("Authorization"), r.Query
	return q
}

// Follow has users come and go while a server runs, until ctx ends. Sessions of who may not any more what they do are ended, others
// do not notice. The logger gets a line for each. None is made by a request that was let in before, unless it still may be.
func (g *Gate) Follow(ctx context.Context, server *rtspserver.Server, logger *slog.Logger) {
	g.Authorizer.Follow(ctx, func(standing Standing) {
		server.Revoke(func(s *rtspserver.Session) bool {
			if standing(s.Principal(), g.about(s.Conn(), s.Path(), s.Publishes())) {
				return true
			}
			logger.Info("session is ended: its user may not do that any more", "session", s.Handle(), "user", s.Principal(), "path", s.Path())
			return false
		})
	})
}

// about is a question without what proves who asks.
func (g *Gate) about(c *rtspserver.Conn, path string, publishes bool) *Request {
	q := &Request{
		Action: Read, Path: path, Address: c.RemoteAddr().Addr(),
		Local:     c.RemoteAddr().Addr() == c.LocalAddr().Addr(),
		Forwarded: c.Forwarded(),
		Protocol:  c.Protocol(), Secure: c.Secure(),
	}
	switch {
	case publishes:
		q.Action = Publish
	case g.Stored != nil && g.Stored(path):
		q.Action = Replay
	}
	return q
}

// notable tells what is worth a line when it is allowed: not what keeps a session alive.
func notable(m rtsp.Method) bool {
	return m != rtsp.MethodOptions && m != rtsp.MethodGetParameter && m != rtsp.MethodSetParameter
}

// failedTooOften is the reason phrase with 503 for who guesses: players print it, and nothing else that would tell it
// from a server that has too much to do (RFC 2326 §7.1.1 leaves the words to the server).
const failedTooOften = "Too Many Failed Logins"

// refusal is the response that a decision becomes.
func refusal(err error) error {
	if err == nil {
		return nil
	}
	no := &rtsp.StatusError{Code: rtsp.StatusServiceUnavailable, Err: err}
	wait := 5 * time.Second
	var refused *Refusal
	if errors.As(err, &refused) {
		switch refused.Err {
		case ErrForbidden:
			return &rtsp.StatusError{Code: rtsp.StatusForbidden, Err: err}
		case ErrTooOften:
			wait, no.Text = refused.Wait, failedTooOften
		default:
			no.Code = rtsp.StatusUnauthorized
			for _, c := range refused.Challenges {
				no.Header.Add("WWW-Authenticate", c)
			}
			return no
		}
	}
	no.Header.Set("Retry-After", seconds(wait))
	return no
}

// seconds rounds up: who comes back then does not come too early.
func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }
