package rtspserver_test

import (
	"encoding/binary"
	"net/http"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// WSK-03, WSK-08: a session over WebSocket is that over TCP: described, set up, played, ended.
func TestReaderOverWebSocket(t *testing.T) {
	servertest.OverWebSocket(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Video), servertest.Source{PayloadType: 96, SSRC: 1}
		servertest.Write(live, 0, src.Key(1), src.Delta(2))
		c := w.Dial()
		defer c.Close()
		if resp := c.Do("DESCRIBE", "cam"); resp.Status != rtsp.StatusOK {
			t.Fatalf("DESCRIBE: %d", resp.Status)
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

// WSK-03: a publisher records over WebSocket, and a reader gets every byte.
func TestPublisherOverWebSocket(t *testing.T) {
	servertest.OverWebSocket(t, nil, func(t *testing.T, w *servertest.World) {
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

// WSK-05: media over UDP has no place beside a WebSocket.
func TestWebSocketIsInterleavedOnly(t *testing.T) {
	servertest.OverWebSocket(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", servertest.Video)
		c := w.Dial()
		defer c.Close()
		resp := c.Do("SETUP", "cam/trackID=0", "Transport: RTP/AVP;unicast;client_port=5000-5001")
		if resp.Status != rtsp.StatusUnsupportedTransport {
			t.Errorf("SETUP over UDP: %d", resp.Status)
		}
	})
}

// WSK-01, WSK-07: which handshakes are taken, with which sub-protocol, and how others are refused.
func TestWebSocketHandshake(t *testing.T) {
	const upgrade, version, key = "Upgrade: websocket\r\nConnection: Upgrade\r\n", "Sec-WebSocket-Version: 13\r\n",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	tests := map[string]struct {
		headers  string
		status   int
		protocol string
		version  string
		host     string
	}{
		"none offered":          {headers: upgrade + version + key, status: 101},
		"tokens in any case":    {headers: "upgrade: h2c, WebSocket\r\nConnection: keep-alive, UPGRADE\r\n" + version + key, status: 101},
		"ONVIF":                 {headers: upgrade + version + key + "Sec-WebSocket-Protocol: rtsp.onvif.org\r\n", status: 101, protocol: "rtsp.onvif.org"},
		"second of two lines":   {headers: upgrade + version + key + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: x,binary\r\n", status: 101, protocol: "binary"},
		"rtsp":                  {headers: upgrade + version + key + "Sec-WebSocket-Protocol: rtsp\r\n", status: 101, protocol: "rtsp"},
		"unknown":               {headers: upgrade + version + key + "Sec-WebSocket-Protocol: chat\r\n", status: 101},
		"same origin":           {headers: upgrade + version + key + "Origin: http://HOST\r\n", status: 101},
		"allowed origin":        {headers: upgrade + version + key + "Origin: https://cams.example\r\n", status: 101},
		"foreign origin":        {headers: upgrade + version + key + "Origin: https://evil.example\r\n", status: 403},
		"rebound name":          {headers: upgrade + version + key + "Origin: http://evil.example\r\n", host: "evil.example", status: 403},
		"known name":            {headers: upgrade + version + key + "Origin: http://cams.lan\r\n", host: "cams.lan", status: 101},
		"no page, any name":     {headers: upgrade + version + key, host: "evil.example", status: 101},
		"no origin to speak of": {headers: upgrade + version + key + "Origin: null\r\n", status: 403},
		"no upgrade":            {headers: version + key, status: 426},
		"token in a word":       {headers: "Upgrade: websocket\r\nConnection: noupgrade\r\n" + version + key, status: 426},
		"old version":           {headers: upgrade + "Sec-WebSocket-Version: 8\r\n" + key, status: 426, version: "13"},
		"no key":                {headers: upgrade + version, status: 400},
		"short key":             {headers: upgrade + version + "Sec-WebSocket-Key: c2hvcnQ=\r\n", status: 400},
	}
	allow := func(cfg *rtspserver.Config) {
		cfg.Origins, cfg.Hosts = []string{"https://cams.example"}, []string{"cams.lan"}
	}
	servertest.OverWebSocket(t, allow, func(t *testing.T, w *servertest.World) {
		for name, test := range tests {
			resp, nc := w.HandshakeAt(servertest.ClientHost, test.host, w.Here(test.headers))
			nc.Close()
			h := resp.Header
			if resp.StatusCode != test.status || h.Get("Sec-WebSocket-Protocol") != test.protocol || h.Get("Sec-WebSocket-Version") != test.version {
				t.Errorf("%s: %d %v", name, resp.StatusCode, h)
			}
			if resp.StatusCode == http.StatusSwitchingProtocols && h.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
				t.Errorf("%s: accept %q", name, h.Get("Sec-WebSocket-Accept"))
			}
		}
	})
}

// WSK-03: requests come whole, however they are cut into fragments and messages, with control frames in
// between.
func TestWebSocketPayloadIsAStream(t *testing.T) {
	servertest.OverWebSocket(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		ws := c.Conn.(*servertest.WebConn)
		first := byte(0x02)
		for _, b := range []byte("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r") {
			ws.Send(first, []byte{b})
			ws.Send(0x8a, nil)
			first = 0
		}
		ws.Send(0x89, []byte("are you there"))
		ws.Send(0x80, []byte("\nOPTIONS * RTSP/1.0\r\nCSeq: 2\r\n\r\n"))
		for _, want := range []string{"1", "2"} {
			if resp := c.Response(); resp.Status != rtsp.StatusOK || resp.Header.Get("CSeq") != want {
				t.Errorf("answer %s: %s", want, resp.Raw)
			}
		}
		if f, err := ws.Control(); err != nil || f.Opcode != 0x8a || string(f.Payload) != "are you there" {
			t.Errorf("pong: %v, %v", f, err)
		}
	})
}

// WSK-02, WSK-04: what breaks the rules ends the connection, and is told why.
func TestWebSocketRules(t *testing.T) {
	huge := append([]byte{0x82, 0xff}, binary.BigEndian.AppendUint64(nil, 1<<40)...)
	for name, test := range map[string]struct {
		raw  []byte
		code uint16
	}{
		"text":                 {[]byte{0x81, 0x80, 0, 0, 0, 0}, 1003},
		"unmasked":             {[]byte{0x82, 1, 'O'}, 1002},
		"reserved bit":         {[]byte{0xc2, 0x80, 0, 0, 0, 0}, 1002},
		"reserved opcode":      {[]byte{0x83, 0x80, 0, 0, 0, 0}, 1002},
		"fragmented ping":      {[]byte{0x09, 0x80, 0, 0, 0, 0}, 1002},
		"long ping":            {[]byte{0x89, 0xfe, 0, 126, 0, 0, 0, 0}, 1002},
		"lone continuation":    {[]byte{0x80, 0x80, 0, 0, 0, 0}, 1002},
		"message in a message": {[]byte{0x02, 0x80, 0, 0, 0, 0, 0x82, 0x80, 0, 0, 0, 0}, 1002},
		"length too long":      {[]byte{0x82, 0xfe, 0, 5, 0, 0, 0, 0}, 1002},
		"too large":            {huge, 1009},
		"close":                {[]byte{0x88, 0x80, 0, 0, 0, 0}, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			servertest.OverWebSocket(t, nil, func(t *testing.T, w *servertest.World) {
				c := w.Dial()
				defer c.Close()
				ws := c.Conn.(*servertest.WebConn)
				ws.Conn.Write(test.raw)
				f, err := ws.Control()
				if err != nil || f.Opcode != 0x88 || len(f.Payload) != 2 || binary.BigEndian.Uint16(f.Payload) != test.code {
					t.Errorf("close: %v, %v", f, err)
				}
				if !c.Closed() {
					t.Error("still open")
				}
			})
		})
	}
}

// WSK-04: a reader that is slow tears frames, and none comes to it broken.
func TestSlowWebSocketReaderGetsWholeFrames(t *testing.T) {
	servertest.OverWebSocket(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Video), servertest.Source{PayloadType: 96, SSRC: 1}
		servertest.Write(live, 0, src.Key(1))
		c := w.Dial()
		defer c.Close()
		c.Mute()
		c.Narrow(64 << 10) // less on loopback, and TCP is what is slow
		if w.Net != nil {
			c.Narrow(4 << 10)
		}
		lane := c.Setup("cam/trackID=0", "tcp")
		c.Do("PLAY", "cam")
		payload := make([]byte, 1200)
		payload[0] = 0x41
		const sent = 4000 // 4.8 MB, within the window
		for range sent {
			src.Timestamp += 3600
			servertest.Write(live, 0, src.Packet(true, payload...))
		}
		got := 0
		for p := rtp.Packet(lane.RTP(5 * time.Second)); p != nil && got < sent; p = lane.RTP(5 * time.Second) {
			if len(p.Payload()) == len(payload) {
				got++
			}
			if got == sent {
				break
			}
		}
		if got != sent {
			t.Errorf("%d of %d packets came", got, sent)
		}
	})
}

// WSK-04: a silent peer is asked for a sign of life, and goes when it gives none.
func TestDeadWebSocketPeerIsClosed(t *testing.T) {
	servertest.InMemory(t, func(cfg *rtspserver.Config) { cfg.IdleTimeout = time.Hour }, func(t *testing.T, w *servertest.World) {
		w.BeginWeb()
		c := w.Dial()
		defer c.Close()
		w.Wait(30 * time.Second)
		if f, err := c.Conn.(*servertest.WebConn).Control(); err != nil || f.Opcode != 0x89 {
			t.Errorf("ping: %v, %v", f, err)
		}
		w.Wait(time.Minute)
		if n := w.Server.Stats().Conns; n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}
