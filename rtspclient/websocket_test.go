package rtspclient_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
	"github.com/baton-rtsp/baton/sdp"
)

// WSK-03, WSK-08: what is published over WebSocket is played over WebSocket, each packet of it.
func TestPublishAndPlayOverWebSocket(t *testing.T) {
	servertest.OverWebSocket(t, nil, func(t *testing.T, w *servertest.World) {
		came := make(chan []byte, 100)
		cfg := rtspclient.Config{RequestURL: w.URL + "/cam"}
		if w.Net != nil {
			cfg.Dial = func(ctx context.Context, u *rtsp.URL) (net.Conn, error) {
				return w.Net.Dial(ctx, servertest.ClientHost, u.Host)
			}
		}
		desc, err := sdp.Parse([]byte(servertest.Video))
		if err != nil {
			t.Fatal(err)
		}
		from, err := rtspclient.Publish(t.Context(), w.WebURL(), desc, &cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer from.Close()
		cfg.Packet = func(p rtspclient.Packet) {
			if !p.RTCP {
				came <- slices.Clone(p.Data)
			}
		}
		to, err := rtspclient.Play(t.Context(), w.WebURL(), &cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer to.Close()
		if got := to.Tracks()[0].Lower(); got != rtspclient.TCP {
			t.Error(got)
		}
		src := servertest.Source{PayloadType: 96, SSRC: 1}
		large := append(rtp.Packet(src.Delta(8))[:rtp.HeaderSize:rtp.HeaderSize], make([]byte, 9000)...)
		large[rtp.HeaderSize] = 0x41
		for _, p := range [][]byte{src.Key(7), large} {
			if err := from.Tracks()[0].WriteRTP(p); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []int{0x78, 0x65} {
			if p := rtp.Packet(<-came); int(p.Payload()[0]) != want {
				t.Errorf("% x, not %x", p.Payload()[:1], want)
			}
		}
	})
}

// A page is a camera that is reached over WebSocket.
type page struct {
	*httptest.Server
	cam   *rtsptest.Camera
	conns chan *websocket.Conn
	ended chan error // how its connections end
}

func newPage(t *testing.T, cam *rtsptest.Camera) *page {
	p := &page{cam: cam, conns: make(chan *websocket.Conn, 1), ended: make(chan error, 1)}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(rw, r, &websocket.AcceptOptions{Subprotocols: []string{"rtsp.onvif.org"}})
		if err != nil {
			return
		}
		if r.URL.RequestURI() != "/page?a=1" || r.Header.Get("Authorization") != "" || ws.Subprotocol() != "rtsp.onvif.org" {
			t.Errorf("handshake: %s %v", r.URL, r.Header)
		}
		cam.ServeConn(&heardConn{websocket.NetConn(context.Background(), ws, websocket.MessageBinary), p.ended})
		p.conns <- ws
	}))
	t.Cleanup(func() { cam.Close(); p.Close() })
	return p
}

// A heardConn tells how it ends.
type heardConn struct {
	net.Conn
	ended chan error
}

func (c *heardConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		select {
		case c.ended <- err:
		default:
		}
	}
	return n, err
}

