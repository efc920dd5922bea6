package rtspserver_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// SEC-02, CON-08: who knows the id of a session, but is somewhere else, can do nothing to it, with no method.
func TestSessionsOfOthersCannotBeTouched(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Audio), servertest.Source{}
		reader, publisher, thief := w.Dial(), w.Dial(), w.DialAs("192.0.2.66")
		defer reader.Close()
		defer publisher.Close()
		defer thief.Close()
		out := reader.Watch("p", "udp", 1)[0]
		in := publisher.Publish("cam", servertest.Audio, "tcp")[0]
		for path, id := range map[string]string{"p": reader.Session, "cam": publisher.Session} {
			for _, method := range []string{"SETUP", "PLAY", "PAUSE", "RECORD", "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER", "OPTIONS", "DESCRIBE", "ANNOUNCE"} {
				r := thief.Do(method, path, "Session: "+id, "Transport: RTP/AVP;unicast;client_port=5000-5001",
					"Content-Type: application/sdp", "\r\n"+servertest.Audio)
				if r.Status != rtsp.StatusSessionNotFound {
					t.Errorf("%s %s: %d", method, path, r.Status)
				}
			}
		}
		servertest.Write(live, 0, src.Packet(false, 1))
		if out.RTP(time.Second) == nil {
			t.Error("the reader has lost its media")
		}
		in.SendRTP(src.Packet(false, 2))
		w.Settle()
		if n := w.Handler.Get("cam").(*rtspserver.Live).Timeline().Packets(); n != 1 {
			t.Errorf("%d packets of the publisher were taken", n)
		}
	})
}

// SEC-02: nobody can take the ports of another session of the same address: what comes from there goes on
// to be its own.
func TestPortsOfOthersAreNotTaken(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("p", servertest.Audio)
		publisher, thief := w.Dial(), w.Dial()
		defer publisher.Close()
		defer thief.Close()
		lane, src := publisher.Publish("cam", servertest.Audio, "udp")[0], servertest.Source{}
		taken := func(n uint64) bool {
			lane.SendRTP(src.Packet(false, 1))
			return w.Until(time.Second, func() bool { return w.Handler.Get("cam").(*rtspserver.Live).Timeline().Packets() == n })
		}
		if !taken(1) {
			t.Fatal("the publisher is not heard")
		}
		spec := fmt.Sprintf("Transport: RTP/AVP;unicast;client_port=%d-%d", lane.Port, lane.Port+1)
		for _, path := range []string{"p", "p"} {
			thief.Session = ""
			if r := thief.Do("SETUP", path, spec); r.Status != rtsp.StatusOK {
				t.Errorf("SETUP: %d", r.Status)
			}
		}
		if !taken(2) {
			t.Error("the publisher is not heard any more")
		}
		thief.Do("TEARDOWN", "p")
		if !taken(3) {
			t.Error("the publisher is not heard after the thief has left")
		}
	}, servertest.UDP)
}

// SEC-03: media goes to the address of the client, whatever destination it names.
func TestNoMediaGoesToOthers(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Audio), servertest.Source{}
		const victim = "203.0.113.9"
		rtpConn, rtcpConn, port := w.Packets(victim)
		defer rtpConn.Close()
		defer rtcpConn.Close()
		c := w.Dial()
		defer c.Close()
		for _, spec := range []string{"destination=" + victim, "destination=" + victim + ";source=" + victim, "destination=\"" + victim + "\""} {
			c.Session = ""
			r := c.Do("SETUP", "p", fmt.Sprintf("Transport: RTP/AVP;unicast;%s;client_port=%d-%d", spec, port, port+1))
			if r.Status == rtsp.StatusOK {
				c.Do("PLAY", "p")
			}
			if strings.Contains(r.Header.Get("Transport"), victim) {
				t.Errorf("Transport %q", r.Header.Get("Transport"))
			}
		}
		for range 10 {
			servertest.Write(live, 0, src.Packet(false, 1))
		}
		for _, conn := range []rtspserver.PacketConn{rtpConn, rtcpConn} {
			conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			if n, _, err := conn.ReadFromUDPAddrPort(make([]byte, 2000)); err == nil {
				t.Errorf("%d bytes went to a host that did not ask", n)
			}
		}
	})
}

