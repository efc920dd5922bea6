package rtspserver

import (
	"context"

	"github.com/baton-rtsp/baton/rtsp"
)

// An Authorizer says who may do what. Its methods are called from many goroutines at once, on the goroutine of
// the connection that waits for the answer, and no other; they should give up when ctx ends.
//
// Each request is authorised again, also within a session, and a session obeys only the principal that made it.
// An OPTIONS, or a parameter request for "*", that names no session asks for nothing, and is answered unasked.
type Authorizer interface {
	// Authorize is asked whether a request may have the access it needs. It returns whose request it is, "" for
	// nobody in particular. A refusal is a *[rtsp.StatusError]: 401 with its challenges for who is not known, 403
	// for who is known but may not. It must not tell whether there is something at the path.
	Authorize(ctx context.Context, r *Request, access Access) (principal string, err error)
	// Challenge is the 401 for a request that came without saying whose it is, for a session that has a principal.
	Challenge(r *Request) error
}

// Access is what a request needs leave for.
type Access uint8

// What there is to ask leave for.
const (
	AccessRead    Access = iota // to describe and play
	AccessPublish               // to announce and record
)

// String is "read" or "publish".
func (a Access) String() string {
	if a == AccessPublish {
		return "publish"
	}
	return "read"
}

// authorize asks whether the request may be served, and finds out whose it is. A session that belongs to somebody
// else does not exist for the one who asks (SEC-02).
func (x *exchange) authorize() error {
	a := x.conn.server.cfg.Authorizer
	s := x.subject()
	x.revision = x.conn.server.rights() // before anybody is asked
	if a == nil || s == nil && x.harmless() {
		return nil
	}
	err := x.ask(func(ctx context.Context, r *Request) (err error) {
		if s != nil && r.Method != rtsp.MethodDescribe { // which can name another path than its session's
			r.Path = s.path
		}
		x.who, err = a.Authorize(ctx, r, x.access(s))
		return err
	})
	switch {
	case err != nil:
		return err
	case s == nil || s.principal == x.who:
		return nil
	case x.who == "":
		return a.Challenge(x.request())
	}
	return statusError(rtsp.StatusSessionNotFound)
}

// subject is the session that a request acts on: the one it names, or, for a SETUP that names none, that of the
// connection's ANNOUNCE.
func (x *exchange) subject() *Session {
	if x.session == nil && x.req.Method == rtsp.MethodSetup && !x.req.Header.Has("Session") {
		if s := x.conn.announcement(); s != nil && s.announces(x) {
			return s
		}
	}
	return x.session
}

// harmless tells whether a request outside of a session tells nothing and changes nothing.
func (x *exchange) harmless() bool {
	return x.req.Method == rtsp.MethodOptions || x.url == nil
}

// access is what a request needs leave for; s is the session that it acts on, or nil.
func (x *exchange) access(s *Session) Access {
	switch {
	case x.req.Method == rtsp.MethodDescribe:
		return AccessRead
	case s != nil && s.role == publishes:
		return AccessPublish
	case s == nil && (x.req.Method == rtsp.MethodAnnounce || x.req.Method == rtsp.MethodRecord):
		return AccessPublish
	}
	return AccessRead
}
