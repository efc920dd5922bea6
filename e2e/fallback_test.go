//go:build linux

package e2e

import (
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// NAT-04: where a firewall drops UDP, which nobody is told of, baton play has the media over TCP a little later: it says so, in its
// lines and on its page, and stored media plays from its beginning.
func TestPlayFallsBackWhereUDPIsDropped(t *testing.T) {
	need(t, "nft")
	w := newWire(t)
	rules := append(inside(w.reader), "nft", "add table inet wall; add chain inet wall in { type filter hook input priority 0; }; add rule inet wall in iifname wire0 meta l4proto udp counter drop")
	if out, err := exec.Command(rules[0], rules[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("nft: %v\n%s", err, out)
	}
	s := serveIn(t, inside(w.server), append(config(t, openToAll), "--rtsp", w.address+":8554")...)
	command := append(inside(w.reader), baton(), "play", s.url("/demo.mp4"), "--patience", "1s")
	t.Run("lines", func(t *testing.T) {
		p := start(t, time.Minute, command[0], append(command[1:len(command):len(command)], "--headless")...)
		if !p.sees(10*time.Second, func(out string) bool {
			return strings.Contains(out, "over TCP now instead of UDP") && strings.Contains(out, "track 0: video H264 over TCP") && strings.Contains(out, "packets, 0 lost")
		}) {
			t.Error(p.verdict())
		}
		p.kill()
	})
	t.Run("page", func(t *testing.T) {
		p := start(t, time.Minute, command[0], append(command[1:len(command):len(command)], "--no-browser")...)
		defer p.kill()
		if !p.sees(10*time.Second, printedPage.MatchString) {
			t.Fatal(p.verdict())
		}
		url := printedPage.FindString(p.stdout.String())
		forward(t, w.reader, strings.Split(url, "/")[2])
		b := chromium(t)
		b.open(url)
		b.playsStepByStep()
		b.until("it is told", `document.querySelector(".note").textContent.startsWith("Over TCP now: nothing has come over UDP")`, 5*time.Second)
		b.until("it is shown", `document.querySelector(".tracks tbody tr")?.cells[1].textContent.startsWith("channel")`, 5*time.Second)
		if at := eval[float64](b, `baton.player.position`); at > 15 {
			t.Errorf("the film is at %.1f s", at)
		}
	})
	dropped := append(inside(w.reader), "nft", "list", "chain", "inet", "wall", "in")
	if out, err := exec.Command(dropped[0], dropped[1:]...).Output(); err != nil || strings.Contains(string(out), "packets 0 ") {
		t.Errorf("nothing was dropped: %v\n%s", err, out)
	}
}

// forward has connections to an address of this namespace lead to the same address of another.
func forward(t *testing.T, namespace, address string) {
	t.Helper()
	ln, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(func() { ln.Close(); wg.Wait() })
	wg.Go(func() { // ends with the listener
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			far, err := dialIn(namespace, address)
			if err != nil {
				near.Close()
				continue
			}
			for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
				wg.Go(func() { // ends when either end does
					io.Copy(way[0], way[1])
					way[0].Close()
					way[1].Close()
				})
			}
		}
	})
}

// dialIn opens a connection inside of a namespace.
func dialIn(namespace, address string) (net.Conn, error) {
	type result struct {
		conn net.Conn
		err  error
	}
	done := make(chan result)
	go func() { // its thread is not used for anything else: it ends with it
		runtime.LockOSThread()
		f, err := os.Open("/run/netns/" + namespace)
		if err != nil {
			done <- result{nil, err}
			return
		}
		defer f.Close()
		if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- result{nil, err}
			return
		}
		conn, err := net.Dial("tcp", address)
		done <- result{conn, err}
	}()
	r := <-done
	return r.conn, r.err
}
