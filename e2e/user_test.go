package e2e

import (
	"strings"
	"testing"
	"time"
)

// password is that of these tests' users. It must be in no log.
const password = "c4nary-p@ss"

// withUser is an URL with a user and a password in it.
func (s *server) withUser(user, password, path string) string {
	return strings.Replace(s.url(path), "rtsp://", "rtsp://"+user+":"+strings.ReplaceAll(password, "@", "%40")+"@", 1)
}

// serveUsers starts a server that lets nobody in without a user, made by `baton user add`, and checks at the end that
// no line of it has the password.
func serveUsers(t *testing.T) *server {
	t.Helper()
	state := t.TempDir()
	for _, user := range [][]string{{"studio", "--read=cam/**", "--publish=cam/**"}, {"viewer"}} {
		p := startWith(t, strings.NewReader(password+"\n"), time.Minute, baton(), append([]string{"user", "add", "--state", state}, user...)...)
		<-p.ended
		if p.err != nil {
			t.Fatalf("%s: %s", p, p.verdict())
		}
	}
	s := serve(t, append(config(t, "anonymous: []\naudit: stderr\n"), "--state", state, "--log-level", "debug")...)
	t.Cleanup(func() {
		for _, text := range []string{s.stdout.String(), s.stderr.String()} {
			if strings.Contains(text, password) || strings.Contains(text, "c4nary") || strings.Contains(text, "response=") {
				t.Error("a password is in what the server writes")
			}
		}
		if !strings.Contains(s.stderr.String(), `"user":"studio","action":"publish"`) {
			t.Error("the audit log does not tell who published")
		}
	})
	return s
}

// AUT-01, AUT-02, AUT-05: ffmpeg and GStreamer publish and read with Digest, over TCP and UDP, and are refused with a
// wrong password, without one, and where they may not.
func TestDigestWithFFmpegAndGStreamer(t *testing.T) {
	need(t, "ffmpeg", "gst-launch-1.0")
	s := serveUsers(t)
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			m := find(t, "h264 and aac")
			path := "/cam/" + transport
			publish(t, m, transport, s.withUser("studio", password, path))
			watched(t, s, path)
			decode(t, m, transport, s.withUser("viewer", password, path), 50)
			receive(t, m, transport, s.withUser("viewer", password, path), 50)

			p := pipelines[1]
			push(t, p.elements, transport, s.withUser("studio", password, path+"-gst"))
			watched(t, s, path+"-gst")
			receive(t, p.medium, transport, s.withUser("viewer", password, path+"-gst"), 50)
			decode(t, p.medium, transport, s.withUser("viewer", password, path+"-gst"), 50)
		})
	}
	for name, url := range map[string]string{
		"wrong password": s.withUser("viewer", "wrong", "/cam/tcp"), "no user": s.url("/cam/tcp"), "not allowed": s.withUser("studio", password, "/demo.mp4"),
	} {
		p := start(t, time.Minute, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", url, "-t", "1", "-f", "null", "-")
		<-p.ended
		if want := map[bool]string{true: "403", false: "401"}[name == "not allowed"]; p.err == nil || !strings.Contains(p.stderr.String(), want) {
			t.Errorf("%s: %s, %s", name, p.verdict(), p.stderr)
		}
	}
}

// watched waits until a path can be read.
func watched(t *testing.T, s *server, path string) {
	t.Helper()
	readable(t, nil, s.withUser("viewer", password, path))
}
