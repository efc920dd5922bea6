package servertest

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// patience is how long a client waits for an answer. In virtual time it costs nothing.
const patience = 10 * time.Second

// A Client is one connection to the server, for tests that look at bytes. Its transcript is logged when
// the test fails. Not safe for concurrent use.
type Client struct {
	W       *World
	Host    string
	Conn    net.Conn
	Session string // sent with Do once a SETUP was answered with one

	reader *rtsp.Reader
	cseq   int
	frames []Frame
	script transcript
}

// A Frame is one interleaved frame.
type Frame struct {
	Channel uint8
	Payload []byte
}

// A Response is what the server answered.
type Response struct {
	*rtsp.Response
	Raw string // of the header block and body, as it came
}

// Dial connects from ClientHost.
func (w *World) Dial() *Client { return w.DialAs(ClientHost) }

// DialAs connects from a host.
func (w *World) DialAs(host string) *Client {
	w.T.Helper()
	return w.Talk(host, w.DialFrom(host))
}

// Talk makes a client of a connection that the test has opened.
func (w *World) Talk(host string, nc net.Conn) *Client {
	c := &Client{W: w, Host: host, Conn: nc}
	c.reader = rtsp.NewReader(io.TeeReader(c.Conn, &c.script), nil)
	w.T.Cleanup(func() {
		if w.T.Failed() {
			w.T.Logf("transcript of %s:\n%s", host, c.script.String())
		}
	})
	return c
}

// Close closes the connection.
func (c *Client) Close() { c.Conn.Close() }

// Send writes bytes as they are.
func (c *Client) Send(raw string) {
	c.W.T.Helper()
	c.script.note("C> ", raw)
	c.Conn.SetWriteDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c.Conn, raw); err != nil {
		c.W.T.Fatalf("send: %v", err)
	}
}

// Do sends a request with the next CSeq, and the session if there is one, and waits for the answer.
// path is joined to the server's URL unless it is "*" or absolute; each header is "Name: value"; a last
// one that begins with a blank line ("\r\n…") is the body, for which a length is added.
func (c *Client) Do(method, path string, headers ...string) *Response {
	c.W.T.Helper()
	c.Request(method, path, headers...)
	return c.Response()
}

