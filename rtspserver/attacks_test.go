package rtspserver_test

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// attacks are what has brought other servers down, as far as it is published: what is sent, on one connection or on two of which
// the second is told by a leading "2 ". SESSION is the id that the first answer with one gave.
var attacks = map[string][]string{
	// live555: use after free when a stream over the connection is ended by another one, or twice (CVE-2019-7314, CVE-2019-15232)
	"teardown from elsewhere": {"SETUP p/trackID=0", "PLAY p", "2 TEARDOWN p", "2 TEARDOWN p", "PLAY p", "PAUSE p"},
	"setup anew and again":    {"SETUP av/trackID=0", "SETUP av/trackID=0", "PLAY av", "SETUP av/trackID=1", "TEARDOWN av/trackID=0", "PLAY av/trackID=0", "TEARDOWN av", "PLAY av"},
	"moved to another":        {"SETUP av/trackID=0", "2 SETUP av/trackID=1", "2 PLAY av", "2 SETUP av/trackID=0", "TEARDOWN av/trackID=0", "2 PLAY av"},
	// live555: of the state machine of sessions, of which no more could be read (CVE-2021-38381, CVE-2021-38382)
	"play before setup":     {"PLAY p", "PAUSE p", "TEARDOWN p", "SETUP p/trackID=0", "SETUP av/trackID=0", "PLAY av", "PLAY av/trackID=1", "TEARDOWN av"},
	"sessions without end":  {"SETUP p/trackID=0", "TEARDOWN p", "SETUP p/trackID=0", "TEARDOWN p", "TEARDOWN p", "PLAY p"},
	"record what is played": {"SETUP p/trackID=0", "RECORD p", "PLAY p", "RECORD p", "ANNOUNCE p", "PLAY p"},
	"announce over a film":  {"ANNOUNCE live", "ANNOUNCE live", "SETUP live/trackID=0", "RECORD live", "ANNOUNCE live", "2 ANNOUNCE live", "PLAY live", "TEARDOWN live", "RECORD live"},
}

// SEC-01, STA-01: sequences that made others fail leave this server whole: nothing panics, a good client plays on, and nothing is left.
func TestPublishedSequences(t *testing.T) {
	for name, steps := range attacks {
		t.Run(name, func(t *testing.T) {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				underAttack(t, w, func(first, second *servertest.Client) {
					for _, step := range steps {
						c := first
						if rest, other := strings.CutPrefix(step, "2 "); other {
							c, step = second, rest
							c.Session = first.Session
						}
						method, path, _ := strings.Cut(step, " ")
						headers := []string{"Transport: RTP/AVP/TCP;unicast"}
						if method == "ANNOUNCE" {
							headers = append(headers, "Content-Type: application/sdp", "\r\n"+servertest.Audio)
						}
						c.Do(method, path, headers...)
					}
				})
			})
		})
	}
}

// underAttack runs an attack beside a good client, and checks that there is one after it too, and that nothing is left of the others.
func underAttack(t *testing.T, w *servertest.World, attack func(first, second *servertest.Client)) {
	t.Helper()
	live, src := w.Handler.Live("p", servertest.Video), servertest.Source{PayloadType: 96}
	w.Handler.Live("av", servertest.VideoAudio)
	good, first, second := w.DialAs("192.0.2.77"), w.Dial(), w.Dial()
	defer good.Close()
	lane := good.Watch("p", "tcp", 1)[0]
	attack(first, second)
	first.Close()
	second.Close()
	w.Wait(time.Second)
	servertest.Write(live, 0, src.Key(0))
	if lane.RTP(time.Second) == nil {
		t.Error("the good client has lost its media")
	}
	if s := w.Server.Stats(); s.Panics != 0 || s.Sessions != 1 || s.Conns != 1 || live.Readers() != 1 {
		t.Errorf("left: %+v, %d readers", s, live.Readers())
	}
}

