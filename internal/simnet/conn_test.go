package simnet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

const (
	server = "192.0.2.10"
	client = "192.0.2.20"
)

// bubble runs f in a synctest bubble on a new network, which is closed afterwards and must then
// be empty. A goroutine that is left fails the test by itself.
func bubble(t *testing.T, o *Options, f func(t *testing.T, n *Network)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := New(o)
		f(t, n)
		if err := n.Close(); err != nil {
			t.Error(err)
		}
		if open := n.Open(); len(open) != 0 {
			t.Errorf("open after Close: %q", open)
		}
	})
}

// pair returns the two ends of a connection from client to server.
func pair(t *testing.T, n *Network) (near, far *Conn) {
	t.Helper()
	l := listen(t, n, server)
	defer l.Close()
	c, err := n.Dial(t.Context(), client, l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return c.(*Conn), a.(*Conn)
}

func listen(t *testing.T, n *Network, addr string) net.Listener {
	t.Helper()
	l, err := n.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

// pattern returns n bytes of which no two neighbouring KiB are alike.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

func TestConnCarriesBytesBothWaysAtOnce(t *testing.T) {
	bubble(t, &Options{Window: 1000}, func(t *testing.T, n *Network) {
		near, far := pair(t, n)
		want := pattern(1 << 20)
		var wg sync.WaitGroup
		for _, c := range []*Conn{near, far} {
			wg.Go(func() { // ends when all is written
				if n, err := c.Write(want); n != len(want) || err != nil {
					t.Errorf("wrote %d, %v", n, err)
				}
				wantError(t, c.CloseWrite(), nil)
			})
			wg.Go(func() { // ends at the peer's end
				got, err := io.ReadAll(c)
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("read %d bytes, %v", len(got), err)
				}
			})
		}
		wg.Wait()
	})
}

func TestSlowReaderBlocksWriter(t *testing.T) {
	bubble(t, &Options{Window: 100}, func(t *testing.T, n *Network) {
		near, far := pair(t, n)
		start := time.Now()
		var took time.Duration
		var wg sync.WaitGroup
		wg.Go(func() { // ends when the reader has made room for all
			_, err := near.Write(pattern(150))
			wantError(t, err, nil)
			took = time.Since(start)
		})
		time.Sleep(time.Hour)
		if got, err := far.Read(make([]byte, 500)); got != 100 || err != nil {
			t.Errorf("read %d, %v", got, err)
		}
		wg.Wait()
		if took != time.Hour {
			t.Errorf("the write took %v", took)
		}
	})
}

func TestWindowOfOneConnectionCanBeSet(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		near, far := pair(t, n)
		wantError(t, far.SetReadBuffer(10), nil)
		wantError(t, near.SetWriteDeadline(time.Now().Add(time.Second)), nil)
		got, err := near.Write(pattern(50))
		wantError(t, err, os.ErrDeadlineExceeded)
		if got != 10 {
			t.Errorf("wrote %d bytes into a window of 10", got)
		}
	})
}

func TestDeadlineEndsWait(t *testing.T) {
	bubble(t, &Options{Window: 1}, func(t *testing.T, n *Network) {
		near, _ := pair(t, n)
		for name, operate := range map[string]func() error{
			"read":  func() error { _, err := near.Read(make([]byte, 1)); return err },
			"write": func() error { _, err := near.Write(make([]byte, 2)); return err },
		} {
			start := time.Now()
			wantError(t, near.SetDeadline(start.Add(3*time.Second)), nil)
			err := operate()
			var timeout net.Error
			if !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(start) != 3*time.Second {
				t.Errorf("%s: %v after %v", name, err, time.Since(start))
			}
			wantError(t, operate(), os.ErrDeadlineExceeded) // over is over
		}
	})
}

