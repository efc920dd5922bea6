package rtspclient

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/baton-rtsp/baton/internal/reach"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
)

// A Client is one connection to a server and the session that is controlled over it. Its methods may be called from any
// goroutine; requests are answered in the order in which they were made.
type Client struct {
	cfg  Config
	url  string // that requests name, without credentials
	web  bool   // over WebSocket
	conn *conn

	done chan struct{} // closed by end
	wg   sync.WaitGroup
	poke chan struct{} // capacity 1: the watch has something else to wait for

	// guarded by mu
	mu         sync.Mutex
	err        error // why it has ended
	auth       reach.Credentials
	public     []rtsp.Method // what the server says that it can do; nil: not known
	desc       *sdp.Session
	base       string // of the track's URLs
	session    string
	timeout    time.Duration
	tracks     []*Track  // by media section; nil: not set up
	branches   []*Client // tracks on other hosts
	trunk      *Client   // whose branch this is; nil: of nobody
	alone      bool      // one track of a presentation: its URL is all that there is here
	publishing bool
	playing    bool      // or recording
	played     bool      // a PLAY has succeeded
	since      time.Time // when it began to play: silence counts from there
	told       time.Time // when the last request was made: the next keep-alive counts from there
	renewed    bool      // the last keep-alive was made at once, for a new nonce
	expires    time.Time // of the description; the zero time: the server does not say
}

// Dial connects to the server of a URL. Nothing is asked yet. The credentials of the URL are kept for when they are asked for.
func Dial(ctx context.Context, url string, cfg *Config) (*Client, error) {
	full := cfg.filled()
	u, requests, err := full.place(url)
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: full, url: requests, web: reach.IsWeb(url), done: make(chan struct{}), poke: make(chan struct{}, 1), timeout: rtsp.DefaultSessionTimeout}
	c.auth = reach.Credentials{User: c.cfg.User, Password: c.cfg.Password}
	if u.HasUser {
		c.auth.User, c.auth.Password = u.User, u.Password
	}
	c.auth.Clear = c.cfg.AllowBasic || u.Scheme == "rtsps" || u.Scheme == "wss"
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	nc, err := c.cfg.connect(ctx, u, c.auth)
	if err != nil {
		return nil, err
	}
	c.base = c.url
	c.conn = newConn(c, nc)
	c.wg.Go(c.conn.serve) // ends when the connection does
	c.wg.Go(c.watch)      // ends with the client
	return c, nil
}

// URL is what requests name, without credentials: the URL that the client was made for, but over WebSocket.
func (c *Client) URL() string { return c.url }

// LocalAddr is the client's end of the connection, RemoteAddr the server's.
func (c *Client) LocalAddr() net.Addr { return c.conn.nc.LocalAddr() }

// RemoteAddr is the server's end of the connection.
func (c *Client) RemoteAddr() net.Addr { return c.conn.nc.RemoteAddr() }

// Description is what the server described last, or what was announced; nil before.
func (c *Client) Description() *sdp.Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.desc
}

// Expires is when the description becomes stale (RFC 2326 §12.19), in the past when what the server says is no date, such as 0.
// It is false when the server does not say. What is set up goes on; [Client.Describe] asks anew.
func (c *Client) Expires() (at time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.expires, !c.expires.IsZero()
}

// Tracks are those that are set up, in the order of their media sections.
func (c *Client) Tracks() []*Track {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.tracks), func(t *Track) bool { return t == nil })
}

// Session is the id of the session, "" while there is none.
func (c *Client) Session() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// Done is closed when the client has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err says why the client has ended: [net.ErrClosed] after Close. It is nil before.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the client at once, with TEARDOWN for a session that plays but without waiting for the answer. When it returns no
// goroutine of the client is left and nothing of it is called any more. Do not call it from a function of [Config].
func (c *Client) Close() error {
	c.conn.leaving.Store(true)
	c.conn.nc.SetWriteDeadline(time.Now().Add(farewell)) // of a write that is under way
	if c.Err() == nil && c.Session() != "" {
		c.conn.post(c.request(rtsp.MethodTeardown, c.aggregate(), nil, nil))
	}
	c.prune()
	c.end(net.ErrClosed)
	c.wg.Wait()
	return nil
}

// end ends the client, and those that it belongs together with; the first cause counts.
func (c *Client) end(cause error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.err = cause
	close(c.done)
	for _, t := range c.tracks {
		if t != nil && t.client == c {
			t.close()
		}
	}
	trunk, branches := c.trunk, c.branches
	c.mu.Unlock()
	c.conn.nc.Close() // over WebSocket it waits for the answer
	if trunk != nil {
		trunk.end(ofBranch(cause))
	}
	for _, b := range branches {
		b.end(cause)
	}
}

// aggregate is the URL of the presentation.
func (c *Client) aggregate() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.desc == nil || c.alone {
		return c.url
	}
	return rtsp.ResolveControl(c.base, c.desc.Control())
}
