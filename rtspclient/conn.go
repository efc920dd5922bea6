package rtspclient

import (
	"errors"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
)

// A conn is the connection of a client: it matches answers with requests, and brings interleaved frames to their tracks.
type conn struct {
	client   *Client
	nc       net.Conn
	in       *stream
	channels [256]atomic.Pointer[lane] // by interleaved channel
	leaving  atomic.Bool               // the client is being closed: nothing waits for long

	writing chan struct{} // capacity 1: full over a write, which has a deadline
	buf     []byte        // owned by who writes

	// guarded by mu
	mu      sync.Mutex
	cseq    int
	pending []*call // in the order in which they were made
}

// farewell is how long the last request may take to be written.
const farewell = time.Second

// A call is a request that waits for its answer.
type call struct {
	cseq   string
	answer chan *rtsp.Response // capacity 1
}

func newConn(c *Client, nc net.Conn) *conn {
	cc := &conn{client: c, nc: nc, in: newStream(nc, c.cfg.Limits, c.cfg.Trace != nil), writing: make(chan struct{}, 1)}
	cc.in.known = func(channel uint8) bool { return cc.channels[channel].Load() != nil }
	cc.in.media = cc.interleaved
	return cc
}

// interleaved tells whether media is awaited on the connection.
func (c *conn) interleaved() bool {
	for i := range c.channels {
		if c.channels[i].Load() != nil {
			return true
		}
	}
	return false
}

// serve reads until the connection ends.
func (c *conn) serve() {
	err := c.items()
	c.client.end(err)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.pending {
		close(p.answer)
	}
	c.pending = nil
}

func (c *conn) items() error {
	for {
		kind, err := c.in.next()
		if err != nil {
			return err
		}
		switch kind {
		case rtsp.KindFrame:
			if l := c.channels[c.in.channel].Load(); l != nil {
				l.frame(c.in.channel, c.in.payload, time.Now())
			}
			if !c.in.frameBuffered() {
				c.client.cfg.Flush()
			}
		case rtsp.KindResponse:
			c.answered(c.in.messages.Response())
		case rtsp.KindRequest:
			if err := c.asked(c.in.messages.Request()); err != nil {
				return err
			}
		}
	}
}

// answered gives a response to the request that it is for. One without a CSeq that is known answers the oldest (CON-10).
func (c *conn) answered(resp *rtsp.Response) {
	c.traceMessage(false, c.in.raw)
	if resp.Status/100 == 1 {
		return // there will be another
	}
	if p := c.match(resp.Header.Get("CSeq")); p != nil {
		p.answer <- resp
	} else if resp.Status == rtsp.StatusUnauthorized { // to a keep-alive
		c.client.renew(resp)
	}
}

// match takes out the request that an answer is for; nil when nobody waits for it.
func (c *conn) match(cseq string) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pending) == 0 {
		return nil
	}
	at := slices.IndexFunc(c.pending, func(p *call) bool { return p.cseq == cseq })
	if at < 0 {
		if n, err := strconv.Atoi(cseq); err == nil && 0 < n && n <= c.cseq {
			return nil // of a keep-alive, or too late
		}
		at = 0
	}
	p := c.pending[at]
	c.pending = slices.Delete(c.pending, at, at+1)
	return p
}

// call sends a request and returns where its answer will come.
func (c *conn) call(req *rtsp.Request) (*call, error) {
	p := &call{answer: make(chan *rtsp.Response, 1)}
	c.mu.Lock()
	c.number(req)
	p.cseq = req.Header.Get("CSeq")
	c.pending = append(c.pending, p)
	c.mu.Unlock()
	if err := c.send(req.Append(nil)); err != nil {
		c.forget(p)
		return nil, err
	}
	return p, nil
}

// post sends a request whose answer nobody waits for.
func (c *conn) post(req *rtsp.Request) error {
	c.mu.Lock()
	c.number(req)
	c.mu.Unlock()
	return c.send(req.Append(nil))
}

func (c *conn) number(req *rtsp.Request) {
	c.cseq++
	req.Header.Set("CSeq", strconv.Itoa(c.cseq))
}

func (c *conn) forget(p *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending = slices.DeleteFunc(c.pending, func(have *call) bool { return have == p })
}

// send writes a message.
func (c *conn) send(b []byte) error {
	c.traceMessage(true, b)
	return c.write(func(buf []byte) []byte { return append(buf, b...) })
}

// write writes what add appends, whole.
func (c *conn) write(add func([]byte) []byte) error {
	c.writing <- struct{}{}
	defer func() { <-c.writing }()
	c.buf = add(c.buf[:0])
	patience := c.client.cfg.Timeout
	c.nc.SetWriteDeadline(time.Now().Add(patience))
	if c.leaving.Load() { // behind the other: Close sets one as well, of a write that has begun
		c.nc.SetWriteDeadline(time.Now().Add(min(patience, farewell)))
	}
	_, err := c.nc.Write(c.buf)
	if cap(c.buf) > 128<<10 {
		c.buf = nil
	}
	return err
}

// asked answers a request of the server (CON-11). The error ends the client.
func (c *conn) asked(req *rtsp.Request) error {
	c.traceMessage(false, c.in.raw)
	resp := &rtsp.Response{Status: rtsp.StatusOK}
	var end error
	switch req.Method {
	case rtsp.MethodOptions:
		resp.Header.Set("Public", "OPTIONS, GET_PARAMETER, SET_PARAMETER, ANNOUNCE, REDIRECT, TEARDOWN")
	case rtsp.MethodGetParameter, rtsp.MethodSetParameter:
	case rtsp.MethodAnnounce:
		if err := c.client.announced(req); err != nil {
			resp.Status = rtsp.StatusBadRequest
		}
	case rtsp.MethodRedirect:
		end = &RedirectError{Location: req.Header.Get("Location")}
	case rtsp.MethodTeardown:
		end = ErrEnded
	default:
		resp.Status = rtsp.StatusNotImplemented
	}
	if cseq := req.Header.Get("CSeq"); cseq != "" {
		resp.Header.Set("CSeq", cseq)
	}
	if id := req.Header.Get("Session"); id != "" {
		resp.Header.Set("Session", id)
	}
	if err := c.send(resp.Append(nil)); err != nil {
		return errors.Join(end, err)
	}
	if end != nil && req.Method == rtsp.MethodRedirect { // the session goes, politely (RED-01)
		c.post(c.client.request(rtsp.MethodTeardown, c.client.aggregate(), nil, nil))
	}
	return end
}

// announced takes a newer description (ANN-10).
func (c *Client) announced(req *rtsp.Request) error {
	desc, err := sdp.Parse(req.Body)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.desc, c.tracks = desc, resized(c.tracks, len(desc.Media))
	for i, t := range c.tracks {
		if t != nil && i < len(desc.Media) {
			t.media.Store(desc.Media[i])
		}
	}
	c.mu.Unlock()
	if c.cfg.Described != nil {
		c.cfg.Described(desc)
	}
	return nil
}

func (c *conn) traceMessage(sent bool, b []byte) {
	if c.client.cfg.Trace != nil {
		c.client.cfg.Trace(Trace{At: time.Now(), Sent: sent, Message: true, Local: c.nc.LocalAddr(), Remote: c.nc.RemoteAddr(), Data: b})
	}
}
