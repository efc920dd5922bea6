package rtspserver_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// overTLS runs a body over rtsps and over wss.
func overTLS(t *testing.T, body func(t *testing.T, w *servertest.World)) {
	t.Run("rtsps", func(t *testing.T) { servertest.OverTLS(t, nil, body) })
	t.Run("wss", func(t *testing.T) { servertest.OverSecureWebSocket(t, nil, body) })
}

// KEY-01, KEY-02: a session over TLS is that over TCP: described, set up, played, ended.
func TestReaderOverTLS(t *testing.T) {
	overTLS(t, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Video), servertest.Source{PayloadType: 96, SSRC: 1}
		servertest.Write(live, 0, src.Key(1), src.Delta(2))
		c := w.Dial()
		defer c.Close()
		if resp := c.Do("DESCRIBE", "cam"); resp.Status != rtsp.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Base"), "rtsps://") {
			t.Fatalf("DESCRIBE: %s", resp.Raw)
		}
		lane := c.Setup("cam/trackID=0", "tcp")
		if resp := c.Do("PLAY", "cam"); resp.Status != rtsp.StatusOK {
			t.Fatalf("PLAY: %d", resp.Status)
		}
		servertest.Write(live, 0, src.Delta(3))
		for i, want := range []byte{0x78, 0x65, 0x41, 0x41} {
			if p := rtp.Packet(lane.RTP(time.Second)); p == nil || p.Payload()[0] != want {
				t.Fatalf("packet %d: % x", i, p)
			}
		}
		if resp := c.Do("TEARDOWN", "cam"); resp.Status != rtsp.StatusOK {
			t.Errorf("TEARDOWN: %d", resp.Status)
		}
	})
}

// A publisher records over TLS, and a reader gets every byte.
func TestPublisherOverTLS(t *testing.T) {
	overTLS(t, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		from := c.Publish("cam", servertest.Video, "tcp")[0]
		reader := w.Dial()
		defer reader.Close()
		to := reader.Watch("cam", "tcp", 1)[0]
		src := servertest.Source{PayloadType: 96, SSRC: 1}
		from.SendRTP(src.Key(7))
		for _, want := range []byte{0x78, 0x65} {
			if p := rtp.Packet(to.RTP(time.Second)); p == nil || p.Payload()[0] != want {
				t.Fatalf("%x did not come: % x", want, p)
			}
		}
	})
}

// What a client has asked for by TLS does not leave in the clear.
func TestTLSIsInterleavedOnly(t *testing.T) {
	servertest.OverTLS(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		c := w.Dial()
		defer c.Close()
		resp := c.Do("SETUP", "cam/trackID=0", "Transport: RTP/AVP;unicast;client_port=5000-5001")
		if resp.Status != rtsp.StatusUnsupportedTransport {
			t.Errorf("SETUP over UDP: %d", resp.Status)
		}
	})
}

// A socket that takes little tears records: they are finished, in order, and what the reader gets has no gap but where it
// fell behind, with responses whole between the frames.
func TestTornRecordsAreFinished(t *testing.T) {
	overTLS(t, func(t *testing.T, w *servertest.World) {
		const frames, ahead = 12000, 3000 // of 1.3 KB: what is ahead is more than sockets hold, and less than the window
		live, src := w.Handler.Live("cam", servertest.Video), servertest.Source{PayloadType: 96, SSRC: 1}
		servertest.Write(live, 0, src.Key(1))
		c := w.Dial()
		defer c.Close()
		c.Narrow(128 << 10) // with less, TCP itself would crawl over loopback
		lane := c.Watch("cam", "tcp", 1)[0]
		payload := make([]byte, 1300)
		payload[0] = 0x41
		write := func(i int) {
			for k := range payload[1:] {
				payload[k+1] = byte(i)
			}
			src.Timestamp += 3000
			servertest.Write(live, 0, src.Packet(true, payload...))
		}
		for i := range ahead {
			write(i)
		}
		c.Request("OPTIONS", "*")
		for got := 0; got < frames; {
			p := rtp.Packet(lane.RTP(5 * time.Second))
			if p == nil {
				t.Fatalf("nothing more after %d", got)
			}
			b := p.Payload()
			if b[0] != 0x41 {
				continue
			}
			if len(b) != len(payload) || b[1] != byte(got) || b[len(b)-1] != byte(got) {
				t.Fatalf("packet %d: %d bytes of %d", got, len(b), b[1])
			}
			if got++; got+ahead <= frames {
				write(got + ahead - 1)
			}
		}
	})
}

// KEY-04: RTSP in the clear on the port of TLS is sent to rtsps, at the same port.
func TestClearTextOnTLSPortIsRedirected(t *testing.T) {
	servertest.OverTLS(t, nil, func(t *testing.T, w *servertest.World) {
		for _, method := range []string{"OPTIONS", "DESCRIBE"} {
			c := w.Talk(servertest.ClientHost, w.DialClear(servertest.ClientHost, true))
			clear := strings.Replace(w.URL, "rtsps://", "rtsp://", 1)
			if !strings.Contains(strings.TrimPrefix(clear, "rtsp://"), ":") {
				clear += ":322"
			}
			resp := c.Do(method, clear+"/a%20b?c=d")
			want := strings.Replace(clear, "rtsp://", "rtsps://", 1) + "/a%20b?c=d"
			if resp.Status != rtsp.StatusMovedPermanently || resp.Header.Get("Location") != want || resp.Header.Get("CSeq") != "1" {
				t.Errorf("%s: %s, want %s", method, resp.Raw, want)
			}
			if !c.Closed() {
				t.Error("the connection stays open")
			}
			c.Close()
		}
	})
}

