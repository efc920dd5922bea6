package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stopLimit is what a server has to end all sessions in order.
const stopLimit = 2 * time.Second

// A server is a running `baton serve`.
type server struct {
	*program
	base string // rtsp://host:port, without a slash at the end
}

var printedURL = regexp.MustCompile(`rtsp://[^\s/]+:\d+`)

// serve starts a server on free ports, with more or other flags if given. It
// is stopped at the end of the test, which fails if the server does not end
// well and in time.
func serve(t *testing.T, flags ...string) *server {
	t.Helper()
	return serveIn(t, nil, flags...)
}

// serveIn starts the server through another command, such as `ip netns exec`.
func serveIn(t *testing.T, through []string, flags ...string) *server {
	t.Helper()
	command := slices.Concat(through, []string{baton(), "serve", "--rtsp", "127.0.0.1:0", "--udp", "0",
		"--http", "127.0.0.1:0", "--api", "127.0.0.1:0", "--state", t.TempDir()}, flags)
	s := &server{program: start(t, 20*time.Minute, command[0], command[1:]...)}
	if !s.sees(10*time.Second, printedURL.MatchString) {
		t.Fatalf("%s: no URL printed; %s", s, s.verdict())
	}
	s.base = printedURL.FindString(s.stdout.String())
	t.Cleanup(func() { s.stop() })
	return s
}

// url is the URL of a path that begins with a slash.
func (s *server) url(path string) string { return s.base + path }

// stop ends the server as Ctrl-C or a service manager does.
func (s *server) stop() {
	s.t.Helper()
	select {
	case <-s.ended:
	default:
		s.signal()
	}
	if !s.endsWithin(stopLimit) {
		s.t.Errorf("the server has not ended %v after the signal", stopLimit)
		s.kill()
		return
	}
	if s.err != nil {
		s.t.Errorf("the server %s", s.verdict())
	}
	for _, sign := range []string{"panic", "goroutine 1 [", "DATA RACE"} {
		if strings.Contains(s.stdout.String()+s.stderr.String(), sign) {
			s.t.Errorf("the server's log has %q in it", sign)
		}
	}
}

func (s *server) signal() {
	s.t.Helper()
	if runtime.GOOS == "windows" { // has no signal that a program can answer
		s.t.Skip("Windows cannot send a signal")
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
}

// openToAll lets other machines, such as those of a network namespace, do what this one may.
const openToAll = "anonymous: [ { do: [read, publish] } ]\n"

// config writes a configuration file and gives the flags that name it.
func config(t *testing.T, text string) []string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "baton.yml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"--config", name}
}
