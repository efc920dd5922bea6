package rtspclient_test

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

var errForbidden = errors.New("forbidden by the test")

// Permit is asked for the address that a name has, before anything goes there.
func TestPermitIsAskedBehindTheResolver(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cam := &rtsptest.Camera{}
	cam.Serve(ln)
	defer cam.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	for _, url := range []string{"rtsp://localhost:", "rtsp://127.0.0.1:", "rtsps://localhost:", "ws://localhost:", "wss://127.0.0.1:"} {
		var asked []netip.Addr
		_, err := rtspclient.Play(t.Context(), url+port+"/stream", &rtspclient.Config{Permit: func(a netip.Addr) error {
			asked = append(asked, a)
			return errForbidden
		}})
		if !errors.Is(err, errForbidden) || len(asked) == 0 || !asked[0].IsLoopback() {
			t.Errorf("%s: %v, asked for %v", url, err, asked)
		}
	}
	if n := len(cam.Requests()); n != 0 {
		t.Errorf("the camera has had %d requests", n)
	}
}

// SEC-03: a server that says that its media comes from elsewhere cannot have datagrams sent to where nothing may go, neither by
// SETUP nor by its description.
func TestServersCannotPointAtOthers(t *testing.T) {
	const inner = "169.254.169.254"
	for name, cam := range map[string]*rtsptest.Camera{
		"source": {Answer: on(rtsp.MethodSetup, func(_ *rtsp.Request, resp *rtsp.Response) {
			resp.Header.Set("Transport", resp.Header.Get("Transport")+";source="+inner)
		})},
		"a=rtcp": {Answer: func(r *rtsp.Request, resp *rtsp.Response) {
			switch r.Method {
			case rtsp.MethodDescribe:
				resp.Body = append(resp.Body, "a=rtcp:5555 IN IP4 "+inner+"\r\n"...)
			case rtsp.MethodSetup:
				resp.Header.Set("Transport", strings.Replace(resp.Header.Get("Transport"), "server_port", "x-port", 1))
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, cam, func(t *testing.T, w *world) {
				conn, err := w.net.ListenPacket(inner + ":5555")
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				cfg := w.over(rtspclient.UDP)
				cfg.Permit = func(a netip.Addr) error {
					if a == netip.MustParseAddr(inner) {
						return errForbidden
					}
					return nil
				}
				if _, err := rtspclient.Play(t.Context(), url, cfg); !errors.Is(err, errForbidden) {
					t.Errorf("%v", err)
				}
			})
		})
	}
}

// SEC-03: what a description or the headers around it say about where things are has nothing sent there: not its connection address, and
// not a base of URLs, which only names.
func TestAddressesInADescriptionLeadNowhere(t *testing.T) {
	const inner = "169.254.169.254"
	pointing := strings.NewReplacer("IN IP4 0.0.0.0", "IN IP4 "+inner, "IN IP4 127.0.0.1", "IN IP4 "+inner, "m=video 0", "m=video 5554").Replace(rtsptest.Video)
	for name, cam := range map[string]*rtsptest.Camera{
		"c=": {Description: pointing},
		"Content-Base": {Answer: on(rtsp.MethodDescribe, func(_ *rtsp.Request, resp *rtsp.Response) {
			resp.Header.Set("Content-Base", "rtsp://"+inner+"/stream/")
		})},
		"Content-Location": {Answer: on(rtsp.MethodDescribe, func(_ *rtsp.Request, resp *rtsp.Response) {
			resp.Header = slices.DeleteFunc(resp.Header, func(f rtsp.Field) bool { return f.Name == "Content-Base" })
			resp.Header.Set("Content-Location", "rtsp://"+inner+"/stream/")
		})},
	} {
		for _, lower := range []rtspclient.Lower{rtspclient.TCP, rtspclient.UDP} {
			t.Run(name+", "+lower.String(), func(t *testing.T) {
				cam := &rtsptest.Camera{Description: cam.Description, Answer: cam.Answer}
				cam.Received = func(int, bool, []byte) { cam.Send(0, false, packet(1)) }
				with(t, cam, func(t *testing.T, w *world) {
					other := &rtsptest.Camera{}
					defer other.Close()
					inside := w.second(other) // counts who is dialled
					conn, err := w.net.ListenPacket(inner + ":5554")
					if err != nil {
						t.Fatal(err)
					}
					defer conn.Close()
					cfg := w.over(lower)
					cfg.Patience = time.Second
					c, err := rtspclient.Play(t.Context(), url, cfg)
					if err == nil {
						wait(time.Second)
						c.Close()
					}
					conn.SetReadDeadline(time.Now().Add(time.Second))
					if n, _, err := conn.ReadFromUDPAddrPort(make([]byte, 100)); err == nil {
						t.Errorf("%d bytes have come", n)
					}
					if slices.ContainsFunc(*inside, func(s string) bool { return !strings.HasSuffix(s, cameraHost) }) || len(*inside) == 0 {
						t.Errorf("dialled %q", *inside)
					}
				})
			})
		}
	}
}
