package rtspclient_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

// What cameras get wrong, as seen in the wild. More of it is in TestCamerasWithQuirks (answers), TestTracksThatAreSetUp (back
// channels, s= and c=), TestKeepAlive, TestGarbageBetweenFrames and TestRefusedPauseDoesNoHarm.

// Descriptions that are wrong are played all the same, and what can be put right is.
func TestDescriptionsWithQuirks(t *testing.T) {
	const head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=a\r\nt=0 0\r\n"
	const h264 = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n"
	const pcmu = "m=audio 0 RTP/AVP 0\r\na=control:trackID=1\r\n"
	for name, test := range map[string]struct {
		sdp    string
		tracks int
		fmtp   string // of the first track
	}{
		"s= twice":                {strings.Replace(head, "s=a", "s=a\r\ns=b", 1) + h264, 1, ""},
		"c= is broken":            {head + "c=IN IP4\r\nc=\r\n" + h264 + "c=IN IP9 x/y/z\r\n", 1, ""},
		"o= is broken":            {"v=0\r\no=\r\ns=\r\nt=0 0\r\n" + h264, 1, ""},
		"m= of no known type":     {head + h264 + "m=application/TP-LINK 0 RTP/AVP smart/1/90000\r\na=control:trackID=1\r\n", 2, ""},
		"m= without port":         {head + strings.Replace(h264, "video 0", "video", 1), 1, ""},
		"m= without formats":      {head + strings.Replace(h264, "AVP 96", "AVP", 1), 1, ""},
		"fmtp on the wrong track": {head + h264 + pcmu + "a=fmtp:96 packetization-mode=1\r\n", 2, "packetization-mode=1"},
		"half the sets of H.265": {head + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\n" +
			"a=fmtp:96 sprop-vps=QAEMAf//AWAAAAMAkAAAAwAAAwB4mZgJ; sprop-sps=!!; sprop-pps=\r\na=control:trackID=0\r\n", 1,
			"sprop-vps=QAEMAf//AWAAAAMAkAAAAwAAAwB4mZgJ;sprop-sps=!!;sprop-pps"},
		"no line end at the end": {head + strings.TrimSuffix(h264, "\r\n"), 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, &rtsptest.Camera{Description: test.sdp}, func(t *testing.T, w *world) {
				c := w.play()
				defer c.Close()
				synctest.Wait()
				w.cam.Send(0, false, packet(1))
				if seqs, _ := w.came(); len(seqs) != 1 || len(c.Tracks()) != test.tracks {
					t.Errorf("%d packets, %d tracks", len(seqs), len(c.Tracks()))
				}
				list := c.Tracks()[0].Media().FormatList()
				if test.fmtp != "" && (len(list) != 1 || list[0].Params.String() != test.fmtp) {
					t.Errorf("%+v", list)
				}
			})
		})
	}
}

// URLs that are wrong lead to the tracks.
func TestURLsWithQuirks(t *testing.T) {
	const track = "rtsp://192.0.2.1/stream/trackID=0"
	for name, test := range map[string]struct{ dial, base, control, want string }{
		"rtsp:// twice in the URL":       {"rtsp://rtsp://192.0.2.1/stream", "", "trackID=0", track},
		"rtsp:// twice in the base":      {url, "rtsp://rtsp://192.0.2.1/stream/", "trackID=0", track},
		"rtsp:// twice in the control":   {url, "", "rtsp://rtsp://192.0.2.1/stream/trackID=0", track},
		"a base without a scheme":        {url, "192.0.2.1/stream/", "trackID=0", track},
		"a base that is a path":          {url, "/stream/", "trackID=0", track},
		"a base of IPv6":                 {url, "rtsp://[2001:db8::1]:554/stream/", "trackID=0", "rtsp://[2001:db8::1]:554/stream/trackID=0"},
		"a base of IPv6 sans brackets":   {url, "rtsp://2001:db8::1/stream/", "trackID=0", "rtsp://[2001:db8::1]/stream/trackID=0"},
		"a zone":                         {url, "rtsp://[fe80::1%eth0]/stream/", "trackID=0", "rtsp://[fe80::1%eth0]/stream/trackID=0"},
		"a control without a slash":      {url, "rtsp://192.0.2.1/stream", "trackID=0", track},
		"a control that begins with one": {url, "rtsp://192.0.2.1/stream/", "/stream/trackID=0", track},
		"a base with a query":            {url, "rtsp://192.0.2.1/stream?a=1", "trackID=0", "rtsp://192.0.2.1/stream?a=1/trackID=0"},
	} {
		t.Run(name, func(t *testing.T) {
			cam := &rtsptest.Camera{
				Description: strings.Replace(rtsptest.Video, "trackID=0", test.control, 1),
				Answer: on(rtsp.MethodDescribe, func(_ *rtsp.Request, resp *rtsp.Response) {
					if resp.Header.Del("Content-Base"); test.base != "" {
						resp.Header.Set("Content-Base", test.base)
					}
				}),
			}
			with(t, cam, func(t *testing.T, w *world) {
				c, err := rtspclient.Play(t.Context(), test.dial, w.over(rtspclient.TCP))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				for _, r := range cam.Requests() {
					if r.Method == rtsp.MethodSetup && r.URI != test.want || r.Method == rtsp.MethodDescribe && r.URI != url {
						t.Errorf("%s %s", r.Method, r.URI)
					}
				}
			})
		})
	}
}