// SEC-01, SEC-04: bytes that overran buffers and made others call what was not there are answered or not, and harm nobody.
func TestPublishedBytes(t *testing.T) {
	long := strings.Repeat("A", 9000)
	for name, raw := range map[string]string{
		// live555: the HTTP request of a tunnel, copied into a buffer of 200 bytes (CVE-2018-4013)
		"tunnel with a long cookie": "GET /p HTTP/1.0\r\nx-sessioncookie: " + long + "\r\nAccept: " + long + "\r\n\r\n",
		"tunnel with many accepts":  "GET /p HTTP/1.0\r\n" + strings.Repeat("Accept: a\r\n", 300) + "x-sessioncookie: c\r\n\r\n",
		"tunnel without a path":     "GET HTTP/1.0\r\nx-sessioncookie: c\r\n\r\n",
		// live555: both halves of a tunnel on one connection (CVE-2019-6256)
		"tunnel into itself": "GET /p HTTP/1.0\r\nx-sessioncookie: c\r\n\r\nPOST /p HTTP/1.0\r\nx-sessioncookie: c\r\nContent-Length: 32767\r\n\r\nT1BUSU9OUyAqIFJUU1AvMS4wDQoNCg==",
		// go2rtc, gst-rtsp-server, gortsplib: lengths of bodies
		"negative length":  request("OPTIONS", "*", 1, "Content-Length: -1") + "x",
		"length of 2^63":   request("OPTIONS", "*", 1, "Content-Length: 9223372036854775808") + "x",
		"two lengths":      request("OPTIONS", "*", 1, "Content-Length: 0", "Content-Length: 26") + options(2),
		"length in hex":    request("OPTIONS", "*", 1, "Content-Length: 0x10") + "x",
		"length of a list": request("OPTIONS", "*", 1, "Content-Length: 5, 5") + "x",
		// Hikvision, Tapo: a URL and credentials longer than expected
		"long URL":           request("DESCRIBE", "rtsp://h/"+strings.Repeat("../", 1300), 1),
		"long credentials":   request("DESCRIBE", "rtsp://h/p", 1, "Authorization: Digest username=\""+long+"\""),
		"formats":            request("%n%n%s%s", "rtsp://%n%s/%p", 1, "%n: %s"),
		"NUL":                request("DESCRIBE", "rtsp://h/p\x00/../x", 1, "X\x00: \x00"),
		"frames of nothing":  strings.Repeat("$\x00\x00\x00", 5000),
		"frame, cut":         "$\x01\xff\xff" + long,
		"TLS":                "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"HTTP/2":             "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"nothing but breaks": strings.Repeat("\r\n", 20000),
		"unknown by heart":   strings.Repeat("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", 500),
	} {
		t.Run(name, func(t *testing.T) {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				underAttack(t, w, func(first, second *servertest.Client) {
					first.Conn.SetWriteDeadline(time.Now().Add(time.Second)) // it may be closed before all is sent
					first.Conn.Write([]byte(raw))
					second.Send(raw[:len(raw)/2])
					w.Settle()
					if r := second.W.Server.Stats(); r.Accepted != 3 {
						t.Errorf("%d connections", r.Accepted)
					}
					w.Wait(30 * time.Second)
				})
			})
		})
	}
}

// SEC-04: there is no RTSP in HTTP requests (Apple's tunnel): each half of one is answered with an error, in whatever order they come, on
// one connection or on two that name the same cookie, and nothing of what is in them is obeyed. The connection is closed
// (CVE-2018-4013 and CVE-2019-6256 of live555).
func TestTunnelsInHTTPAreRefused(t *testing.T) {
	const cookie = "x-sessioncookie: c\r\n"
	get := "GET /p HTTP/1.0\r\n" + cookie + "Accept: application/x-rtsp-tunnelled\r\n\r\n"
	post := "POST /p HTTP/1.0\r\n" + cookie + "Content-Type: application/x-rtsp-tunnelled\r\nContent-Length: 32767\r\n\r\n" +
		base64.StdEncoding.EncodeToString([]byte(request("DESCRIBE", "rtsp://h/p", 7)))
	for name, order := range map[string][]string{
		"get": {get}, "post": {post}, "get, post": {get, post}, "post, get": {post, get}, "get twice": {get, get}, "post twice": {post, post},
		"HTTP/1.1": {strings.ReplaceAll(get, "1.0", "1.1"), strings.ReplaceAll(post, "1.0", "1.1")}, "behind a request": {options(1) + get},
	} {
		for _, together := range []bool{true, false} {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				underAttack(t, w, func(first, second *servertest.Client) {
					all := []*servertest.Client{first, second}
					for i, raw := range order {
						c := all[i%2]
						if together {
							c = first
						}
						c.Conn.SetWriteDeadline(time.Now().Add(time.Second)) // it may be closed already
						c.Conn.Write([]byte(raw))
					}
					for i, c := range all[:len(order)] {
						if i > 0 && together {
							break
						}
						if !c.Closed() {
							t.Errorf("%s: connection %d is open", name, i)
						}
						answer := c.Received()
						if _, behind, found := strings.Cut(answer, "CSeq: 1\r\n"); found {
							_, answer, _ = strings.Cut(behind, "\r\n\r\n")
						}
						if !strings.HasPrefix(answer, "RTSP/1.0 505") || strings.Count(answer, "RTSP/1.0") != 1 {
							t.Errorf("%s: %q", name, answer)
						}
					}
				})
			})
		}
	}
}

