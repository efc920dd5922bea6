package lab

import (
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/internal/simnet"
)

const (
	serverHost = "192.0.2.1"
	clientHost = "192.0.2.10"
)

// A world is a server, and a network on which clients reach it.
type world struct {
	t      *testing.T
	log    *lines
	dial   func() (net.Conn, error)
	listen func() (net.PacketConn, error)
	may    func(file string) bool // nil: all may be had
}

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// inMemory runs body in virtual time.
func inMemory(t *testing.T, body func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := simnet.New(nil)
		ln, err := n.Listen(serverHost + ":1025")
		if err != nil {
			t.Fatal(err)
		}
		out, err := n.ListenPacket(serverHost + ":6000")
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		w := &world{
			t: t, log: new(lines),
			dial:   func() (net.Conn, error) { return n.Dial(t.Context(), clientHost, serverHost+":1025") },
			listen: func() (net.PacketConn, error) { return n.ListenPacket(clientHost + ":0") },
		}
		w.serve(nil, out, ln, body)
	})
}

// onLoopback runs body on real sockets, with a media folder.
func onLoopback(t *testing.T, media *os.Root, body func(w *world)) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	out, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := &world{
		t: t, log: new(lines),
		dial:   func() (net.Conn, error) { return net.Dial("tcp", ln.Addr().String()) },
		listen: func() (net.PacketConn, error) { return net.ListenPacket("udp", "127.0.0.1:0") },
	}
	w.serve(media, out, ln, body)
}

// serve runs body with a server, and sees that nothing of it is left.
func (w *world) serve(media *os.Root, out Datagrams, ln net.Listener, body func(w *world)) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	may := func(_ context.Context, remote, _ netip.Addr, path string) bool { return w.may == nil || w.may(path) }
	s := New(Config{Media: media, May: may, Logger: slog.New(slog.NewTextHandler(w.log, nil))}, out)
	go func() { ended <- s.Serve(ctx, ln) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil || s.n != 0 {
			w.t.Errorf("the server ends with %v, %d connections are left", err, s.n)
		}
		if text := w.log.String(); w.t.Failed() || strings.Contains(text, "panic") {
			w.t.Errorf("log:\n%s", text)
		}
	}()
	body(w)
}

// A student is a client: a connection, and a port for frames.
type student struct {
	w      *world
	nc     net.Conn
	frames net.PacketConn
	port   string
}

func (w *world) student() *student {
	w.t.Helper()
	nc, err := w.dial()
	if err != nil {
		w.t.Fatal(err)
	}
	frames, err := w.listen()
	if err != nil {
		w.t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(frames.LocalAddr().String())
	return &student{w, nc, frames, port}
}

func (s *student) close() {
	s.nc.Close()
	s.frames.Close()
}

// say sends exactly these bytes, in one write; PORT is that of the frames.
func (s *student) say(bytes string) {
	s.w.t.Helper()
	if _, err := io.WriteString(s.nc, strings.ReplaceAll(bytes, "PORT", s.port)); err != nil {
		s.w.t.Errorf("%q: %v", bytes, err)
	}
}

// hear reads an answer: what comes in three lines.
func (s *student) hear() string {
	s.w.t.Helper()
	s.nc.SetReadDeadline(time.Now().Add(5 * time.Second))
	var answer []byte
	for b := make([]byte, 1); strings.Count(string(answer), "\n") < 3; {
		if _, err := s.nc.Read(b); err != nil {
			return string(answer) + err.Error()
		}
		answer = append(answer, b[0])
	}
	return string(answer)
}

// ask is say, hear, and the session in the answer, which must have a status and a number.
func (s *student) ask(bytes, status, cseq string) (session string) {
	s.w.t.Helper()
	s.say(bytes)
	answer := s.hear()
	parts := strings.Split(answer, "\n")
	if len(parts) != 4 || parts[0] != "RTSP/1.0 "+status || parts[1] != "CSeq: "+cseq || !strings.HasPrefix(parts[2], "Session: ") || parts[3] != "" {
		s.w.t.Errorf("%q is answered %q, want %s", bytes, answer, status)
		return ""
	}
	return strings.TrimPrefix(parts[2], "Session: ")
}

// frame waits for a frame, as those clients read it: at most size bytes. The number is -1 when none comes.
func (s *student) frame(patience time.Duration, size int) (number int, image []byte) {
	s.w.t.Helper()
	buf := make([]byte, size)
	s.frames.SetReadDeadline(time.Now().Add(patience))
	n, _, err := s.frames.ReadFrom(buf)
	if err != nil {
		return -1, nil
	}
	if n < headerSize || buf[0] != 0x80 || buf[1] != 26 {
		s.w.t.Fatalf("header % x", buf[:min(n, headerSize)])
	}
	return int(binary.BigEndian.Uint16(buf[2:])), buf[headerSize:n]
}

// drain forgets what has come.
func (s *student) drain() (last int) {
	for last = -1; ; {
		n, _ := s.frame(time.Millisecond, 20480)
		if n < 0 {
			return last
		}
		last = n
	}
}
