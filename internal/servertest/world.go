package servertest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/internal/simnet"
	"github.com/baton-rtsp/baton/rtspserver"
)

// ServerHost is where the server of an in-memory world lives; ClientHost is one of the addresses that its
// clients can have.
const (
	ServerHost = "192.0.2.1"
	ClientHost = "192.0.2.10"
)

// A World is a server with a network around it.
type World struct {
	T       testing.TB
	Server  *rtspserver.Server
	Handler *Handler
	// URL is the base of the server's URLs, without a slash at the end.
	URL string
	// Net is the network of an in-memory world, else nil.
	Net *simnet.Network
	// Log is what the server has logged.
	Log *Log

	addr string
	wg   sync.WaitGroup
	web  *http.Server // nil: clients dial TCP; else they speak RTSP over WebSocket
	page string       // where web listens
	tls  *tlsSide     // nil: clients speak in the clear
}

// InMemory runs body in a bubble of virtual time, with a server on an in-memory network. change may alter
// the server's configuration; it may be nil.
func InMemory(t *testing.T, change func(*rtspserver.Config), body func(t *testing.T, w *World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		net := simnet.New(nil)
		w := newWorld(t, func(cfg *rtspserver.Config) {
			cfg.ListenPair = func(netip.Addr) (rtspserver.PacketConn, rtspserver.PacketConn, error) {
				return pairOn(net)
			}
		}, change)
		w.Net, w.addr = net, ServerHost+":554"
		ln, err := net.Listen(w.addr)
		if err != nil {
			t.Fatal(err)
		}
		rtp, err := net.ListenPacket(ServerHost + ":8000")
		if err != nil {
			t.Fatal(err)
		}
		rtcp, err := net.ListenPacket(ServerHost + ":8001")
		if err != nil {
			t.Fatal(err)
		}
		w.begin(ln, rtp, rtcp)
		defer w.end()
		body(t, w)
	})
}

// pairOn opens a free even/odd pair of ports on the server's host.
func pairOn(n *simnet.Network) (rtspserver.PacketConn, rtspserver.PacketConn, error) {
	for port := 20000; port < 30000; port += 2 {
		rtp, err := n.ListenPacket(netip.AddrPortFrom(netip.MustParseAddr(ServerHost), uint16(port)).String())
		if err != nil {
			continue
		}
		rtcp, err := n.ListenPacket(netip.AddrPortFrom(netip.MustParseAddr(ServerHost), uint16(port+1)).String())
		if err == nil {
			return rtp, rtcp, nil
		}
		rtp.Close()
	}
	return nil, nil, errors.New("no free ports")
}

// OnLoopback runs body with a server on real sockets, with this system's senders or the portable ones.
func OnLoopback(t *testing.T, portable bool, change func(*rtspserver.Config), body func(t *testing.T, w *World)) {
	t.Helper()
	w := onLoopback(t, portable, change)
	defer w.end()
	body(t, w)
}

// Loopback is OnLoopback for benchmarks: the server ends with the test.
func Loopback(t testing.TB, portable bool, change func(*rtspserver.Config)) *World {
	t.Helper()
	w := onLoopback(t, portable, change)
	t.Cleanup(w.end)
	return w
}