// SYN-14, SYN-15: what each wrong Content-Length is answered with, and that the connection ends where it cannot be known what follows. None
// of what stands in place of a body is taken for a request (a panic of go2rtc, bodies that gortsplib has ignored, CVE-2026-0918 and
// CVE-2025-14299 of Tapo).
func TestEveryContentLength(t *testing.T) {
	for length, want := range map[string]rtsp.StatusCode{
		"-1": 400, "+1": 400, "- 1": 400, "1 2": 400, "0x1": 400, "1e1": 400, "1.0": 400, "٣": 400, "one": 400, "": 400, "1,2": 400, "1;2": 400,
		"9223372036854775807": 413, "9223372036854775808": 400, "18446744073709551615": 400, "18446744073709551616": 400, "18446744073709551617": 400,
		"99999999999999999999999999": 400, "1048576": 413,
		"1\r\nContent-Length: 2": 400, "0\r\nContent-Length: 30": 400, "30\r\ncontent-length: 0": 400, "-1\r\nContent-Length: 0": 400,
		"0": 200, "000": 200, "  0  ": 200, "\t0\t": 200, "0\r\nContent-Length: 0": 200, "30": 200, " 30\t": 200, "30\r\nCONTENT-LENGTH: 30": 200,
	} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			c := w.Dial()
			defer c.Close()
			body := ""
			if strings.Contains(length, "30") && want == 200 {
				body = strings.Repeat("x", 30)
			}
			c.Send("SET_PARAMETER * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: " + length + "\r\n\r\n" + body)
			r := c.Response()
			ok := r.Status == want || want == 200 && r.Status == rtsp.StatusParameterNotUnderstood // with a body that names none
			if want == 200 {
				if again := c.Do("OPTIONS", "*"); again.Status != rtsp.StatusOK {
					t.Errorf("%q: behind it %d", length, again.Status)
				}
			} else if !c.Closed() {
				t.Errorf("%q: the connection is open", length)
			}
			if !ok {
				t.Errorf("%q: %d, want %d", length, r.Status, want)
			}
		})
	}
}

// STA-01: the tracks of a presentation that are set up before and behind a change of what is published there: the second is one of what is
// there now or is refused, and nothing panics (mediamtx #5253).
func TestTracksBetweenTwoPublishers(t *testing.T) {
	for name, then := range map[string]string{"the same": servertest.VideoAudio, "fewer tracks": servertest.Audio, "nothing": ""} {
		for _, lower := range []string{"RTP/AVP/TCP;unicast", "RTP/AVP;unicast;client_port=5900-5901"} {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				underAttack(t, w, func(reader, publisher *servertest.Client) {
					publisher.Publish("cam", servertest.VideoAudio, "tcp")
					reader.SetupAs("cam/trackID=0", lower)
					publisher.Do("TEARDOWN", "cam")
					publisher.Session = ""
					if then != "" {
						publisher.Publish("cam", then, "tcp")
					}
					for i, step := range []string{"SETUP cam/trackID=1", "SETUP cam/trackID=0", "SETUP cam/trackID=7", "PLAY cam", "PAUSE cam", "PLAY cam", "TEARDOWN cam"} {
						method, path, _ := strings.Cut(step, " ")
						reader.Conn.SetWriteDeadline(time.Now().Add(time.Second))
						reader.Conn.Write([]byte(request(method, w.URL+"/"+path, 100+i, "Session: "+reader.Session, "Transport: "+lower)))
						r, err := reader.TryResponse()
						if err != nil {
							break // the session over the connection has ended with what it played, and the connection with it
						}
						if r.Status/100 == 5 {
							t.Errorf("%s, %s: %s: %d", name, lower, step, r.Status)
						}
					}
				})
			})
		}
	}
}

