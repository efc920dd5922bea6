package rtsptest

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"net"
	"net/netip"
	"strings"
	"sync"

	"github.com/baton-rtsp/baton/rtsp"
)

// A conn is one connection and its session.
type conn struct {
	camera *Camera
	nc     net.Conn
	reader *rtsp.Reader

	mu      sync.Mutex
	playing bool
	tracks  []target
}

// A target is where a track goes.
type target struct {
	set               bool
	channel           rtsp.ChannelPair
	rtp, rtcp         PacketConn
	rtpAddr, rtcpAddr netip.AddrPort
}

func (c *conn) serve() {
	defer c.leave()
	for {
		kind, err := c.reader.Next()
		if err != nil {
			return
		}
		if kind == rtsp.KindFrame {
			c.frame(c.reader.Frame())
		}
		if kind != rtsp.KindRequest {
			continue
		}
		req := c.reader.Request()
		c.camera.mu.Lock()
		c.camera.requests = append(c.camera.requests, req)
		c.camera.mu.Unlock()
		resp := c.answer(req)
		resp.Header.Set("CSeq", req.Header.Get("CSeq"))
		if c.camera.Answer != nil {
			c.camera.Answer(req, resp)
		}
		c.settle(req, resp)
		if resp.Status != 0 {
			c.write(resp.Append(nil))
		}
	}
}

// frame takes what a client sends on a channel.
func (c *conn) frame(channel uint8, b []byte) {
	c.mu.Lock()
	track, rtcp := -1, false
	for i, t := range c.tracks {
		if t.set && t.rtp == nil && (channel == t.channel.RTP || channel == t.channel.RTCP) {
			track, rtcp = i, channel == t.channel.RTCP
		}
	}
	c.mu.Unlock()
	if track >= 0 {
		c.camera.received(track, rtcp, b)
	}
}

// datagrams takes what a client sends to a socket, until it is closed.
func (c *Camera) datagrams(p PacketConn, track int, rtcp bool) {
	b := make([]byte, 2048)
	for {
		n, _, err := p.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		c.received(track, rtcp, b[:n])
	}
}

func (c *Camera) received(track int, rtcp bool, b []byte) {
	if c.Received != nil {
		c.Received(track, rtcp, b)
	}
}

// leave forgets the connection.
func (c *conn) leave() {
	c.nc.Close()
	c.mu.Lock()
	for _, t := range c.tracks {
		if t.rtp != nil {
			t.rtp.Close()
			t.rtcp.Close()
		}
	}
	c.mu.Unlock()
	c.camera.mu.Lock()
	defer c.camera.mu.Unlock()
	for i, have := range c.camera.conns {
		if have == c {
			c.camera.conns = append(c.camera.conns[:i], c.camera.conns[i+1:]...)
			return
		}
	}
}

// answer is what a camera without faults says.
func (c *conn) answer(req *rtsp.Request) *rtsp.Response {
	cam := c.camera
	resp := &rtsp.Response{Status: rtsp.StatusOK}
	if cam.User != "" && !c.authorized(req) {
		resp.Status = rtsp.StatusUnauthorized
		resp.Header.Set("WWW-Authenticate", c.challenge())
		return resp
	}
	session := "4711"
	if cam.Timeout > 0 {
		session = fmt.Sprintf("4711;timeout=%d", cam.Timeout)
	}
	switch req.Method {
	case rtsp.MethodOptions:
		resp.Header.Set("Public", orElse(cam.Public, "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER"))
	case rtsp.MethodDescribe:
		resp.Header.Set("Content-Type", "application/sdp")
		resp.Header.Set("Content-Base", strings.TrimSuffix(req.URI, "/")+"/")
		resp.Body = []byte(orElse(cam.Description, Video))
	case rtsp.MethodSetup:
		resp.Header.Set("Session", session)
		c.setup(req, resp)
	case rtsp.MethodPlay, rtsp.MethodPause, rtsp.MethodTeardown, rtsp.MethodRecord:
		resp.Header.Set("Session", session)
	case rtsp.MethodGetParameter, rtsp.MethodSetParameter, rtsp.MethodAnnounce:
	default:
		resp.Status = rtsp.StatusNotImplemented
	}
	return resp
}

