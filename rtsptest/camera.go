package rtsptest

import (
	"net"
	"net/netip"
	"slices"
	"sync"

	"github.com/baton-rtsp/baton/rtsp"
)

// Video is a description of one track of H.264.
const Video = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n" +
	"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n" +
	"a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsg==\r\na=control:trackID=0\r\n"

// VideoAudio has a track of G.711 besides.
const VideoAudio = Video + "m=audio 0 RTP/AVP 0\r\na=control:trackID=1\r\n"

// A PacketConn is a UDP socket, such as *[net.UDPConn].
type PacketConn interface {
	ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// A Camera is the server. Set its fields before [Camera.Serve]. The zero value describes [Video] and wants no credentials.
type Camera struct {
	// Description is the SDP; "" means Video.
	Description string
	// Public is what OPTIONS answers; "" means all methods of playing.
	Public string
	// User and Password are asked for when User is not "", by Digest with Algorithm ("" means MD5) and, with Qop, "auth".
	User, Password, Algorithm string
	Qop                       bool
	// Timeout is what the Session header says, in seconds; 0: nothing.
	Timeout int
	// Answer has the last word about each answer, in the order of the requests: it may change it. A status of 0 answers nothing.
	Answer func(req *rtsp.Request, resp *rtsp.Response)
	// Received, if set, is told of every packet that a client sends to a track: reports, and what opens a way through a NAT. It
	// is called from several goroutines; b is its own until it returns.
	Received func(track int, rtcp bool, b []byte)
	// ListenPair opens the sockets of a track over UDP; nil refuses UDP with 461.
	ListenPair func() (rtp, rtcp PacketConn, err error)
	// NoMedia keeps Send from sending, as a camera does behind a firewall; see also [Camera.Mute].
	NoMedia bool

	mu       sync.Mutex
	conns    []*conn
	requests []*rtsp.Request
	nonce    string
	muted    bool
	wg       sync.WaitGroup
	ln       net.Listener
}

// Serve accepts connections until Close. It returns at once.
func (c *Camera) Serve(ln net.Listener) {
	c.ln = ln
	c.wg.Go(func() { // ends when the listener is closed
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			c.ServeConn(nc)
		}
	})
}

// ServeConn serves one connection that somebody else has accepted, such as one over WebSocket. It returns at once.
func (c *Camera) ServeConn(nc net.Conn) {
	cc := &conn{camera: c, nc: nc, reader: rtsp.NewReader(nc, nil)}
	c.mu.Lock()
	c.conns = append(c.conns, cc)
	c.mu.Unlock()
	c.wg.Go(cc.serve) // ends with the connection
}

// Close ends all connections and waits until nothing of the camera runs any more.
func (c *Camera) Close() {
	if c.ln != nil {
		c.ln.Close()
	}
	c.Drop()
	c.wg.Wait()
}

// Drop closes all connections, as a camera does that restarts. New ones are accepted.
func (c *Camera) Drop() {
	c.mu.Lock()
	conns := slices.Clone(c.conns)
	c.mu.Unlock()
	for _, cc := range conns {
		cc.nc.Close()
	}
}

// Renew has the camera ask for credentials with another nonce from now on.
func (c *Camera) Renew(nonce string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nonce = nonce
}

// Mute keeps Send from sending from now on: a camera that hangs.
func (c *Camera) Mute() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.muted = true
}

// Requests are those that have come until now, on all connections.
func (c *Camera) Requests() []*rtsp.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.requests)
}

// Count is how many requests of a method have come.
func (c *Camera) Count(m rtsp.Method) (n int) {
	for _, r := range c.Requests() {
		if r.Method == m {
			n++
		}
	}
	return n
}

// Playing is how many sessions play.
func (c *Camera) Playing() (n int) {
	for _, cc := range c.open() {
		cc.mu.Lock()
		if cc.playing {
			n++
		}
		cc.mu.Unlock()
	}
	return n
}

func (c *Camera) open() []*conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.conns)
}

// Send sends a packet of a track to all sessions that play it.
func (c *Camera) Send(track int, rtcp bool, b []byte) {
	c.mu.Lock()
	muted := c.muted || c.NoMedia
	c.mu.Unlock()
	if muted {
		return
	}
	for _, cc := range c.open() {
		cc.send(track, rtcp, b)
	}
}

// Write writes bytes to all connections as they are: requests of the server, frames, anything.
func (c *Camera) Write(b []byte) {
	for _, cc := range c.open() {
		cc.write(b)
	}
}
