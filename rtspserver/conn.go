package rtspserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// A Conn is one connection that carries requests, and the interleaved media of the sessions that were
// set up on it. Its requests are served one after the other (RFC 2326 §9.1) on one goroutine.
type Conn struct {
	// constant
	server        *Server
	nc            net.Conn
	out           output
	local, remote netip.AddrPort
	secure        bool          // inside TLS
	serving       chan struct{} // capacity 1; full while a request is served

	// owned by serve
	reader   *rtsp.Reader
	scratch  []byte
	deadline bool // a read deadline is set
	leaving  bool // the response being written is the last
	stranger bool // it has had no session

	// guarded by mu
	mu        sync.Mutex
	channels  []*binding // what incoming interleaved frames belong to, by channel
	sessions  []*Session // set up on this connection
	announced *Session   // of the last ANNOUNCE: takes SETUP without a Session header (ANN-02)
	accepts   []rtsp.Method
	cseq      int
}

// A binding says where an incoming interleaved channel leads.
type binding struct {
	transport *transport
	rtcp      bool
}

func newConn(s *Server, nc net.Conn) *Conn {
	c := &Conn{server: s, nc: nc, secure: isSecure(nc), serving: make(chan struct{}, 1), stranger: true}
	if ws, ok := nc.(*webSocketConn); ok {
		ws.out = newFrameOutput(ws, s.cfg.PortableIO, &s.records)
		c.out = ws.out
	} else {
		c.out = newOutput(nc, s.cfg.PortableIO)
	}
	c.local, c.remote = addrPort(nc.LocalAddr()), addrPort(nc.RemoteAddr())
	c.reader = rtsp.NewReader(nc, &s.strangers)
	return c
}

func addrPort(a net.Addr) netip.AddrPort {
	if ta, ok := a.(*net.TCPAddr); ok {
		ap := ta.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	ap, _ := netip.ParseAddrPort(a.String())
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// RemoteAddr is the address of the peer; LocalAddr is the one it connected to.
func (c *Conn) RemoteAddr() netip.AddrPort { return c.remote }

// LocalAddr is the address that the peer connected to.
func (c *Conn) LocalAddr() netip.AddrPort { return c.local }

// Forwarded tells whether the connection says of itself that a proxy passes it on, as the handshake of a WebSocket can: RemoteAddr is the
// proxy's then. Not every proxy says so.
func (c *Conn) Forwarded() bool {
	ws, ok := c.nc.(*webSocketConn)
	return ok && ws.forwarded
}

// Protocol is how the connection carries RTSP: "rtsp", "rtsps", "ws" or "wss".
func (c *Conn) Protocol() string {
	name := "rtsp"
	if _, ok := c.nc.(*webSocketConn); ok {
		name = "ws"
	}
	if c.Secure() {
		name += "s"
	}
	return name
}

// serve reads until the connection ends, then ends the sessions that lived on it.
func (c *Conn) serve() {
	log := c.server.cfg.Logger
	err := c.server.contained("a connection", c.converse, "remote", c.remote)
	c.close()
	c.out.Close()
	c.abandon(err)
	c.server.forget(c)
	switch {
	case err == nil, isGone(err):
	case errors.Is(err, errHandshake), errors.Is(err, errWrongPort): // half the internet tries
		log.Debug("no TLS", "remote", c.remote, "err", err)
	default:
		log.Info("connection ended", "remote", c.remote, "err", err)
	}
}

// converse serves a connection from its first byte to its last.
func (c *Conn) converse() error {
	if err := c.greet(); err != nil {
		return err
	}
	return c.items()
}

// items serves what comes until the peer or the server has enough.
func (c *Conn) items() error {
	for !c.leaving {
		if err := c.item(); err != nil {
			return err
		}
	}
	return nil
}

// item reads and serves one request, response or frame.
func (c *Conn) item() error {
	c.await()
	if err := c.reader.Wait(); err != nil {
		return err
	}
	c.begun()
	kind, err := c.reader.Next()
	if err != nil {
		return c.refuse(err)
	}
	switch kind {
	case rtsp.KindFrame:
		channel, b := c.reader.Frame()
		c.frame(channel, b)
	case rtsp.KindRequest:
		return c.request(c.reader.Request())
	case rtsp.KindResponse: // to a REDIRECT or ANNOUNCE of ours: any answer is harmless (CON-12)
		c.heard(c.reader.Response())
	}
	return nil
}

// await sets how long the peer may be silent: a connection without a session is closed when idle.
func (c *Conn) await() {
	if c.reader.Buffered() > 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock() // over setting it too: release does the same from other goroutines
	if len(c.sessions) == 0 {
		c.setDeadline(c.server.cfg.IdleTimeout)
	} else if c.deadline {
		c.setDeadline(0)
	}
}

// begun sets how long what has begun may take. A whole frame that is already here needs no deadline.
func (c *Conn) begun() {
	if !c.reader.FrameBuffered() {
		c.setDeadline(c.server.cfg.RequestTimeout)
	}
}

func (c *Conn) setDeadline(d time.Duration) {
	c.deadline = d > 0
	if d == 0 {
		c.nc.SetReadDeadline(time.Time{})
		return
	}
	c.nc.SetReadDeadline(time.Now().Add(d))
}

// frame takes one interleaved frame. On an unknown channel, or before PLAY and RECORD, it is dropped
// whole (FRM-05, FRM-06).
func (c *Conn) frame(channel uint8, b []byte) {
	c.mu.Lock()
	var to *binding
	if int(channel) < len(c.channels) {
		to = c.channels[channel]
	}
	c.mu.Unlock()
	if to == nil {
		return
	}
	t := to.transport
	t.session.receive(t.track, to.rtcp, b, time.Now())
	if !c.reader.FrameBuffered() {
		t.session.flush()
	}
}

// refuse answers what could not be read as a request, where the framing allows an answer.
func (c *Conn) refuse(err error) error {
	var bad *rtsp.MessageError
	if !errors.As(err, &bad) {
		return err
	}
	if err := c.respond(answerTo(bad)); err != nil {
		return err
	}
	if bad.Fatal {
		c.drain()
		return fmt.Errorf("framing lost: %d", int(bad.Status)) // not what was read: it can hold a password
	}
	return nil
}

// answerTo is the response to what could not be read as a request.
func answerTo(bad *rtsp.MessageError) *rtsp.Response {
	resp := &rtsp.Response{Proto: protocol, Status: bad.Status}
	if bad.CSeq != "" {
		resp.Header.Set("CSeq", bad.CSeq)
	}
	if bad.Fatal {
		resp.Header.Set("Connection", "close")
	}
	return resp
}

// protocol is the version that this server speaks.
const protocol = "RTSP/1.0"

// respond writes a response, with the headers that all have.
func (c *Conn) respond(resp *rtsp.Response) error {
	if resp.Proto == "" {
		resp.Proto = protocol
	}
	resp.Header.Set("Server", c.server.cfg.Name)
	c.scratch = resp.Append(c.scratch[:0])
	return c.out.Message(c.scratch)
}

// send writes a request of the server to the client (REDIRECT, ANNOUNCE). From any goroutine.
func (c *Conn) send(r *rtsp.Request) error {
	c.mu.Lock()
	c.cseq++
	r.Proto = protocol
	r.Header = append(rtsp.Header{{Name: "CSeq", Value: strconv.Itoa(c.cseq)}}, r.Header...)
	c.mu.Unlock()
	return c.out.Message(r.Append(nil))
}

// heard takes a client's answer to a request of ours.
func (c *Conn) heard(r *rtsp.Response) {
	c.server.cfg.Logger.Debug("answer", "remote", c.remote, "status", int(r.Status))
}

// takes tells whether the client has said that it knows a server request (ANN-09).
func (c *Conn) takes(m rtsp.Method) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Contains(c.accepts, m)
}

// bind leads the two incoming channels of a transport to it.
func (c *Conn) bind(t *transport) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := t.spec.Interleaved
	for int(max(ch.RTP, ch.RTCP)) >= len(c.channels) {
		c.channels = append(c.channels, nil)
	}
	c.channels[ch.RTP] = &binding{t, false}
	c.channels[ch.RTCP] = &binding{t, true}
}