func TestDeadlineCanBeMovedWhileWaiting(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		near, far := pair(t, n)
		var wg sync.WaitGroup
		start := time.Now()
		wg.Go(func() { // ends at the deadline set below
			_, err := near.Read(make([]byte, 1))
			wantError(t, err, os.ErrDeadlineExceeded)
		})
		synctest.Wait()
		wantError(t, near.SetReadDeadline(start.Add(time.Minute)), nil)
		synctest.Wait()
		wantError(t, near.SetReadDeadline(start.Add(time.Second)), nil)
		wg.Wait()
		if time.Since(start) != time.Second {
			t.Errorf("after %v", time.Since(start))
		}
		wantError(t, near.SetReadDeadline(time.Time{}), nil)
		_, err := far.Write([]byte{7})
		wantError(t, err, nil)
		if got, err := near.Read(make([]byte, 1)); got != 1 || err != nil {
			t.Errorf("read %d, %v", got, err)
		}
	})
}

func TestHalfCloseLeavesOtherDirection(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		near, far := pair(t, n)
		_, err := near.Write([]byte("last"))
		wantError(t, err, nil)
		wantError(t, near.CloseWrite(), nil)
		_, err = near.Write([]byte("more"))
		wantError(t, err, syscall.EPIPE)
		if got, err := io.ReadAll(far); string(got) != "last" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		_, err = far.Write([]byte("answer"))
		wantError(t, err, nil)
		wantError(t, far.Close(), nil)
		if got, err := io.ReadAll(near); string(got) != "answer" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
	})
}

func TestCloseEndsPeer(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		near, far := pair(t, n)
		_, err := far.Write([]byte("unread"))
		wantError(t, err, nil)
		wantError(t, near.Close(), nil)
		_, err = far.Write([]byte("x"))
		wantError(t, err, syscall.EPIPE)
		_, err = far.Read(make([]byte, 1))
		wantError(t, err, io.EOF)
	})
}

func TestLingerZeroResetsPeer(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		near, far := pair(t, n)
		wantError(t, near.SetLinger(0), nil)
		wantError(t, near.Close(), nil)
		_, err := far.Read(make([]byte, 1))
		wantError(t, err, syscall.ECONNRESET)
		_, err = far.Write([]byte("x"))
		wantError(t, err, syscall.ECONNRESET)
	})
}

func TestClosedConnSaysSo(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		c, _ := pair(t, n)
		wantError(t, c.Close(), nil)
		_, err := c.Read(make([]byte, 1))
		wantError(t, err, net.ErrClosed)
		_, err = c.Write([]byte("x"))
		wantError(t, err, net.ErrClosed)
		for _, err := range []error{c.Close(), c.CloseWrite(), c.SetDeadline(time.Time{}), c.SetReadBuffer(1), c.SetLinger(0)} {
			wantError(t, err, net.ErrClosed)
		}
	})
}

func TestCloseUnblocks(t *testing.T) {
	for name, close := range map[string]func(n *Network, c *Conn) error{
		"own":     func(_ *Network, c *Conn) error { return c.Close() },
		"network": func(n *Network, _ *Conn) error { return n.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, &Options{Window: 1}, func(t *testing.T, n *Network) {
				c, _ := pair(t, n)
				var wg sync.WaitGroup
				wg.Go(func() { // ends by Close
					_, err := c.Read(make([]byte, 1))
					wantError(t, err, net.ErrClosed)
				})
				for range 2 { // the second waits for the first
					wg.Go(func() { // ends by Close
						_, err := c.Write(make([]byte, 2))
						wantError(t, err, net.ErrClosed)
					})
				}
				synctest.Wait()
				wantError(t, close(n, c), nil)
				wg.Wait()
			})
		})
	}
}

func TestConcurrentWritesDoNotMix(t *testing.T) {
	bubble(t, &Options{Window: 7}, func(t *testing.T, n *Network) {
		near, far := pair(t, n)
		var wg sync.WaitGroup
		for i := range byte(10) {
			wg.Go(func() { // ends when its bytes are written
				_, err := near.Write(bytes.Repeat([]byte{i}, 100))
				wantError(t, err, nil)
			})
		}
		block := make([]byte, 100)
		for range 10 {
			time.Sleep(time.Second) // a writer that waits for another must let time go on
			if _, err := io.ReadFull(far, block); err != nil || bytes.Count(block, block[:1]) != 100 {
				t.Fatalf("%v, %v", block, err)
			}
		}
		wg.Wait()
	})
}