// SEC-01, SYN-16: each header that the server reads, in values of every length up to 64 KiB and of every kind, is answered or ends the
// connection, and nothing panics.
func TestEveryHeaderIsSwept(t *testing.T) {
	headers := []string{
		"Accept", "Authorization", "Bandwidth", "Blocksize", "Conference", "Connection", "Content-Base", "Content-Encoding", "Content-Length", "Content-Type",
		"CSeq", "If-Modified-Since", "Immediate", "Proxy-Require", "Public", "Range", "Require", "RTP-Info", "Scale", "Seek-Style", "Session", "Speed",
		"Timestamp", "Transport", "User-Agent",
	}
	values := []string{"", " ", "\t", "0", "-1", "1e999", "NaN", "99999999999999999999", ";", ",", "=", "\"", "\"\\", "npt=", "npt=1-0", "npt=-", "clock=99999999T999999Z-",
		"RTP/AVP;client_port=1-0;interleaved=255-256;ttl=999;ssrc=zzzzzzzzz", "RTP/AVP/TCP;unicast;interleaved=", strings.Repeat("RTP/AVP;,", 200), "\xff\xfe", "é"}
	for size := 1; size <= 64<<10; size *= 4 {
		values = append(values, strings.Repeat("a", size), strings.Repeat(",", size), strings.Repeat("9", size), "\""+strings.Repeat("\\\"", size/2))
	}
	for _, header := range headers {
		t.Run(header, func(t *testing.T) {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				underAttack(t, w, func(first, _ *servertest.Client) {
					first.Setup("p", "tcp")
					for _, value := range values {
						for _, method := range []string{"SETUP", "PLAY", "DESCRIBE", "GET_PARAMETER"} {
							c := w.Dial()
							c.Conn.SetDeadline(time.Now().Add(time.Second))
							fmt.Fprintf(c.Conn, "%s %s/p RTSP/1.0\r\nCSeq: 1\r\nSession: %s\r\n%s: %s\r\n\r\n", method, w.URL, first.Session, header, value)
							c.Conn.Read(make([]byte, 100))
							c.Close()
						}
					}
					if s := w.Server.Stats(); s.Panics != 0 {
						t.Errorf("%d panics", s.Panics)
					}
				})
			})
		})
	}
}

// SEC-04: what a client says and the server repeats cannot end a line of the answer, and so put headers or a whole answer of its own
// into it.
func TestAnswersCannotBeSplit(t *testing.T) {
	for _, end := range []string{"\r", "\n", "\r\n", "%0d%0a", "\x00", "\u2028", "\x0b", "\x85"} {
		evil := "x" + end + "Evil: 1" + end + end + "RTSP/1.0 200 OK"
		for name, raw := range map[string]string{
			"URL":       request("DESCRIBE", "URL/p?"+evil, 1),
			"CSeq":      "OPTIONS * RTSP/1.0\r\nCSeq: 1" + evil + "\r\n\r\n",
			"Timestamp": request("OPTIONS", "*", 1, "Timestamp: 1"+evil),
			"Require":   request("OPTIONS", "*", 1, "Require: "+evil),
			"Transport": request("SETUP", "URL/p", 1, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1;mode="+evil),
			"Session":   request("PLAY", "URL/p", 1, "Session: "+evil),
			"parameter": request("GET_PARAMETER", "*", 1, fmt.Sprintf("Content-Length: %d", len(evil))) + evil,
		} {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				w.Handler.Live("p", servertest.Video)
				c := w.Dial()
				defer c.Close()
				c.Send(strings.ReplaceAll(raw, "URL", w.URL))
				for r, err := c.TryResponse(); err == nil; r, err = c.TryResponse() {
					if r.Header.Has("Evil") || r.Header.Get("Server") != "Baton" {
						t.Errorf("%s with %q: %q", name, end, r.Raw)
					}
				}
			})
		}
	}
}