// WSK-01, WSK-04: TLS below, Digest within, pings answered, and an end that is said.
func TestPlayOverSecureWebSocket(t *testing.T) {
	p := newPage(t, &rtsptest.Camera{User: "ad@min", Password: "p@ss"})
	p.StartTLS()
	roots := x509.NewCertPool()
	roots.AddCert(p.Certificate())
	host := p.Listener.Addr().String()
	cfg := rtspclient.Config{TLS: &tls.Config{RootCAs: roots}}
	c, err := rtspclient.Play(t.Context(), "wss://ad%40min:p%40ss@"+host+"/page?a=1", &cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.URL() != "rtsp://"+host+"/page?a=1" || c.RemoteAddr().String() != host {
		t.Errorf("%s at %s", c.URL(), c.RemoteAddr())
	}
	if uri := p.cam.Requests()[0].URI; uri != c.URL() {
		t.Errorf("asked for %s", uri)
	}
	if _, err := c.Setup(t.Context(), 0, rtspclient.UDP); err == nil {
		t.Error("UDP beside a WebSocket")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := (<-p.conns).Ping(ctx); err != nil {
		t.Errorf("ping: %v", err)
	}
	c.Close()
	if err := <-p.ended; !errors.Is(err, io.EOF) {
		t.Errorf("ended with %v", err)
	}
	if p.cam.Count(rtsp.MethodTeardown) != 1 {
		t.Error("no TEARDOWN")
	}
}

// Over WebSocket a redirection says what to ask for, not where.
func TestRedirectOverWebSocket(t *testing.T) {
	p := newPage(t, &rtsptest.Camera{Answer: on(rtsp.MethodDescribe, func(req *rtsp.Request, resp *rtsp.Response) {
		if req.URI != "rtsp://cam.example/b" {
			resp.Status = rtsp.StatusFound
			resp.Header.Set("Location", "rtsp://cam.example/b")
		}
	})})
	p.Start()
	cfg := rtspclient.Config{RequestURL: "rtsp://cam.example/a"}
	address := strings.Replace(p.URL, "http", "ws", 1) + "/page?a=1"
	c, err := rtspclient.Play(t.Context(), address, &cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if c.URL() != "rtsp://cam.example/b" {
		t.Error(c.URL())
	}
}

// What is at a URL and no WebSocket is told apart from a server that refuses, and what it answers is said, but no secret of it.
func TestURLsThatAreNoWebSocket(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		says   string
		code   rtsp.StatusCode // 0: there is no WebSocket; -1: that is not known
	}{
		"a page":   {func(rw http.ResponseWriter, _ *http.Request) { rw.Write([]byte("<p>hello")) }, "200 OK", 0},
		"nothing":  {http.NotFound, "404 Not Found", 0},
		"moved":    {http.RedirectHandler("https://ann:canary@cam.example/x", http.StatusFound).ServeHTTP, "302 Found, to https://cam.example/x", 0},
		"not RTSP": {func(rw http.ResponseWriter, _ *http.Request) { hijacked(t, rw, "RTSP/1.0 400 Bad Request\r\n\r\n") }, "no HTTP", 0},
		"gone":     {func(rw http.ResponseWriter, _ *http.Request) { hijacked(t, rw, "") }, "handshake", -1},
		"refused":  {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) }, "403", 403},
		"busy": {func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Retry-After", "40")
			rw.WriteHeader(http.StatusServiceUnavailable)
		}, "503", 503},
	} {
		server := httptest.NewServer(test.answer)
		c, err := rtspclient.Play(t.Context(), strings.Replace(server.URL, "http://", "ws://bob:canary@", 1)+"/?token=canary", nil)
		server.Close()
		if err == nil {
			c.Close()
		}
		var refused *rtsp.StatusError
		if errors.As(err, &refused) != (test.code > 0) || refused != nil && refused.Code != test.code || errors.Is(err, rtspclient.ErrNoWebSocket) != (test.code == 0) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s says %v", name, err)
		}
	}
}

// hijacked answers what no HTTP server does.
func hijacked(t *testing.T, rw http.ResponseWriter, answer string) {
	nc, _, err := rw.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	io.WriteString(nc, answer)
	nc.Close()
}

// Text ends a client, and closing does not wait for a server that says nothing.
func TestWebSocketsThatAreWrong(t *testing.T) {
	quiet := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(rw, r, nil)
		if err != nil {
			return
		}
		if r.URL.Path == "/text" {
			ws.Write(r.Context(), websocket.MessageText, []byte("RTSP/1.0 200 OK\r\n"))
			if _, _, err := ws.Read(r.Context()); websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
				t.Errorf("text: %v", err)
			}
			return
		}
		<-quiet
		ws.CloseNow()
	}))
	defer func() { close(quiet); server.Close() }()
	address := strings.Replace(server.URL, "http", "ws", 1)
	c, err := rtspclient.Dial(t.Context(), address+"/text", nil)
	if err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	c.Close()
	if c, err = rtspclient.Dial(t.Context(), address+"/quiet", nil); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	c.Close()
	if d := time.Since(begun); d > 3*time.Second {
		t.Errorf("closed after %v", d)
	}
}
