package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/auth"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
	"github.com/pion/rtp"
)

// A relay is a server made with gortsplib: one publisher, and readers, all with credentials by Digest.
type relay struct {
	server *gortsplib.Server

	mu     sync.Mutex
	stream *gortsplib.ServerStream
}

func (r *relay) allowed(c *gortsplib.ServerConn, req *base.Request) *base.Response {
	if c.VerifyCredentials(req, "admin", "p@ss") {
		return nil
	}
	return &base.Response{StatusCode: base.StatusUnauthorized}
}

func (r *relay) current() *gortsplib.ServerStream {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stream
}

// OnDescribe is part of the library's handler, as are those that follow.
func (r *relay) OnDescribe(ctx *gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if resp := r.allowed(ctx.Conn, ctx.Request); resp != nil {
		return resp, nil, liberrors.ErrServerAuth{}
	}
	if s := r.current(); s != nil {
		return &base.Response{StatusCode: base.StatusOK}, s, nil
	}
	return &base.Response{StatusCode: base.StatusNotFound}, nil, nil
}

func (r *relay) OnAnnounce(ctx *gortsplib.ServerHandlerOnAnnounceCtx) (*base.Response, error) {
	if resp := r.allowed(ctx.Conn, ctx.Request); resp != nil {
		return resp, liberrors.ErrServerAuth{}
	}
	s := &gortsplib.ServerStream{Server: r.server, Desc: ctx.Description}
	if err := s.Initialize(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stream = s
	return &base.Response{StatusCode: base.StatusOK}, nil
}

func (r *relay) OnSetup(ctx *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if resp := r.allowed(ctx.Conn, ctx.Request); resp != nil {
		return resp, nil, liberrors.ErrServerAuth{}
	}
	if ctx.Session.State() == gortsplib.ServerSessionStatePreRecord {
		return &base.Response{StatusCode: base.StatusOK}, nil, nil
	}
	return &base.Response{StatusCode: base.StatusOK}, r.current(), nil
}

func (r *relay) OnPlay(*gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	return &base.Response{StatusCode: base.StatusOK}, nil
}

func (r *relay) OnRecord(ctx *gortsplib.ServerHandlerOnRecordCtx) (*base.Response, error) {
	ctx.Session.OnPacketRTPAny(func(m *description.Media, _ format.Format, p *rtp.Packet) { r.current().WritePacketRTP(m, p) })
	return &base.Response{StatusCode: base.StatusOK}, nil
}

// pair finds two free UDP ports, the first of which is even.
func pair(t *testing.T) int {
	t.Helper()
	for range 100 {
		a, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		port := a.LocalAddr().(*net.UDPAddr).Port
		b, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port + 1})
		a.Close()
		if err == nil {
			b.Close()
			if port%2 == 0 {
				return port
			}
		}
	}
	t.Fatal("no free pair of ports")
	return 0
}

// AUT-03, ANN-01: a server made with gortsplib, which wants credentials, is published to and read from, over both transports and
// with each algorithm.
func TestGortsplibServer(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	own := serve(t)
	film := filepath.Join(t.TempDir(), "film.mp4")
	run(t, time.Minute, baton(), "record", own.url("/demo.mp4"), film, "--duration", "4s")
	for name, test := range map[string]struct {
		transport string
		method    auth.VerifyMethod
	}{
		"UDP, MD5": {"udp", auth.VerifyMethodDigestMD5}, "TCP, SHA-256": {"tcp", auth.VerifyMethodDigestSHA256},
	} {
		t.Run(name, func(t *testing.T) {
			port := pair(t)
			r := &relay{}
			r.server = &gortsplib.Server{Handler: r, RTSPAddress: "127.0.0.1:0", AuthMethods: []auth.VerifyMethod{test.method},
				UDPRTPAddress: fmt.Sprintf("127.0.0.1:%d", port), UDPRTCPAddress: fmt.Sprintf("127.0.0.1:%d", port+1)}
			if err := r.server.Start(); err != nil {
				t.Fatal(err)
			}
			defer r.server.Close()
			url := "rtsp://admin:p%40ss@" + r.server.NetListener().Addr().String() + "/film"
			p := start(t, time.Minute, baton(), "publish", film, url, "--loop", "--transport", test.transport)
			if !p.sees(10*time.Second, func(out string) bool { return strings.Contains(out, "publishing") }) {
				t.Fatal(p.verdict())
			}
			back := filepath.Join(t.TempDir(), "back.mp4")
			run(t, time.Minute, baton(), "record", url, back, "--duration", "6s", "--transport", test.transport)
			if n := packets(t, back); n["h264"] < 50 || n["aac"] < 90 {
				t.Error(n)
			}
			wrong := start(t, time.Minute, baton(), "probe", strings.Replace(url, "p%40ss", "other", 1))
			if <-wrong.ended; wrong.cmd.ProcessState.ExitCode() != 3 || strings.Contains(wrong.stderr.String(), "other") {
				t.Errorf("a wrong password: exit code %d, %s", wrong.cmd.ProcessState.ExitCode(), wrong.stderr.String())
			}
			if s := p.stdout.String(); strings.Contains(s, "p@ss") || strings.Contains(s, "p%40ss") {
				t.Errorf("the password is shown: %s", s)
			}
		})
	}
}