// SEC-03, SEC-06: no datagram goes to anybody who has not set a session up from his address, whatever he sends to the ports of media,
// and none to somebody who has before PLAY or behind TEARDOWN.
func TestNoDatagramGoesToWhoHasNoSession(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Audio), servertest.Source{}
		c := w.Dial()
		defer c.Close()
		lane := c.Setup("p", "udp")
		ports := lane.Transport.ServerPort
		var strangers []rtspserver.PacketConn
		for _, from := range []string{"203.0.113.9:7000", "203.0.113.9:7001", "192.0.2.66:5000", servertest.ClientHost + ":9000"} {
			conn, err := w.Net.ListenPacket(from)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			strangers = append(strangers, conn)
		}
		flood := func() {
			for _, conn := range strangers {
				for _, b := range [][]byte{
					{}, {0}, src.Packet(false, 1), make([]byte, 12), []byte(options(1)),
					{0x80, 200, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, // SR
					{0x80, 201, 0, 1, 0, 0, 0, 1}, {0x81, 203, 0, 1, 0, 0, 0, 1}, {0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0}, // RR, BYE, NACK
					{0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1}, // PLI
				} {
					for _, port := range []uint16{ports.RTP, ports.RTCP} {
						conn.WriteToUDPAddrPort(b, netip.AddrPortFrom(netip.MustParseAddr(servertest.ServerHost), port))
					}
				}
			}
			servertest.Write(live, 0, src.Packet(false, 1))
			w.Wait(10 * time.Second)
		}
		silent := func(when string) {
			t.Helper()
			for _, conn := range strangers[:3] { // the last may be the client behind a NAT
				conn.SetReadDeadline(time.Now().Add(time.Millisecond))
				if n, _, err := conn.ReadFromUDPAddrPort(make([]byte, 2000)); err == nil {
					t.Errorf("%s: %d bytes to %v", when, n, conn.LocalAddr())
				}
			}
		}
		flood()
		silent("before PLAY")
		if b := lane.RTP(time.Millisecond); b != nil {
			t.Errorf("before PLAY: % x", b)
		}
		if r := c.Do("PLAY", "p"); r.Status != rtsp.StatusOK {
			t.Fatalf("PLAY: %d", r.Status)
		}
		flood()
		silent("while playing")
		strangers[3].SetReadDeadline(time.Now().Add(time.Millisecond))
		if _, _, err := strangers[3].ReadFromUDPAddrPort(make([]byte, 2000)); err != nil && lane.RTP(time.Millisecond) == nil {
			t.Error("while playing nothing comes to the client")
		}
		c.Do("TEARDOWN", "p")
		w.Wait(time.Second)
		sent := w.Net.Stats().Sent
		servertest.Write(live, 0, src.Packet(false, 1))
		w.Wait(10 * time.Second)
		if n := w.Net.Stats().Sent - sent; n != 0 {
			t.Errorf("behind TEARDOWN: %d datagrams", n)
		}
	})
}

// SEC-03: RTCP is no amplifier: a client that plays has fewer bytes of it than it asks for with, however often it asks, and in its own
// time when it asks for nothing.
func TestReportsAreFew(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Audio), servertest.Source{}
		c := w.Dial()
		defer c.Close()
		lane := c.Setup("p", "udp")
		servertest.Write(live, 0, src.Packet(false, 1))
		reports := func() (n, bytes int) {
			for b := lane.RTCP(time.Millisecond); b != nil; b = lane.RTCP(time.Millisecond) {
				n++
				bytes += len(b)
			}
			return n, bytes
		}
		const asked = 200
		for range asked {
			c.Do("PLAY", "p")
			servertest.Write(live, 0, src.Packet(false, 1))
			w.Settle()
		}
		if n, bytes := reports(); n == 0 || bytes > asked*len(request("PLAY", w.URL+"/p", 1, "Session: "+c.Session)) {
			t.Errorf("%d bytes for %d requests", bytes, asked)
		}
		w.Wait(time.Minute / 2)
		if n, _ := reports(); n < 3 || n > 7 {
			t.Errorf("%d reports in half a minute", n)
		}
	})
}