func TestLinkThatIsDownHoldsBytesAndEnd(t *testing.T) {
	bubble(t, &Options{Window: 100}, func(t *testing.T, n *Network) {
		near, far := pair(t, n)
		_, err := near.Write([]byte("before "))
		wantError(t, err, nil)
		n.SetLink(client, server, Link{Down: true})
		_, err = near.Write([]byte("after"))
		wantError(t, err, nil)
		wantError(t, near.Close(), nil)
		got := make([]byte, 100)
		if n, err := far.Read(got); string(got[:n]) != "before " || err != nil {
			t.Errorf("read %q, %v", got[:n], err)
		}
		wantError(t, far.SetReadDeadline(time.Now().Add(time.Hour)), nil)
		_, err = far.Read(got)
		wantError(t, err, os.ErrDeadlineExceeded)
		_, err = far.Write([]byte("it knows nothing"))
		wantError(t, err, nil)
		wantError(t, far.SetReadDeadline(time.Time{}), nil)
		n.SetLink(client, server, Link{})
		if got, err := io.ReadAll(far); string(got) != "after" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		_, err = far.Write([]byte("x"))
		wantError(t, err, syscall.EPIPE)
	})
}

func TestDialIsRefusedWhereNobodyListens(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		_, err := n.Dial(t.Context(), client, server+":554")
		wantError(t, err, syscall.ECONNREFUSED)
	})
}

func TestDialWaitsForBacklogOrContext(t *testing.T) {
	bubble(t, &Options{Backlog: 1}, func(t *testing.T, n *Network) {
		l := listen(t, n, server+":554")
		_, err := n.Dial(t.Context(), client, server+":554")
		wantError(t, err, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err = n.Dial(ctx, client, server+":554")
		wantError(t, err, context.DeadlineExceeded)
		if time.Since(start) != 5*time.Second {
			t.Errorf("after %v", time.Since(start))
		}
		var wg sync.WaitGroup
		wg.Go(func() { // ends when the first is accepted
			_, err := n.Dial(t.Context(), client, server+":554")
			wantError(t, err, nil)
		})
		synctest.Wait()
		_, err = l.Accept()
		wantError(t, err, nil)
		wg.Wait()
	})
}

func TestDialWaitsForLink(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		listen(t, n, server+":554")
		n.SetLink("", client, Link{Down: true})
		start := time.Now()
		time.AfterFunc(time.Minute, func() { n.SetLink("", client, Link{}) })
		_, err := n.Dial(t.Context(), client, server+":554")
		wantError(t, err, nil)
		if time.Since(start) != time.Minute {
			t.Errorf("after %v", time.Since(start))
		}
	})
}

func TestListenerCloseEndsAcceptAndResetsBacklog(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		l := listen(t, n, server+":554")
		c, err := n.Dial(t.Context(), client, server+":554")
		wantError(t, err, nil)
		wantError(t, l.Close(), nil)
		_, err = c.Read(make([]byte, 1))
		wantError(t, err, syscall.ECONNRESET)
		_, err = l.Accept()
		wantError(t, err, net.ErrClosed)
		wantError(t, l.Close(), net.ErrClosed)

		l = listen(t, n, server+":554") // the port is free again
		var wg sync.WaitGroup
		wg.Go(func() { // ends by Close
			_, err := l.Accept()
			wantError(t, err, net.ErrClosed)
		})
		synctest.Wait()
		wantError(t, l.Close(), nil)
		wg.Wait()
	})
}

