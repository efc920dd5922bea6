package rtspserver

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// public is every method that a client may send (RFC 2326 §10, table 2).
const public = "OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, PAUSE, RECORD, TEARDOWN, GET_PARAMETER, SET_PARAMETER"

// maxTimestamp is the length of a Timestamp that is echoed: a number, not a way to have us write at will.
const maxTimestamp = 128

// An exchange is one request while it is being served.
type exchange struct {
	conn    *Conn
	req     *rtsp.Request
	resp    *rtsp.Response
	url     *rtsp.URL // nil for "*"
	name    target
	session *Session // named by the Session header, else nil
	who     string   // whose request it is; "" for nobody in particular
	after   func()   // once the response is on its way

	revision int // of the rights by which it was let in
}

// request serves one request: from its bytes to those of the response.
func (c *Conn) request(r *rtsp.Request) error {
	c.serving <- struct{}{}
	defer func() { <-c.serving }()
	c.server.stats.requests.Add(1)
	x := c.exchange(r)
	if err := c.serveContained(x); err != nil {
		c.refusal(x, err)
	}
	if closing(r.Header) {
		x.resp.Header.Set("Connection", "close")
		c.leaving = true
	}
	if err := c.respond(x.resp); err != nil {
		return err
	}
	c.server.cfg.Logger.Debug("request", "remote", c.remote, "method", string(r.Method), "path", x.name.path, "status", int(x.resp.Status))
	if x.after != nil {
		x.after()
	}
	if c.leaving || c.stranger { // no more is held for a stranger than one answer
		return c.drain()
	}
	return nil
}

func (c *Conn) exchange(r *rtsp.Request) *exchange {
	x := &exchange{conn: c, req: r, resp: &rtsp.Response{Proto: protocol, Status: rtsp.StatusOK}}
	x.resp.Header.Set("CSeq", r.Header.Get("CSeq"))
	return x
}

func closing(h rtsp.Header) bool {
	for _, v := range h.List("Connection") {
		if strings.EqualFold(v, "close") {
			return true
		}
	}
	return false
}

// serveContained keeps a panic to the request in which it happened: 500, and the session it named ends.
func (c *Conn) serveContained(x *exchange) error {
	err := c.server.contained("a request", func() error { return c.serveRequest(x) }, "remote", c.remote, "method", string(x.req.Method))
	if errors.Is(err, errPanic) && x.session != nil && x.session.principal == x.who {
		x.session.end(errPanic)
	}
	return err
}

// serveRequest checks what all requests have in common and calls the method's handler.
func (c *Conn) serveRequest(x *exchange) error {
	r := x.req
	if _, err := rtsp.ParseCSeq(r.Header.Get("CSeq")); err != nil {
		return err
	}
	if v := r.Header.Get("Timestamp"); v != "" && len(v) <= maxTimestamp {
		x.resp.Header.Set("Timestamp", v)
	}
	c.learn(r.Header)
	handle := handlerOf(r.Method)
	if handle == nil {
		return notImplemented()
	}
	if err := required(r.Header); err != nil {
		return err
	}
	if err := x.locate(); err != nil {
		return err
	}
	if err := x.find(); err != nil {
		return err
	}
	if err := x.authorize(); err != nil {
		return err
	}
	x.alive()
	return handle(c, x)
}

// handlerOf finds the handler of a method, nil when there is none.
func handlerOf(m rtsp.Method) func(*Conn, *exchange) error {
	switch m {
	case rtsp.MethodOptions:
		return (*Conn).options
	case rtsp.MethodDescribe:
		return (*Conn).describe
	case rtsp.MethodAnnounce:
		return (*Conn).announce
	case rtsp.MethodSetup:
		return (*Conn).setup
	case rtsp.MethodPlay:
		return (*Conn).play
	case rtsp.MethodPause:
		return (*Conn).pause
	case rtsp.MethodRecord:
		return (*Conn).record
	case rtsp.MethodTeardown:
		return (*Conn).teardown
	case rtsp.MethodGetParameter:
		return (*Conn).getParameter
	case rtsp.MethodSetParameter:
		return (*Conn).setParameter
	}
	return nil
}

func notImplemented() error {
	err := &rtsp.StatusError{Code: rtsp.StatusNotImplemented}
	err.Header.Set("Public", public)
	return err
}