func orElse(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// setup settles the transport of a track: the number at the end of its URL tells which.
func (c *conn) setup(req *rtsp.Request, resp *rtsp.Response) {
	asked, err := rtsp.ParseTransports(req.Header.Values("Transport"))
	if err != nil || len(asked) == 0 {
		resp.Status = rtsp.StatusUnsupportedTransport
		return
	}
	index, spec := trackOf(req.URI), asked[0]
	t := target{set: true, channel: spec.Interleaved}
	if !spec.Interleaved.Set {
		if c.camera.ListenPair == nil || !spec.ClientPort.Set {
			resp.Status = rtsp.StatusUnsupportedTransport
			return
		}
		if t.rtp, t.rtcp, err = c.camera.ListenPair(); err != nil {
			resp.Status = rtsp.StatusServiceUnavailable
			return
		}
		host := addrOf(c.nc.RemoteAddr())
		t.rtpAddr, t.rtcpAddr = netip.AddrPortFrom(host, spec.ClientPort.RTP), netip.AddrPortFrom(host, spec.ClientPort.RTCP)
		port := func(p PacketConn) uint16 { return uint16(p.LocalAddr().(*net.UDPAddr).Port) }
		spec.ServerPort = rtsp.PortPair{RTP: port(t.rtp), RTCP: port(t.rtcp), Set: true}
		c.camera.wg.Go(func() { c.camera.datagrams(t.rtp, index, false) }) // ends when the socket is closed
		c.camera.wg.Go(func() { c.camera.datagrams(t.rtcp, index, true) }) // ends when the socket is closed
	}
	resp.Header.Set("Transport", spec.String())
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.tracks) <= index {
		c.tracks = append(c.tracks, target{})
	}
	c.tracks[index] = t
}

func trackOf(uri string) int {
	if last := uri[len(uri)-1]; last >= '0' && last <= '9' {
		return int(last - '0')
	}
	return 0
}

func addrOf(a net.Addr) netip.Addr {
	ap, _ := netip.ParseAddrPort(a.String())
	return ap.Addr().Unmap()
}

// settle takes what was answered to heart, as Answer has left it.
func (c *conn) settle(req *rtsp.Request, resp *rtsp.Response) {
	if resp.Status/100 != 2 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch req.Method {
	case rtsp.MethodSetup:
		if got, err := rtsp.ParseTransports(resp.Header.Values("Transport")); err == nil && len(got) > 0 && got[0].Interleaved.Set {
			c.tracks[trackOf(req.URI)].channel = got[0].Interleaved
		}
	case rtsp.MethodPlay:
		c.playing = true
	case rtsp.MethodPause, rtsp.MethodTeardown:
		c.playing = false
	}
}

func (c *conn) send(track int, rtcp bool, b []byte) {
	c.mu.Lock()
	if !c.playing || track >= len(c.tracks) || !c.tracks[track].set {
		c.mu.Unlock()
		return
	}
	t := c.tracks[track]
	c.mu.Unlock()
	switch {
	case t.rtp == nil && rtcp:
		c.write(rtsp.AppendFrame(nil, t.channel.RTCP, b))
	case t.rtp == nil:
		c.write(rtsp.AppendFrame(nil, t.channel.RTP, b))
	case rtcp:
		t.rtcp.WriteToUDPAddrPort(b, t.rtcpAddr)
	default:
		t.rtp.WriteToUDPAddrPort(b, t.rtpAddr)
	}
}

// write writes whole: connections take one write at a time.
func (c *conn) write(b []byte) { c.nc.Write(b) }

// firstNonce is until Camera.Renew.
const firstNonce = "n1"

// challenge asks for credentials.
func (c *conn) challenge() string {
	cam := c.camera
	cam.mu.Lock()
	defer cam.mu.Unlock()
	s := fmt.Sprintf(`Digest realm="camera", nonce="%s"`, orElse(cam.nonce, firstNonce))
	if cam.Algorithm != "" {
		s += ", algorithm=" + cam.Algorithm
	}
	if cam.Qop {
		s += `, qop="auth"`
	}
	return s
}

// authorized checks a Digest by RFC 7616, written down once more so that a test compares two readings of it.
func (c *conn) authorized(req *rtsp.Request) bool {
	cam := c.camera
	list := rtsp.ParseChallenges(req.Header.Values("Authorization")) // the same grammar
	if len(list) != 1 || list[0].Scheme != "Digest" {
		return false
	}
	a := list[0]
	cam.mu.Lock()
	nonce := orElse(cam.nonce, firstNonce)
	cam.mu.Unlock()
	if a.Param("nonce") != nonce || a.Param("username") != cam.User || a.Param("uri") != req.URI {
		return false
	}
	sums := map[string]func() hash.Hash{"MD5": md5.New, "SHA-256": sha256.New, "SHA-512-256": sha512.New512_256}
	name, session := strings.CutSuffix(orElse(cam.Algorithm, "MD5"), "-sess")
	h := func(s string) string {
		sum := sums[name]()
		sum.Write([]byte(s))
		return hex.EncodeToString(sum.Sum(nil))
	}
	ha1 := h(cam.User + ":camera:" + cam.Password)
	if session {
		ha1 = h(ha1 + ":" + nonce + ":" + a.Param("cnonce"))
	}
	middle := nonce
	if cam.Qop {
		middle += ":" + a.Param("nc") + ":" + a.Param("cnonce") + ":auth"
	}
	return a.Param("response") == h(ha1+":"+middle+":"+h(string(req.Method)+":"+req.URI))
}
