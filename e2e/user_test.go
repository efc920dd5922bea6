package e2e

import (
	"strconv"
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

// AUT-08: users come and go while the server runs. Who is removed is out at once, and nobody else.
func TestUsersComeAndGoWhileTheServerRuns(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	state := t.TempDir()
	user := func(stdin string, args ...string) {
		t.Helper()
		p := startWith(t, strings.NewReader(stdin), time.Minute, baton(), append([]string{"user", args[0], "--state", state}, args[1:]...)...)
		if <-p.ended; p.err != nil {
			t.Fatalf("%s: %s", p, p.verdict())
		}
	}
	s := serve(t, append(config(t, "anonymous: []\n"), "--state", state)...)
	user(password+"\n", "add", "ann")
	user(password+"\n", "add", "bob")
	for _, name := range []string{"ann", "bob"} {
		readable(t, nil, s.withUser(name, password, "/clock"))
	}
	watch := func(name string) *program {
		return start(t, time.Minute, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-progress", "pipe:1", "-rtsp_transport", "tcp", "-i", s.withUser(name, password, "/clock"), "-c", "copy", "-f", "null", "-")
	}
	ann, bob := watch("ann"), watch("bob")
	for _, p := range []*program{ann, bob} {
		if !p.sees(20*time.Second, func(text string) bool { return strings.Contains(text, "frame=") }) {
			t.Fatalf("%s plays nothing", p)
		}
	}
	user("", "remove", "ann")
	select {
	case <-ann.ended:
	case <-time.After(10 * time.Second):
		t.Error("who was removed plays on")
	}
	select {
	case <-bob.ended:
		t.Errorf("another has ended: %s", bob.verdict())
	default:
	}
	bob.kill()
	<-bob.ended
	again := start(t, time.Minute, "ffprobe", "-loglevel", "error", "-rtsp_transport", "tcp", s.withUser("ann", password, "/clock"))
	if <-again.ended; again.err == nil || !strings.Contains(again.stderr.String(), "401") {
		t.Errorf("who was removed comes in: %s, %s", again.verdict(), again.stderr)
	}
}

// AUT-05, AUT-14: a server that starts again knows its users and none of its nonces. Those who come again get in: ffmpeg and our own
// client, a server that pulls from it, whose viewer sees how it goes on.
func TestUsersComeAgainAfterARestart(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	state := t.TempDir()
	add := startWith(t, strings.NewReader(password+"\n"), time.Minute, baton(), "user", "add", "--state", state, "ann")
	if <-add.ended; add.err != nil {
		t.Fatalf("%s: %s", add, add.verdict())
	}
	first := append(config(t, "anonymous: []\n"), "--state", state)
	s := serve(t, first...)
	relay := serve(t, config(t, "paths: { pulled: { source: \""+s.withUser("ann", password, "/clock")+"\", transport: tcp } }\n")...)
	readable(t, nil, relay.url("/pulled"))
	viewer := start(t, 3*time.Minute, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-progress", "pipe:1", "-rtsp_transport", "tcp",
		"-i", relay.url("/pulled"), "-c", "copy", "-f", "null", "-")
	shown := func(text string) int { // pictures so far
		text = text[strings.LastIndex(text, "frame=")+1:]
		text, _, _ = strings.Cut(strings.TrimPrefix(text, "rame="), "\n")
		n, _ := strconv.Atoi(strings.TrimSpace(text))
		return n
	}
	grows := func() bool {
		before := shown(viewer.stdout.String())
		return viewer.sees(time.Minute, func(text string) bool { return shown(text) > before+50 })
	}
	if !grows() {
		t.Fatal("nothing is pulled")
	}
	s.stop()
	again := serve(t, append(first, "--rtsp", strings.TrimPrefix(s.base, "rtsp://"))...)
	readable(t, nil, again.withUser("ann", password, "/clock"))
	if !grows() {
		t.Errorf("the viewer of what is pulled sees no more: %s", viewer.verdict())
	}
	viewer.kill()
}