// FFmpeg that listens is published to.
func TestFFmpegThatListens(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	own := serve(t)
	dir := t.TempDir()
	film, got := filepath.Join(dir, "film.mp4"), filepath.Join(dir, "got.mp4")
	run(t, time.Minute, baton(), "record", own.url("/demo.mp4"), film, "--duration", "4s")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "rtsp://" + ln.Addr().String() + "/x"
	ln.Close()
	f := start(t, time.Minute, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "warning", "-rtsp_flags", "listen", "-i", url, "-c", "copy", got)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if p := start(t, time.Minute, baton(), "publish", film, url, "--transport", "tcp"); p.endsWithin(20*time.Second) && p.err == nil {
			break
		}
	}
	f.endsWithin(10 * time.Second)
	if n := packets(t, got); n["h264"] < 80 || n["aac"] < 150 {
		t.Error(n)
	}
}

// gstServer compiles and starts a server on GStreamer's library.
func gstServer(t *testing.T) (url string) {
	t.Helper()
	need(t, "cc", "pkg-config")
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "gstreamer-rtsp-server-1.0").Output()
	if err != nil {
		t.Skip("gstreamer-rtsp-server-1.0 is not installed")
	}
	source, err := filepath.Abs("testdata/server.c")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "server")
	run(t, time.Minute, "cc", append([]string{"-Wall", "-Werror", "-o", file, source}, strings.Fields(string(flags))...)...)
	p := start(t, 5*time.Minute, file)
	if !p.sees(10*time.Second, printedURL.MatchString) {
		t.Fatal(p.verdict())
	}
	t.Cleanup(p.kill)
	return printedURL.FindString(p.stdout.String())
}

// A server on GStreamer's library is probed, recorded and pulled, over UDP and TCP.
func TestGStreamerServer(t *testing.T) {
	need(t, "ffmpeg", "ffprobe", "gst-launch-1.0")
	url := gstServer(t) + "/test"
	p := run(t, time.Minute, baton(), "probe", url, "--json")
	var r report
	if err := json.Unmarshal([]byte(p.stdout.String()), &r); err != nil || r.Transports["udp"] != "works" || r.Transports["tcp"] != "works" ||
		len(r.Tracks) != 2 || r.Tracks[0].Width != 320 || r.Tracks[0].FrameRate < 22 || r.Tracks[0].FrameRate > 28 {
		t.Errorf("%v: %s", err, p.stdout.String())
	}
	for _, transport := range []string{"udp", "tcp"} {
		file := filepath.Join(t.TempDir(), "got.mp4")
		run(t, time.Minute, baton(), "record", url, file, "--duration", "4s", "--transport", transport)
		if n := packets(t, file); n["h264"] < 40 {
			t.Errorf("%s: %v", transport, n)
		}
		s := serve(t, config(t, fmt.Sprintf("paths: { cam: { source: %q, transport: %s } }\n", url, transport))...)
		d := run(t, time.Minute, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", s.url("/cam?start=keyframe"), "-frames:v", "40", "-f", "null", "-")
		if e := d.stderr.String(); strings.Contains(e, "error") {
			t.Errorf("%s: %s", transport, e)
		}
	}
}
