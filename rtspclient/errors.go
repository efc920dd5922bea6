package rtspclient

import (
	"errors"
	"fmt"
	"time"

	"github.com/baton-rtsp/baton/internal/reach"
	"github.com/baton-rtsp/baton/rtsp"
)

// ErrSilence ends a client to which nothing comes any more, or nothing came at all.
var ErrSilence = errors.New("rtspclient: no media comes")

// ErrEnded ends a client whose session the server has ended.
var ErrEnded = errors.New("rtspclient: the server has ended the session")

// ErrBasic means that the server asks for a password in clear text, which [Config.AllowBasic] does not allow.
var ErrBasic = reach.ErrBasic

// ErrCredentials means that the server asks for credentials and there are none, or wants them in a way that is not known.
var ErrCredentials = reach.ErrCredentials

// ErrNoWebSocket means that there is something else at a URL of WebSocket, such as a page, or nothing.
var ErrNoWebSocket = errors.New("rtspclient: there is no RTSP over WebSocket at this URL")

// A TimeoutError is a request that was not answered in time.
type TimeoutError struct {
	Method rtsp.Method
	After  time.Duration
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("rtspclient: no answer to %s within %v", e.Method, e.After)
}

// Timeout is true (net.Error).
func (e *TimeoutError) Timeout() bool { return true }

// A RedirectError says where the server sends the client: by a status of 300 to 399, or by the method REDIRECT (RFC 2326
// §10.10, §11.2).
type RedirectError struct {
	Location string
	Code     rtsp.StatusCode // 0: by REDIRECT
}

func (e *RedirectError) Error() string {
	return "rtspclient: redirected to " + rtsp.Redacted(e.Location)
}

// refusal is the error of a response that is no success.
func refusal(method rtsp.Method, resp *rtsp.Response) error {
	if location := resp.Header.Get("Location"); resp.Status/100 == 3 && location != "" {
		return &RedirectError{Location: location, Code: resp.Status}
	}
	return &rtsp.StatusError{Code: resp.Status, Text: resp.Reason, Header: resp.Header, Err: fmt.Errorf("%s refused", method)}
}
