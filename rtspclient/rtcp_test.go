package rtspclient_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

// withRTCP is a description that says where RTCP is.
func withRTCP(value string) string {
	return strings.TrimSuffix(rtsptest.Video, "\r\n") + "\r\na=rtcp:" + value + "\r\n"
}

// RTP-17: the group of RTCP is the one of the description, unless the server has named a port of its own in the Transport.
func TestGroupOfRTCP(t *testing.T) {
	for name, test := range map[string]struct{ attr, port, want string }{
		"a port":          {"53020", "5004", "239.1.2.3:53020"},
		"an address":      {"53020 IN IP4 239.9.9.9", "5004-5005", "239.9.9.9:53020"},
		"in Transport":    {"53020", "5004-6000", "239.1.2.3:6000"},
		"none":            {"9 IN IP4 0.0.0.0", "5004", "239.1.2.3:5005"},
		"nonsense":        {"x IN", "5004", "239.1.2.3:5005"},
		"no address":      {"53020 IN IP4 cam", "5004", "239.1.2.3:53020"},
		"a loopback":      {"53020 IN IP4 127.0.0.1", "5004", "239.1.2.3:53020"},
		"too large":       {"70000", "5004", "239.1.2.3:5005"},
		"nothing at all ": {"", "5004", "239.1.2.3:5005"},
	} {
		t.Run(name, func(t *testing.T) {
			cam := &rtsptest.Camera{Description: withRTCP(test.attr), Answer: on(rtsp.MethodSetup, func(_ *rtsp.Request, resp *rtsp.Response) {
				resp.Status = rtsp.StatusOK
				resp.Header.Set("Transport", "RTP/AVP;multicast;destination=239.1.2.3;port="+test.port)
			})}
			with(t, cam, func(t *testing.T, w *world) {
				var joined [2]netip.AddrPort
				enough := errors.New("enough")
				w.cfg.ListenGroup = func(rtp, rtcp netip.AddrPort) (rtspclient.PacketConn, rtspclient.PacketConn, error) {
					joined = [2]netip.AddrPort{rtp, rtcp}
					return nil, nil, enough
				}
				if _, err := rtspclient.Play(t.Context(), url, w.over(rtspclient.Multicast)); !errors.Is(err, enough) {
					t.Fatal(err)
				}
				if got := joined[0].String() + " " + joined[1].String(); got != "239.1.2.3:5004 "+test.want {
					t.Error(got)
				}
			})
		})
	}
}

// RTP-17: a camera that names no ports of its own gets reports where its description says.
func TestPortOfRTCP(t *testing.T) {
	with(t, &rtsptest.Camera{Description: withRTCP("7001"), Answer: on(rtsp.MethodSetup, func(req *rtsp.Request, resp *rtsp.Response) {
		resp.Header.Set("Transport", req.Header.Get("Transport"))
	})}, func(t *testing.T, w *world) {
		ln, err := w.net.ListenPacket(cameraHost + ":7001")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		defer w.feed()()
		c, err := rtspclient.Play(t.Context(), url, w.over(rtspclient.UDP))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		ln.SetReadDeadline(time.Now().Add(time.Minute))
		b := make([]byte, 1500)
		for range 2 { // what opens a way, a report
			n, _, err := ln.ReadFromUDPAddrPort(b)
			if err != nil || n < 8 || b[1] != 201 {
				t.Fatalf("%x, %v", b[:n], err)
			}
		}
	})
}
