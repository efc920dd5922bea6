package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A program is a process of a test's own. What it writes is kept and shown
// when the test fails; it is killed, and waited for, when the test ends.
type program struct {
	t      *testing.T
	args   []string
	cmd    *exec.Cmd
	stdout *transcript
	stderr *transcript
	ended  chan struct{} // closed when the process has ended
	err    error         // of Wait; read after ended
}

// start runs a program. It has that long: when the time is over it is killed,
// and whoever waits for it sees it fail.
func start(t *testing.T, limit time.Duration, name string, args ...string) *program {
	t.Helper()
	return startWith(t, nil, limit, name, args...)
}

// startWith runs a program that reads its standard input.
func startWith(t *testing.T, stdin io.Reader, limit time.Duration, name string, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	p := &program{
		t:      t,
		args:   append([]string{name}, args...),
		cmd:    exec.CommandContext(ctx, name, args...),
		stdout: newTranscript(),
		stderr: newTranscript(),
		ended:  make(chan struct{}),
	}
	p.cmd.Dir = t.TempDir()
	p.cmd.Env = append(os.Environ(), "LC_ALL=C", "SDL_VIDEODRIVER=dummy", "SDL_AUDIODRIVER=dummy", "AV_LOG_FORCE_NOCOLOR=1", "GST_DEBUG_NO_COLOR=1")
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = stdin, p.stdout, p.stderr
	p.cmd.WaitDelay = 2 * time.Second // a grandchild may hold the pipes
	t.Cleanup(func() {
		cancel()
		<-p.ended
		if t.Failed() {
			t.Logf("%s\n%s\n%s%s", p, p.verdict(), indent(p.stdout.String()), indent(p.stderr.String()))
		}
	})
	if err := p.cmd.Start(); err != nil {
		close(p.ended)
		t.Fatal(err)
	}
	go func() { // ends when the process does, at the latest at the limit
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p
}

// run runs a program to its end and fails the test if that is not a good one.
func run(t *testing.T, limit time.Duration, name string, args ...string) *program {
	t.Helper()
	p := start(t, limit, name, args...)
	<-p.ended
	if p.err != nil {
		t.Fatalf("%s: %s", p, p.verdict())
	}
	return p
}

func (p *program) String() string { return strings.Join(p.args, " ") }

// verdict says how the program ended.
func (p *program) verdict() string {
	select {
	case <-p.ended:
	default:
		return "still running"
	}
	if p.err == nil {
		return "ended well"
	}
	return "ended with " + p.err.Error()
}

// endsWithin waits for the end and tells whether it came in time.
func (p *program) endsWithin(limit time.Duration) bool {
	select {
	case <-p.ended:
		return true
	case <-time.After(limit):
		return false
	}
}

// wrote is what the program wrote to a file in its folder.
func (p *program) wrote(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(p.cmd.Dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// kill ends the program as kill -9 does: it has no chance to say goodbye.
func (p *program) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
	<-p.ended
}

// sees waits until a condition holds for what the program wrote on standard
// output. It gives up after the limit, or when the program has ended.
func (p *program) sees(limit time.Duration, condition func(text string) bool) bool {
	return p.stdout.sees(p.ended, limit, condition)
}

// A transcript keeps what a program writes. It is safe for concurrent use.
type transcript struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // closed at the next write
}

func newTranscript() *transcript {
	return &transcript{changed: make(chan struct{})}
}

func (l *transcript) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
	return l.text.Write(b)
}

// sees waits until a condition holds for the text, as long as the limit allows
// and the writer has not ended.
func (l *transcript) sees(ended <-chan struct{}, limit time.Duration, condition func(text string) bool) bool {
	timeout := time.After(limit)
	for {
		text, changed := l.read()
		if condition(text) {
			return true
		}
		select {
		case <-changed:
		case <-ended:
			return condition(l.String())
		case <-timeout:
			return false
		}
	}
}

func (l *transcript) read() (text string, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String(), l.changed
}

func (l *transcript) String() string {
	text, _ := l.read()
	return text
}

// indent shows what a program wrote, of very much only the two ends.
func indent(text string) string {
	const head, tail = 20, 60
	if text == "" {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if left := len(lines) - head - tail; left > 1 {
		lines = slices.Concat(lines[:head], []string{fmt.Sprintf("… %d lines …", left)}, lines[head+left:])
	}
	return "    | " + strings.Join(lines, "\n    | ") + "\n"
}