func TestAddressesAreThoseOfTCP(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		l := listen(t, n, server+":554")
		near, err := n.Dial(t.Context(), client, server+":554")
		wantError(t, err, nil)
		far, err := l.Accept()
		wantError(t, err, nil)
		from, ok := near.LocalAddr().(*net.TCPAddr)
		if !ok || from.IP.String() != client || from.Port < firstEphemeral {
			t.Errorf("dialed from %v", near.LocalAddr())
		}
		if far.RemoteAddr().String() != from.String() {
			t.Errorf("accepted from %v, dialed from %v", far.RemoteAddr(), from)
		}
		for _, addr := range []net.Addr{near.RemoteAddr(), far.LocalAddr(), l.Addr()} {
			if addr.String() != server+":554" || addr.Network() != "tcp" {
				t.Errorf("address %v of %s", addr, addr.Network())
			}
		}
		fixed, err := n.Dial(t.Context(), client+":1234", server+":554")
		wantError(t, err, nil)
		if fixed.LocalAddr().String() != client+":1234" {
			t.Errorf("dialed from %v", fixed.LocalAddr())
		}
		_, err = n.Dial(t.Context(), client+":1234", server+":554")
		wantError(t, err, syscall.EADDRINUSE)
	})
}

func TestPortsAreGivenAndKept(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		first, second := listen(t, n, server), listen(t, n, server+":0")
		if first.Addr().String() == second.Addr().String() {
			t.Errorf("%v twice", first.Addr())
		}
		_, err := n.Listen(first.Addr().String())
		wantError(t, err, syscall.EADDRINUSE)
		if _, err := n.ListenPacket(first.Addr().String()); err != nil {
			t.Error(err) // UDP ports are others
		}
		six := listen(t, n, "[2001:db8::1]:554")
		if six.Addr().String() != "[2001:db8::1]:554" {
			t.Errorf("%v", six.Addr())
		}
	})
}

func TestBadAddressesAreRefused(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		for _, addr := range []string{"", ":554", "0.0.0.0:554", "[::]:554", "host:554", "192.0.2.10:x", "239.1.1.1:5000"} {
			var bad *net.AddrError
			if _, err := n.Listen(addr); !errors.As(err, &bad) {
				t.Errorf("listen on %q: %v", addr, err)
			}
			if _, err := n.ListenPacket(addr); !errors.As(err, &bad) {
				t.Errorf("socket on %q: %v", addr, err)
			}
			if _, err := n.Dial(t.Context(), addr, server+":554"); !errors.As(err, &bad) {
				t.Errorf("dial from %q: %v", addr, err)
			}
			if _, err := n.Dial(t.Context(), client, addr); !errors.As(err, &bad) {
				t.Errorf("dial to %q: %v", addr, err)
			}
		}
	})
}

func TestClosedNetworkOpensNothing(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		wantError(t, n.Close(), nil)
		_, err := n.Listen(server)
		wantError(t, err, net.ErrClosed)
		_, err = n.ListenPacket(server)
		wantError(t, err, net.ErrClosed)
		_, err = n.Dial(t.Context(), client, server+":554")
		wantError(t, err, net.ErrClosed)
	})
}

func TestOpenListsWhatIsOpen(t *testing.T) {
	bubble(t, nil, func(t *testing.T, n *Network) {
		listen(t, n, server+":554")
		c, err := n.Dial(t.Context(), client+":1000", server+":554")
		wantError(t, err, nil)
		socket(t, n, server+":8000")
		wantError(t, c.Close(), nil)
		want := []string{
			"tcp 192.0.2.10:554 192.0.2.20:1000", // not accepted, not closed
			"tcp listen 192.0.2.10:554", "udp 192.0.2.10:8000",
		}
		if got := n.Open(); !equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// Outside of a bubble it is an ordinary network in real time.
func TestNetworkWorksOutsideOfBubbles(t *testing.T) {
	n := New(nil)
	defer n.Close()
	near, far := pair(t, n)
	var wg sync.WaitGroup
	wg.Go(func() { // ends when all is written
		_, err := near.Write(pattern(1 << 20))
		wantError(t, err, nil)
		wantError(t, near.Close(), nil)
	})
	if got, err := io.ReadAll(far); len(got) != 1<<20 || err != nil {
		t.Errorf("read %d bytes, %v", len(got), err)
	}
	wg.Wait()
}