func onLoopback(t testing.TB, portable bool, change func(*rtspserver.Config)) *World {
	t.Helper()
	w := newWorld(t, change, func(cfg *rtspserver.Config) { cfg.PortableIO = portable })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	rtp, rtcp, err := rtspserver.ListenFreePair(netip.MustParseAddr("127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	w.addr = ln.Addr().String()
	w.begin(ln, rtp, rtcp)
	return w
}

func newWorld(t testing.TB, changes ...func(*rtspserver.Config)) *World {
	t.Helper()
	w := &World{T: t, Handler: newHandler(), Log: &Log{}}
	cfg := &rtspserver.Config{Handler: w.Handler, Logger: slog.New(slog.NewTextHandler(w.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, change := range changes {
		if change != nil {
			change(cfg)
		}
	}
	server, err := rtspserver.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.Server = server
	return w
}

func (w *World) begin(ln net.Listener, rtp, rtcp rtspserver.PacketConn) {
	w.URL = "rtsp://" + strings.TrimSuffix(w.addr, ":554")
	packets := w.Server.BeginPackets(rtp, rtcp)
	w.wg.Go(func() { packets() })
	w.wg.Go(func() { w.Server.Serve(ln) })
	if w.Net != nil {
		synctest.Wait()
	}
}

// ofServer is what is open at the server's own addresses. Read only.
var ofServer = regexp.MustCompile(`^(tcp|tcp listen|udp) ` + regexp.QuoteMeta(ServerHost) + `:`)

// end closes the server and checks that nothing of it is left.
func (w *World) end() {
	w.T.Helper()
	w.Server.Close()
	if w.web != nil {
		w.web.Close()
	}
	w.wg.Wait()
	if s := w.Server.Stats(); s.Conns != 0 || s.Sessions != 0 {
		w.T.Errorf("left behind: %d connections, %d sessions", s.Conns, s.Sessions)
	}
	if n := w.Handler.open(); n != 0 {
		w.T.Errorf("left behind: %d open playbacks", n)
	}
	if w.Net != nil {
		w.Settle() // net/http closes its connections in goroutines of its own
		for _, name := range w.Net.Open() {
			if ofServer.MatchString(name) { // not what a client has left open to it
				w.T.Errorf("left behind: %s", name)
			}
		}
		w.Net.Close()
	}
	if w.Net == nil { // in memory the bubble does not end while there is one
		var left []string
		w.Until(time.Second, func() bool { // one that has said that it is done may still be on its last line
			left = goroutines("baton/rtspserver.")
			return len(left) == 0
		})
		for _, g := range left {
			w.T.Errorf("left behind: goroutine %s", g)
		}
	}
	if w.T.Failed() {
		w.T.Logf("server log:\n%s", w.Log)
	}
}

// goroutines are the stacks that run code of a package.
func goroutines(pkg string) []string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var found []string
	for _, g := range strings.Split(string(buf), "\n\n") {
		if strings.Contains(g, pkg) {
			found = append(found, g)
		}
	}
	return found
}

// DialFrom opens a connection from a host; on loopback the host does not matter.
func (w *World) DialFrom(host string) net.Conn {
	w.T.Helper()
	if w.web != nil {
		return w.dialWeb(host)
	}
	if w.tls != nil {
		return w.DialTLS(host, w.tls.addr)
	}
	return w.dial(host, w.addr)
}

func (w *World) dial(host, addr string) net.Conn {
	w.T.Helper()
	var nc net.Conn
	var err error
	if w.Net != nil {
		nc, err = w.Net.Dial(context.Background(), host, addr)
	} else {
		nc, err = net.Dial("tcp", addr)
	}
	if err != nil {
		w.T.Fatal(err)
	}
	return nc
}

// Packets opens a pair of UDP sockets on a client's host.
func (w *World) Packets(host string) (rtp, rtcp rtspserver.PacketConn, port uint16) {
	w.T.Helper()
	if w.Net == nil {
		rtp, rtcp, err := rtspserver.ListenFreePair(netip.MustParseAddr("127.0.0.1"))
		if err != nil {
			w.T.Fatal(err)
		}
		return rtp, rtcp, netip.MustParseAddrPort(rtp.LocalAddr().String()).Port()
	}
	for port := 5000; port < 6000; port += 2 {
		a, err := w.Net.ListenPacket(netip.AddrPortFrom(netip.MustParseAddr(host), uint16(port)).String())
		if err != nil {
			continue
		}
		b, err := w.Net.ListenPacket(netip.AddrPortFrom(netip.MustParseAddr(host), uint16(port+1)).String())
		if err != nil {
			w.T.Fatal(err)
		}
		return a, b, uint16(port)
	}
	w.T.Fatal("no free ports")
	return nil, nil, 0
}

// A Log collects what a server logs.
type Log struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