// Request sends what Do sends and does not wait.
func (c *Client) Request(method, path string, headers ...string) {
	c.W.T.Helper()
	c.cseq++
	url := path
	if path != "*" && !strings.Contains(path, "://") {
		url = c.W.URL + "/" + strings.TrimPrefix(path, "/")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s RTSP/1.0\r\nCSeq: %d\r\n", method, url, c.cseq)
	if c.Session != "" && method != "DESCRIBE" && !hasHeader(headers, "Session") {
		fmt.Fprintf(&b, "Session: %s\r\n", c.Session)
	}
	body := ""
	for _, h := range headers {
		if rest, ok := strings.CutPrefix(h, "\r\n"); ok {
			body = rest
			fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
			continue
		}
		b.WriteString(h + "\r\n")
	}
	b.WriteString("\r\n" + body)
	c.Send(b.String())
}

func hasHeader(headers []string, name string) bool {
	for _, h := range headers {
		if n, _, ok := strings.Cut(h, ":"); ok && strings.EqualFold(strings.TrimSpace(n), name) {
			return true
		}
	}
	return false
}

// Response waits for the next response; frames that come before it are kept for Frame.
func (c *Client) Response() *Response {
	c.W.T.Helper()
	r, err := c.TryResponse()
	if err != nil {
		c.W.T.Fatalf("no response: %v\n%s", err, c.script.String())
	}
	return r
}

// TryResponse is Response with an error instead of a failed test, for connections that end.
func (c *Client) TryResponse() (*Response, error) {
	for {
		kind, err := c.next(patience)
		if err != nil {
			return nil, err
		}
		switch kind {
		case rtsp.KindFrame:
			c.keep()
		case rtsp.KindResponse:
			r := &Response{Response: c.reader.Response(), Raw: string(c.reader.Response().Append(nil))}
			if id := r.Header.Get("Session"); id != "" && r.Status == rtsp.StatusOK {
				c.Session, _, _ = strings.Cut(id, ";")
			}
			return r, nil
		}
	}
}

// ServerRequest waits for a request of the server, and answers it with 200.
func (c *Client) ServerRequest() *rtsp.Request {
	c.W.T.Helper()
	for {
		kind, err := c.next(patience)
		if err != nil {
			c.W.T.Fatalf("no request of the server: %v", err)
		}
		switch kind {
		case rtsp.KindFrame:
			c.keep()
		case rtsp.KindRequest:
			r := c.reader.Request()
			c.Send("RTSP/1.0 200 OK\r\nCSeq: " + r.Header.Get("CSeq") + "\r\n\r\n")
			return r
		}
	}
}

// Frame waits for the next interleaved frame; false when none comes within d or the connection ends.
func (c *Client) Frame(d time.Duration) (Frame, bool) {
	if len(c.frames) > 0 {
		f := c.frames[0]
		c.frames = c.frames[1:]
		return f, true
	}
	kind, err := c.next(d)
	if err != nil || kind != rtsp.KindFrame {
		return Frame{}, false
	}
	ch, b := c.reader.Frame()
	return Frame{ch, append([]byte(nil), b...)}, true
}

// Drop forgets the frames that came so far with what else was waited for, and returns how many.
func (c *Client) Drop() int {
	n := len(c.frames)
	c.frames = nil
	return n
}

// Mute keeps no transcript from now on: for tests that measure memory.
func (c *Client) Mute() {
	c.script.mu.Lock()
	defer c.script.mu.Unlock()
	c.script.muted = true
}

// Narrow leaves the server room for only so many bytes before the client reads: its writes are torn.
func (c *Client) Narrow(bytes int) {
	c.Conn.(interface{ SetReadBuffer(bytes int) error }).SetReadBuffer(bytes)
}

// Closed waits for the server to close the connection.
func (c *Client) Closed() bool {
	for {
		if _, err := c.next(3 * patience); err != nil {
			ne, ok := err.(net.Error)
			return !ok || !ne.Timeout()
		}
	}
}

func (c *Client) keep() {
	ch, b := c.reader.Frame()
	c.frames = append(c.frames, Frame{ch, append([]byte(nil), b...)})
}

func (c *Client) next(d time.Duration) (rtsp.Kind, error) {
	c.Conn.SetReadDeadline(time.Now().Add(d))
	return c.reader.Next()
}

// Transcript is all that went over the connection so far, as lines of "C> " and "S< ".
func (c *Client) Transcript() string { return c.script.String() }

// Received is all bytes that came from the server so far.
func (c *Client) Received() string { return c.script.received() }

// A Lane is where one track's packets arrive: two channels of a connection, or two ports.
type Lane struct {
	c         *Client
	channel   uint8
	rtp, rtcp rtspserver.PacketConn
	Port      uint16
	Transport rtsp.Transport // as the server answered
	Response  *Response
}

// Setup sets up a track over "tcp" or "udp" and fails the test when it is refused.
func (c *Client) Setup(path, lower string, headers ...string) *Lane {
	c.W.T.Helper()
	spec := "RTP/AVP/TCP;unicast"
	if lower == "udp" {
		spec = "RTP/AVP;unicast;client_port=%d-%d"
	}
	return c.SetupAs(path, spec, headers...)
}

// SetupAs is Setup with a Transport as some program writes it; ports stand as %d-%d in it.
func (c *Client) SetupAs(path, spec string, headers ...string) *Lane {
	c.W.T.Helper()
	l := &Lane{c: c}
	if strings.Contains(spec, "%d-%d") {
		l.rtp, l.rtcp, l.Port = c.W.Packets(c.Host)
		c.W.T.Cleanup(l.Close)
		spec = fmt.Sprintf(spec, l.Port, l.Port+1)
	}
	headers = append(headers, "Transport: "+spec)
	l.Response = c.Do("SETUP", path, headers...)
	if l.Response.Status != rtsp.StatusOK {
		c.W.T.Fatalf("SETUP: %d", l.Response.Status)
	}
	specs, err := rtsp.ParseTransports(l.Response.Header.Values("Transport"))
	if err != nil || len(specs) != 1 {
		c.W.T.Fatalf("Transport %q: %v", l.Response.Header.Get("Transport"), err)
	}
	l.Transport, l.channel = specs[0], specs[0].Interleaved.RTP
	return l
}

// Close closes the ports of the lane.
func (l *Lane) Close() {
	if l.rtp != nil {
		l.rtp.Close()
		l.rtcp.Close()
	}
}

// CloseRTCP closes the RTCP port of the lane.
func (l *Lane) CloseRTCP() { l.rtcp.Close() }

// RTP waits for the next media packet of the lane; nil when none comes within d.
func (l *Lane) RTP(d time.Duration) []byte { return l.receive(d, false) }

// RTCP waits for the next control packet of the lane; nil when none comes within d.
func (l *Lane) RTCP(d time.Duration) []byte { return l.receive(d, true) }

func (l *Lane) receive(d time.Duration, rtcp bool) []byte {
	if l.rtp == nil {
		return l.c.frameOn(l.channel+map[bool]uint8{false: 0, true: l.Transport.Interleaved.RTCP - l.channel}[rtcp], d)
	}
	socket := l.rtp
	if rtcp {
		socket = l.rtcp
	}
	b := make([]byte, 65536)
	socket.SetReadDeadline(time.Now().Add(d))
	n, _, err := socket.ReadFromUDPAddrPort(b)
	if err != nil {
		return nil
	}
	return b[:n]
}

// frameOn waits for a frame of one channel and keeps the others.
func (c *Client) frameOn(channel uint8, d time.Duration) []byte {
	for i, f := range c.frames {
		if f.Channel == channel {
			c.frames = append(c.frames[:i:i], c.frames[i+1:]...)
			return f.Payload
		}
	}
	until := time.Now().Add(d)
	for {
		kind, err := c.next(time.Until(until))
		if err != nil {
			return nil
		}
		if kind != rtsp.KindFrame {
			continue
		}
		if ch, b := c.reader.Frame(); ch == channel {
			return append([]byte(nil), b...)
		}
		c.keep()
	}
}

// SendRTP sends a media packet to the server, as a publisher does.
func (l *Lane) SendRTP(b []byte) { l.send(b, false) }

// SendRTCP sends a control packet to the server.
func (l *Lane) SendRTCP(b []byte) { l.send(b, true) }

func (l *Lane) send(b []byte, rtcp bool) {
	l.c.W.T.Helper()
	if l.rtp == nil {
		ch := l.Transport.Interleaved.RTP
		if rtcp {
			ch = l.Transport.Interleaved.RTCP
		}
		l.c.Send(string(rtsp.AppendFrame(nil, ch, b)))
		return
	}
	socket, port := l.rtp, l.Transport.ServerPort.RTP
	if rtcp {
		socket, port = l.rtcp, l.Transport.ServerPort.RTCP
	}
	host, _, _ := net.SplitHostPort(l.c.W.addr)
	addr, err := net.ResolveUDPAddr("udp", net.JoinHostPort(host, strconv.Itoa(int(port))))
	if err != nil {
		l.c.W.T.Fatal(err)
	}
	if _, err := socket.WriteToUDPAddrPort(b, addr.AddrPort()); err != nil {
		l.c.W.T.Fatal(err)
	}
}

// A transcript is what went over a connection.
type transcript struct {
	mu    sync.Mutex
	muted bool
	lines strings.Builder
	in    strings.Builder
}

// maxTranscript is how much of a transcript is kept.
const maxTranscript = 64 << 10

func (t *transcript) note(prefix, raw string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.muted || t.lines.Len() > maxTranscript {
		return
	}
	for _, line := range strings.SplitAfter(raw, "\n") {
		if line != "" {
			fmt.Fprintf(&t.lines, "%s%q\n", prefix, line)
		}
	}
}

// Write takes what came from the server.
func (t *transcript) Write(b []byte) (int, error) {
	t.note("S< ", string(b))
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.muted {
		t.in.Write(b)
	}
	return len(b), nil
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lines.String()
}

func (t *transcript) received() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.in.String()
}
