package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
)

func TestWrongUseIsToldInASentence(t *testing.T) {
	for _, args := range [][]string{
		{"serve", "--rtps", ":1"}, {"--udp", "8001-8002"}, {"dance"}, {"--config", "/does/not/exist.yml"}, {"--media", "/does/not/exist"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, &stdout, &stderr); code != exitUsage {
			t.Errorf("%v: exit code %d", args, code)
		}
		if got := stderr.String(); strings.Count(got, "\n") != 1 || stdout.Len() > 0 {
			t.Errorf("%v: stderr %q, stdout %q", args, got, stdout.String())
		}
	}
}

func TestBusyPortIsToldInASentence(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"--rtsp", ln.Addr().String(), "--udp", "0", "--http", "127.0.0.1:0", "--api", "127.0.0.1:0", "--state", t.TempDir()}, &stdout, &stderr); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if got := stderr.String(); !strings.Contains(got, ln.Addr().String()) || strings.Count(got, "\n") != 1 {
		t.Errorf("stderr %q", got)
	}
}

// A greeting waits for what the server prints first.
type greeting struct {
	mu   sync.Mutex
	text strings.Builder
	done chan struct{}
	once sync.Once
}

func (g *greeting) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.text.Write(b)
	if strings.Contains(g.text.String(), "Ctrl-C") {
		g.once.Do(func() { close(g.done) })
	}
	return len(b), nil
}

// The newcomer's first seconds: URLs are printed, a player's request is answered, Ctrl-C ends it.
func TestServeGreetsAnswersAndEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	g, ended := &greeting{done: make(chan struct{})}, make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"--rtsp", "127.0.0.1:0", "--udp", "0", "--http", "127.0.0.1:0", "--api", "127.0.0.1:0", "--state", t.TempDir()}, g, io.Discard)
	}()
	<-g.done
	m := regexp.MustCompile(`rtsp://(\S+)/clock`).FindStringSubmatch(g.text.String())
	if m == nil {
		t.Fatalf("no URL in %q", g.text.String())
	}
	nc, err := net.Dial("tcp", m[1])
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	io.WriteString(nc, "DESCRIBE "+m[0]+" RTSP/1.0\r\nCSeq: 1\r\n\r\n")
	answer := make([]byte, 4096)
	n, err := nc.Read(answer)
	if err != nil || !bytes.HasPrefix(answer[:n], []byte("RTSP/1.0 200 OK\r\n")) {
		t.Errorf("%v: %q", err, answer[:n])
	}
	if !strings.Contains(g.text.String(), "admin, password ") {
		t.Errorf("the first start does not tell how to log in: %q", g.text.String())
	}
	cancel()
	if code := <-ended; code != exitOK {
		t.Errorf("exit code %d", code)
	}
}