// Cameras that want requests written as they know them get them so.
func TestCamerasThatArePicky(t *testing.T) {
	before := rtsp.Method("")
	for name, refuse := range map[string]func(*rtsp.Request) rtsp.StatusCode{
		"User-Agent": func(r *rtsp.Request) rtsp.StatusCode {
			if r.Header.Get("User-Agent") == "" {
				return rtsp.StatusForbidden
			}
			return 0
		},
		"CSeq in these letters, once": func(r *rtsp.Request) rtsp.StatusCode {
			if n := len(slices.DeleteFunc(slices.Clone(r.Header), func(f rtsp.Field) bool { return f.Name != "CSeq" })); n != 1 {
				return rtsp.StatusBadRequest
			}
			return 0
		},
		"no Require, which switches to the back channel": func(r *rtsp.Request) rtsp.StatusCode {
			if r.Header.Has("Require") {
				return rtsp.StatusOptionNotSupported
			}
			return 0
		},
		"no Session in DESCRIBE": func(r *rtsp.Request) rtsp.StatusCode {
			if r.Method == rtsp.MethodDescribe && r.Header.Has("Session") {
				return rtsp.StatusSessionNotFound
			}
			return 0
		},
		"DESCRIBE before each SETUP": func(r *rtsp.Request) rtsp.StatusCode {
			last := before
			before = r.Method
			if r.Method == rtsp.MethodSetup && last != rtsp.MethodDescribe {
				return rtsp.StatusMethodNotValidInThisState
			}
			return 0
		},
	} {
		t.Run(name, func(t *testing.T) {
			cam := &rtsptest.Camera{Description: rtsptest.VideoAudio, Answer: func(req *rtsp.Request, resp *rtsp.Response) {
				if code := refuse(req); code != 0 {
					resp.Status = code
				}
			}}
			with(t, cam, func(t *testing.T, w *world) {
				c := w.play()
				defer c.Close()
				if len(c.Tracks()) != 2 {
					t.Errorf("%d tracks", len(c.Tracks()))
				}
			})
		})
	}
}

// A camera that knows old TLS only is reached when the program allows that, and not before.
func TestLegacyTLS(t *testing.T) {
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	old := []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}
	cam := &rtsptest.Camera{}
	cam.Serve(tls.NewListener(ln, &tls.Config{
		Certificates: certified.TLS.Certificates, CipherSuites: old, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10,
	}))
	defer cam.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	cfg := rtspclient.Config{Lowers: []rtspclient.Lower{rtspclient.TCP}, Timeout: 5 * time.Second, TLS: &tls.Config{RootCAs: roots}}
	address := "rtsps://" + ln.Addr().String() + "/stream"
	if c, err := rtspclient.Play(t.Context(), address, &cfg); err == nil {
		c.Close()
		t.Error("old TLS is taken though nobody has said so")
	}
	cfg.TLS = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS10, CipherSuites: old}
	c, err := rtspclient.Play(t.Context(), address, &cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

// Media that is wrong is handed on byte for byte: putting it right is for who knows its format.
func TestMediaWithQuirks(t *testing.T) {
	h264 := func(marker bool, payload ...byte) []byte {
		return append(rtp.AppendHeader(nil, rtp.Header{PayloadType: 96, Marker: marker, Sequence: 1, Timestamp: 900, SSRC: 7}), payload...)
	}
	sps, pps, idr := h264(true, 0x67, 0x42, 0xc0, 0x1e), h264(true, 0x68, 0xcb), h264(false, 0x65, 0x88)
	for name, packets := range map[string][][]byte{
		"a marker on SPS and PPS":             {sps, pps, h264(true, 0x65, 0x88)},
		"no marker at all":                    {idr, h264(false, 0x41, 0x9a)},
		"IDR without SPS and PPS":             {h264(true, 0x65, 0x88)},
		"FU-A that starts and ends at once":   {h264(true, 0x7c, 0xc5, 0x88)},
		"FU-A that starts twice":              {h264(false, 0x7c, 0x85, 1), h264(false, 0x7c, 0x85, 2), h264(true, 0x7c, 0x45, 3)},
		"FU-A that never starts":              {h264(true, 0x41, 0x9a), h264(false, 0x5c, 0x01, 1), h264(true, 0x5c, 0x41, 2)},
		"FU-A that never ends":                {h264(false, 0x7c, 0x85, 1), h264(true, 0x7c, 0x05, 2)},
		"10 kB":                               {h264(true, bytes.Repeat([]byte{0x65}, 10_000)...)},
		"an SSRC that is not the Transport's": {h264(true, 0x65, 0x88)},
	} {
		for _, lower := range lowers {
			t.Run(name+"/"+lower.String(), func(t *testing.T) {
				cam := &rtsptest.Camera{Answer: on(rtsp.MethodSetup, func(_ *rtsp.Request, resp *rtsp.Response) {
					resp.Header.Set("Transport", resp.Header.Get("Transport")+";ssrc=DEADBEEF")
				})}
				with(t, cam, func(t *testing.T, w *world) {
					stop := w.feed()
					c, err := rtspclient.Play(t.Context(), url, w.over(lower))
					if err != nil {
						t.Fatal(err)
					}
					defer c.Close()
					wait(100 * time.Millisecond)
					stop()
					before, _ := w.came()
					next := before[len(before)-1] + 1
					for i, p := range packets {
						rtp.Packet(p).SetSequence(next + uint16(i))
						w.cam.Send(0, false, p)
					}
					synctest.Wait()
					if diff := cmp.Diff(packets, w.datas()); diff != "" {
						t.Error(diff)
					}
				})
			})
		}
	}
}

// datas are the packets that came, as they came.
func (w *world) datas() (list [][]byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.packets {
		list = append(list, p.Data)
	}
	return list
}
