package rtspclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// request makes a request with what all have in common.
func (c *Client) request(method rtsp.Method, uri string, header rtsp.Header, body []byte) *rtsp.Request {
	req := &rtsp.Request{Method: method, URI: uri, Body: body}
	req.Header.Set("CSeq", "")
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != "" && method != rtsp.MethodDescribe {
		req.Header.Set("Session", c.session)
	}
	if a := c.auth.Authorize(method, uri); a != "" {
		req.Header.Set("Authorization", a)
	}
	req.Header = append(req.Header, header...)
	c.told = time.Now()
	return req
}

// Do makes any request and returns the response, whatever its status. A response that asks for credentials is answered with
// them, once, and once more when the server says that only the nonce was too old. Headers that every request has (CSeq,
// User-Agent, Session, Authorization) are added.
func (c *Client) Do(ctx context.Context, method rtsp.Method, uri string, header rtsp.Header, body []byte) (*rtsp.Response, error) {
	for tries := 0; ; tries++ {
		resp, err := c.once(ctx, c.request(method, uri, header, body))
		if err != nil || resp.Status != rtsp.StatusUnauthorized {
			return resp, err
		}
		c.mu.Lock()
		again, err := c.auth.Again(rtsp.ParseChallenges(resp.Header.Values("WWW-Authenticate")), tries)
		c.mu.Unlock()
		if err != nil {
			return resp, fmt.Errorf("%w: %w", err, refusal(method, resp))
		}
		if !again {
			return resp, nil
		}
	}
}

// once sends a request and waits for the answer.
func (c *Client) once(ctx context.Context, req *rtsp.Request) (*rtsp.Response, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.Timeout, &TimeoutError{Method: req.Method, After: c.cfg.Timeout})
	defer cancel()
	p, err := c.conn.call(req)
	if err != nil {
		return nil, c.ended(err)
	}
	select {
	case resp := <-p.answer:
		if resp == nil {
			return nil, c.ended(net.ErrClosed)
		}
		c.note(req, resp)
		return resp, nil
	case <-ctx.Done():
		c.conn.forget(p)
		return nil, context.Cause(ctx)
	}
}

// ended prefers why the client has ended to what a call on it came back with.
func (c *Client) ended(err error) error {
	if cause := c.Err(); cause != nil {
		return cause
	}
	return err
}

// note remembers the session that a response is about.
func (c *Client) note(req *rtsp.Request, resp *rtsp.Response) {
	if resp.Status/100 != 2 || !resp.Header.Has("Session") || req.Method == rtsp.MethodTeardown {
		return
	}
	id, timeout, err := rtsp.ParseSession(resp.Header.Get("Session"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = id
	if req.Method == rtsp.MethodSetup || timeout != rtsp.DefaultSessionTimeout {
		c.timeout = timeout
		c.wakeWatch()
	}
}

// must makes a request, and an error of a response that is no success.
func (c *Client) must(ctx context.Context, method rtsp.Method, uri string, header rtsp.Header, body []byte) (*rtsp.Response, error) {
	resp, err := c.Do(ctx, method, uri, header, body)
	if err != nil {
		return nil, err
	}
	if resp.Status/100 != 2 {
		return resp, refusal(method, resp)
	}
	return resp, nil
}

// unsupported tells a refusal that is about the method, not about this use of it (CAP-18, CAP-19).
func unsupported(err error) bool {
	var refused *rtsp.StatusError
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Code {
	case rtsp.StatusNotImplemented, rtsp.StatusMethodNotAllowed, rtsp.StatusOptionNotSupported, rtsp.StatusNotFound, rtsp.StatusBadRequest:
		return true
	}
	return false
}