// SEC-06: of a publisher over UDP only what comes from its address is taken, and of one source at a time;
// another source is believed when the first has been silent.
func TestPacketsOfOthersAreNotTaken(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		lane := c.Publish("cam", servertest.Audio, "udp")[0]
		own, forged := servertest.Source{SSRC: 1}, servertest.Source{SSRC: 2, Seq: 1000}
		to := netip.AddrPortFrom(netip.MustParseAddr(servertest.ServerHost), lane.Transport.ServerPort.RTP)
		wantTaken := func(what string, n uint64) {
			t.Helper()
			w.Wait(200 * time.Millisecond) // longer than anything is held back
			if got := w.Handler.Get("cam").(*rtspserver.Live).Timeline().Packets(); got != n {
				t.Errorf("%s: %d packets, want %d", what, got, n)
			}
		}
		lane.SendRTP(own.Packet(false, 1))
		wantTaken("the publisher", 1)
		for _, host := range []string{"192.0.2.66", servertest.ClientHost} {
			conn, err := w.Net.ListenPacket(host + ":6666")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.WriteToUDPAddrPort(own.Packet(false, 9), to)
			own.Seq--
			wantTaken("from "+host, 1)
		}
		lane.SendRTP(own.Packet(false, 2))
		lane.SendRTP(forged.Packet(false, 9))
		wantTaken("another SSRC", 2)
		lane.SendRTP([]byte{0x80, 203, 0, 1, 0, 0, 0, 1}) // BYE in its name, to the RTP port
		lane.SendRTP(own.Packet(false, 3))
		wantTaken("behind a forged BYE", 3)
		w.Wait(2 * time.Second)
		lane.SendRTP(forged.Packet(false, 4))
		wantTaken("another SSRC behind silence", 4)
	})
}

// SEC-07: no password and no key gets into the log, wherever a client puts it, to whichever port, and whatever goes wrong.
func TestLogsHoldNoSecrets(t *testing.T) {
	for name, raw := range map[string]string{
		"URL":            request("DESCRIBE", "rtsp://u:canary@h/p", 1),
		"bad URL":        request("DESCRIBE", "rtsp://u:canary@h:0/p", 1),
		"query":          request("DESCRIBE", "rtsp://h/p?token=canary", 1),
		"credentials":    request("DESCRIBE", "rtsp://h/p", 1, "Authorization: Basic canary"),
		"bad header":     request("DESCRIBE", "rtsp://h/p", 1, "Authorization Basic canary"),
		"framing lost":   request("DESCRIBE", "rtsp://h/p", 1) + "Authorization: Basic canary\r\n\r\n",
		"no end":         "DESCRIBE rtsp://u:canary@h/" + strings.Repeat("x", 12300),
		"session":        request("SETUP", "rtsp://u:canary@h/p", 1, "Transport: RTP/AVP/TCP;unicast"),
		"key":            request("SETUP", "rtsp://h/p", 1, "Transport: RTP/SAVP;unicast;inline:canary", "KeyMgmt: canary"),
		"description":    request("ANNOUNCE", "rtsp://h/x", 1, "Content-Type: application/sdp", "Content-Length: 31") + "v=0\r\na=crypto:1 inline:canary\r\n",
		"wrong version":  "DESCRIBE rtsp://u:canary@h/p RTSP/9.0\r\nCSeq: 1\r\n\r\n",
		"unknown method": request("X", "rtsp://u:canary@h/p", 1),
		"bad CSeq":       "DESCRIBE rtsp://h/p RTSP/1.0\r\nCSeq: canary\r\n\r\n",
		"bad start line": "DESCRIBE rtsp://u:canary@h/p\r\nCSeq: 1\r\n\r\n",
	} {
		for port, dial := range map[string]func(w *servertest.World) *servertest.Client{
			"clear": (*servertest.World).Dial,
			"clear text to TLS": func(w *servertest.World) *servertest.Client {
				w.BeginTLS()
				return w.Talk(servertest.ClientHost, w.DialClear(servertest.ClientHost, true))
			},
			"TLS to clear text": func(w *servertest.World) *servertest.Client {
				w.BeginTLS()
				return w.Talk(servertest.ClientHost, w.DialTLS(servertest.ClientHost, w.ClearAddr()))
			},
		} {
			t.Run(name+", "+port, func(t *testing.T) {
				servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
					w.Handler.Live("p", servertest.Video)
					c := dial(w)
					c.Send(raw)
					c.Response()
					w.Settle()
					c.Close()
					w.Settle()
					if log := w.Log.String(); strings.Contains(log, "canary") {
						t.Errorf("log:\n%s", log)
					}
				})
			})
		}
	}
}