// learn notes which server requests the client takes, when it says so.
func (c *Conn) learn(h rtsp.Header) {
	said := append(h.List("Public"), h.List("Allow")...)
	for _, m := range []rtsp.Method{rtsp.MethodAnnounce, rtsp.MethodRedirect} {
		if slices.Contains(said, string(m)) && !c.takes(m) {
			c.mu.Lock()
			c.accepts = append(c.accepts, m)
			c.mu.Unlock()
		}
	}
}

// required refuses feature tags: none is supported (CAP-07, CAP-08).
func required(h rtsp.Header) error {
	tags := append(h.List("Require"), h.List("Proxy-Require")...)
	if len(tags) == 0 {
		return nil
	}
	err := &rtsp.StatusError{Code: rtsp.StatusOptionNotSupported}
	addList(&err.Header, "Unsupported", ", ", tags)
	return err
}

// locate parses the request's URL. Only methods that need no resource may name all with "*" (SYN-21).
func (x *exchange) locate() error {
	if x.req.URI == "*" {
		switch x.req.Method {
		case rtsp.MethodOptions, rtsp.MethodGetParameter, rtsp.MethodSetParameter:
			return nil
		}
		return &rtsp.StatusError{Code: rtsp.StatusBadRequest, Text: "this method needs a URL"}
	}
	u, err := rtsp.ParseURL(x.req.URI)
	if err != nil {
		return err
	}
	if u.Host == "" { // an abs-path, as GStreamer's parser allows (SYN-20)
		u.Scheme, u.Host = "rtsp", x.conn.local.String()
	}
	x.url, x.name = u, newTarget(u)
	return nil
}

// find looks the Session header up.
func (x *exchange) find() error {
	if !x.req.Header.Has("Session") {
		return nil
	}
	id, _, err := rtsp.ParseSession(x.req.Header.Get("Session"))
	if err != nil {
		return statusError(rtsp.StatusSessionNotFound)
	}
	s := x.conn.server.session(id)
	if s == nil || !s.ownedBy(x.conn) {
		return statusError(rtsp.StatusSessionNotFound)
	}
	x.session = s
	return nil
}

// alive notes that every request with a session is a sign of life (SES-07); not one of somebody else.
func (x *exchange) alive() {
	if s := x.session; s != nil {
		s.touch(time.Now())
		x.resp.Header.Set("Session", rtsp.FormatSession(s.id, x.conn.server.cfg.SessionTimeout))
	}
}

// needSession refuses a method that acts on a session when none is named (ERR-454).
func (x *exchange) needSession() (*Session, error) {
	if x.session == nil {
		return nil, statusError(rtsp.StatusSessionNotFound)
	}
	return x.session, nil
}

// refusal turns an error into the response; the only place that does.
func (c *Conn) refusal(x *exchange, err error) {
	x.resp.Status = rtsp.StatusOf(err)
	x.resp.Body = nil
	x.after = nil
	for _, name := range []string{"Content-Type", "Content-Base", "Transport", "RTP-Info", "Range"} {
		x.resp.Header.Del(name)
	}
	var refused *rtsp.StatusError
	if errors.As(err, &refused) {
		x.resp.Reason = refused.Text
		for _, f := range refused.Header {
			x.resp.Header.Del(f.Name)
		}
		x.resp.Header = append(x.resp.Header, refused.Header...) // a name can come on several lines (SYN-28)
	}
	if x.resp.Status == rtsp.StatusSessionNotFound {
		x.resp.Header.Del("Session")
	}
	if x.resp.Status == rtsp.StatusInternalServerError {
		c.server.cfg.Logger.Error("request failed", "remote", c.remote, "method", string(x.req.Method), "path", x.name.path, "err", err)
	}
}

// ask calls the handler with a bound on its time; too slow is 503 (DSC-03).
func (x *exchange) ask(f func(ctx context.Context, r *Request) error) error {
	ctx, cancel := context.WithTimeout(x.conn.server.ctx, x.conn.server.cfg.HandlerTimeout)
	defer cancel()
	err := f(ctx, x.request())
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return unavailable(err)
	}
	return err
}

// request is what handlers are asked about.
func (x *exchange) request() *Request {
	return &Request{Request: x.req, Conn: x.conn, URL: x.url, Path: x.name.path, Query: x.name.query, Principal: x.who}
}

// unavailable is 503 with the time after which to try again (ERR-503).
func unavailable(cause error) error {
	err := &rtsp.StatusError{Code: rtsp.StatusServiceUnavailable, Err: cause}
	err.Header.Set("Retry-After", strconv.Itoa(5))
	return err
}