// unbind frees the channels of a transport.
func (c *Conn) unbind(t *transport) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, b := range c.channels {
		if b != nil && b.transport == t {
			c.channels[i] = nil
		}
	}
}

// freeChannels picks the wanted pair when it is free for a transport, else the next free one (TRN-07,
// TRN-08).
func (c *Conn) freeChannels(t *transport, want rtsp.ChannelPair) (rtsp.ChannelPair, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	free := func(ch int) bool {
		return ch >= len(c.channels) || c.channels[ch] == nil || t.replaces(c.channels[ch].transport)
	}
	if want.Set && want.RTP != want.RTCP && free(int(want.RTP)) && free(int(want.RTCP)) {
		return want, true
	}
	for ch := 0; ch < 256; ch += 2 {
		if free(ch) && free(ch+1) {
			return rtsp.ChannelPair{RTP: uint8(ch), RTCP: uint8(ch + 1), Set: true}, true
		}
	}
	return rtsp.ChannelPair{}, false
}

// adopt notes that a session was set up on this connection. It runs on the connection's goroutine.
func (c *Conn) adopt(s *Session) {
	c.known()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.sessions, s) {
		c.sessions = append(c.sessions, s)
	}
}

// release forgets a session; it reports whether none is left.
func (c *Conn) release(s *Session) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.sessions, s); i >= 0 {
		c.sessions = slices.Delete(c.sessions, i, i+1)
	}
	if c.announced == s {
		c.announced = nil
	}
	if len(c.sessions) > 0 {
		return false
	}
	c.nc.SetReadDeadline(time.Now().Add(c.server.cfg.IdleTimeout)) // serve may be waiting without one
	return true
}

// abandon ends what cannot live without the connection: interleaved sessions and announcements
// (CON-07). Sessions over UDP go on until they time out (CON-06).
func (c *Conn) abandon(err error) {
	c.mu.Lock()
	sessions := slices.Clone(c.sessions)
	if c.announced != nil && !slices.Contains(sessions, c.announced) {
		sessions = append(sessions, c.announced)
	}
	c.mu.Unlock()
	for _, s := range sessions {
		c.server.contained("a lost session", func() error {
			s.lost(c, err)
			return nil
		}, "session", s.id[:8])
	}
}

// hangUp closes the connection when what it is owed has been written, with the answer to a request that
// is being served.
func (c *Conn) hangUp() {
	c.server.later(func() {
		c.serving <- struct{}{}
		defer func() { <-c.serving }()
		c.drain()
		c.close()
	})
}

// farewell is how long a peer may take to read the last bytes for it.
const farewell = 2 * time.Second

// drain waits until the peer has been sent what it is owed, but not for one that does not read.
func (c *Conn) drain() error {
	ctx, cancel := context.WithTimeout(c.server.ctx, farewell)
	defer cancel()
	c.out.Drain(ctx)
	if ctx.Err() != nil {
		return errUnread
	}
	return nil
}

// close closes the connection; serve notices and cleans up.
func (c *Conn) close() { c.nc.Close() }

// isGone tells the ordinary ends of a connection from what is worth a line.
func isGone(err error) bool {
	for _, gone := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, os.ErrDeadlineExceeded, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return false
}
