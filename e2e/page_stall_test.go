//go:build unix

package e2e

import (
	"syscall"
	"testing"
	"time"
)

// After the server was held up for two seconds the picture is live again in some seconds more, by either way of decoding.
func TestPageCatchesUp(t *testing.T) {
	const goal, limit = 400 * time.Millisecond, 10 * time.Second
	for _, way := range ways() {
		t.Run("by "+way, func(t *testing.T) {
			s, base := site(t)
			b := chromium(t)
			b.open(base + with("/play/clock", way))
			b.click("Play")
			b.until("it plays", `baton.player.state == "playing" && baton.screen && baton.print() != 0`, 5*time.Second)
			live(t, b, goal, limit)
			s.hold(2*time.Second, func() {
				if old, ok := age(t, b); ok && old < 1500*time.Millisecond {
					t.Errorf("the server is held up, and the picture only %v old", old)
				}
			})
			took := live(t, b, goal, limit)
			t.Logf("%s: under %v again %v after a stall of 2 s", with("/clock", way), goal, took)
		})
	}
}

// hold stops the server's process for a while, as a machine that swaps does, and calls a function at the end of it.
func (s *server) hold(long time.Duration, last func()) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatal(err)
	}
	defer s.cmd.Process.Signal(syscall.SIGCONT) // also if last ends the test: a process that is stopped cannot end
	s.endsWithin(long)                          // it does not, so this takes that long
	last()
}

// live waits until five pictures in a row are younger than that, and returns how long that took.
func live(t *testing.T, b *tab, goal, limit time.Duration) time.Duration {
	t.Helper()
	var old time.Duration
	for begin, young := time.Now(), 0; ; {
		var ok bool
		if old, ok = age(t, b); ok && old < goal {
			young++
		} else if ok {
			young = 0
		}
		if took := time.Since(begin).Round(10 * time.Millisecond); young == 5 {
			return took
		} else if took > limit {
			t.Fatalf("the picture is %v old, and that %v later", old, took)
		}
	}
}