// KEY-04: TLS on the port without it is taken, and sent to the port with it.
func TestTLSOnClearPortIsRedirected(t *testing.T) {
	servertest.OverTLS(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Talk(servertest.ClientHost, w.DialTLS(servertest.ClientHost, w.ClearAddr()))
		defer c.Close()
		resp := c.Do("DESCRIBE", "rtsps://"+w.ClearAddr()+"/cam")
		want := w.URL + "/cam"
		if w.Net != nil {
			want = w.URL + ":322/cam"
		}
		if resp.Status != rtsp.StatusMovedPermanently || resp.Header.Get("Location") != want {
			t.Errorf("%s, want %s", resp.Raw, want)
		}
		if !c.Closed() {
			t.Error("the connection stays open")
		}
	})
}

// KEY-04: a path alone, as GStreamer's parser allows, is kept; all of the server leads to all of it.
func TestPathsAloneAreRedirectedToo(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.BeginTLS()
		host := strings.TrimPrefix(w.URL, "rtsps://") + ":322"
		for uri, want := range map[string]string{"/a%20b?c=d": "rtsps://" + host + "/a%20b?c=d", "*": "rtsps://" + host + "/"} {
			c := w.Talk(servertest.ClientHost, w.DialClear(servertest.ClientHost, true))
			c.Send(request("OPTIONS", uri, 1))
			if resp := c.Response(); resp.Status != rtsp.StatusMovedPermanently || resp.Header.Get("Location") != want {
				t.Errorf("%s: %s, want %s", uri, resp.Raw, want)
			}
			c.Close()
		}
	})
}

// KEY-04: what is no request is refused on the wrong port as on the right one, and the connection ends.
func TestNoRequestOnTheWrongPortIsRefused(t *testing.T) {
	servertest.OverTLS(t, nil, func(t *testing.T, w *servertest.World) {
		for name, dial := range map[string]func() net.Conn{
			"clear text to TLS": func() net.Conn { return w.DialClear(servertest.ClientHost, true) },
			"TLS to clear text": func() net.Conn { return w.DialTLS(servertest.ClientHost, w.ClearAddr()) },
		} {
			for raw, want := range map[string]rtsp.StatusCode{
				"OPTIONS * RTSP/1.0\r\nno header\r\nCSeq: 1\r\n\r\n": rtsp.StatusBadRequest,
				"GET / HTTP/1.1\r\nHost: h\r\n\r\n":                  rtsp.StatusVersionNotSupported,
			} {
				c := w.Talk(servertest.ClientHost, dial())
				c.Send(raw)
				if resp := c.Response(); resp == nil || resp.Status != want || resp.Header.Get("Connection") != "close" {
					t.Errorf("%s, %q: %v, want %d", name, raw, resp, want)
				}
				if !c.Closed() {
					t.Errorf("%s, %q: the connection stays open", name, raw)
				}
				c.Close()
			}
		}
	})
}

// SEC-05: who comes to the wrong port is a stranger too: a body larger than one may send is not waited for.
func TestStrangersOnTheWrongPortAreBounded(t *testing.T) {
	servertest.OverTLS(t, nil, func(t *testing.T, w *servertest.World) {
		for name, nc := range map[string]net.Conn{
			"clear text to TLS": w.DialClear(servertest.ClientHost, true),
			"TLS to clear text": w.DialTLS(servertest.ClientHost, w.ClearAddr()),
		} {
			c := w.Talk(servertest.ClientHost, nc)
			began := time.Now()
			c.Send("OPTIONS rtsp://h/ RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 100000\r\n\r\n")
			if !c.Closed() || time.Since(began) > 3*time.Second {
				t.Errorf("%s: the body is waited for", name)
			}
			c.Close()
		}
	})
}

// KEY-04: a server without TLS says so in the words of TLS, at once.
func TestTLSWithoutTLSFailsAtOnce(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		nc := w.DialClear(servertest.ClientHost, false)
		defer nc.Close()
		nc.SetDeadline(time.Now().Add(5 * time.Second))
		err := tls.Client(nc, &tls.Config{InsecureSkipVerify: true}).Handshake()
		if err == nil || !strings.Contains(err.Error(), "handshake failure") {
			t.Errorf("%v, want the alert of a failed handshake", err)
		}
	}, servertest.Clear)
}

// A peer that never ends its handshake is closed, as one is that never ends a request.
func TestHandshakeHasADeadline(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.BeginTLS()
		nc := w.DialClear(servertest.ClientHost, true)
		defer nc.Close()
		began := time.Now()
		for { // a byte a second does not hold it up
			if _, err := nc.Write([]byte{22}); err != nil {
				break
			}
			time.Sleep(time.Second)
			if time.Since(began) > time.Minute {
				t.Fatal("still open after a minute")
			}
		}
		if waited := time.Since(began); waited > 12*time.Second {
			t.Errorf("closed after %v", waited)
		}
	})
}

// KEY-01: older versions are refused.
func TestOldTLSIsRefused(t *testing.T) {
	servertest.OverTLS(t, nil, func(t *testing.T, w *servertest.World) {
		for version, good := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
			nc := w.DialClear(servertest.ClientHost, true)
			err := tls.Client(nc, &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version}).Handshake()
			if (err == nil) != good {
				t.Errorf("%s: %v", tls.VersionName(version), err)
			}
			nc.Close()
		}
	})
}
