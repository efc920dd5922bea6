package load

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// floorThreads share the readers, as the shards of a server on two cores do.
const floorThreads = 2

// Floor answers just enough RTSP for [Read], and sends every reader the same frames: the cost of the kernel alone, below
// which no server of this kind can be. It calls ready when it listens, and ends with ctx.
func Floor(ctx context.Context, cfg FloorConfig, ready func(net.Addr)) error {
	pub := PublishConfig{BitRate: cfg.BitRate, Rate: cfg.Rate, Packet: cfg.Packet}.orDefaults()
	cfg.BitRate, cfg.Rate, cfg.Packet = pub.BitRate, pub.Rate, pub.Packet
	ln, err := net.Listen("tcp", cfg.Address)
	if err != nil {
		return err
	}
	defer ln.Close()
	if cfg.Mode == FloorTLS {
		certificate, err := selfSigned()
		if err != nil {
			return err
		}
		ln = tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{certificate}})
	}
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	defer socket.Close() // and the loops below may use its descriptor until then
	fd, err := descriptor(socket)
	if err != nil {
		return err
	}
	f := &floor{cfg: cfg, pictures: pub, socket: fd}
	var wg sync.WaitGroup
	defer wg.Wait()
	stop := context.AfterFunc(ctx, func() { ln.Close() })
	defer stop()
	for i := range floorThreads {
		wg.Go(func() { f.feed(ctx, i) }) // ends with ctx
		if cfg.Audio {
			wg.Go(func() { f.feedAudio(ctx, i) }) // ends with ctx
		}
	}
	ready(ln.Addr())
	for {
		c, err := ln.Accept()
		if err != nil {
			return nil
		}
		wg.Go(func() { // ends when the reader leaves, or with ctx
			defer context.AfterFunc(ctx, func() { c.Close() })()
			defer c.Close()
			f.answer(c)
		})
	}
}

type floor struct {
	cfg      FloorConfig
	pictures PublishConfig // of the sizes that a publisher's have
	socket   int

	mu      sync.Mutex
	readers [floorThreads][]*target
	next    int
}

// A target is where one reader's frames go.
type target struct {
	fd    int
	tls   net.Conn      // instead of fd
	to    unix.Sockaddr // nil for TCP
	audio unix.Sockaddr
	both  bool // it has set up two tracks
	gone  atomic.Bool
}

func descriptor(c syscall.Conn) (fd int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	err = raw.Control(func(n uintptr) { fd = int(n) })
	return fd, err
}

// answer is the server's side of a session.
func (f *floor) answer(c net.Conn) {
	read := rtsp.NewReader(c, nil)
	t := &target{}
	defer t.gone.Store(true) // nothing is sent to a descriptor that may soon be another's
	for {
		kind, err := read.Next()
		if err != nil {
			return
		}
		if kind != rtsp.KindRequest {
			continue
		}
		req := read.Request()
		resp := rtsp.Response{Status: rtsp.StatusOK}
		resp.Header.Set("CSeq", req.Header.Get("CSeq"))
		switch req.Method {
		case rtsp.MethodDescribe:
			resp.Header.Set("Content-Type", "application/sdp")
			resp.Body = []byte(describe(f.cfg.Audio))
		case rtsp.MethodSetup:
			resp.Header.Set("Session", "12345678")
			resp.Header.Set("Transport", req.Header.Get("Transport"))
			t.set(req)
		case rtsp.MethodPlay:
			resp.Header.Set("Session", "12345678")
		}
		if _, err := c.Write(resp.Append(nil)); err != nil {
			return
		}
		if req.Method == rtsp.MethodPlay {
			if t.fd = f.socket; f.cfg.Mode == FloorTLS {
				t.tls = c
			} else if t.to == nil {
				if t.fd, err = descriptor(c.(*net.TCPConn)); err != nil {
					return
				}
			}
			f.mu.Lock()
			f.readers[f.next%floorThreads] = append(f.readers[f.next%floorThreads], t)
			f.next++
			f.mu.Unlock()
		}
	}
}

// set notes where a track goes.
func (t *target) set(req *rtsp.Request) {
	t.both = strings.HasSuffix(req.URI, "trackID=1")
	asked, err := rtsp.ParseTransports(req.Header.Values("Transport"))
	if err != nil || len(asked) == 0 || !asked[0].ClientPort.Set {
		return
	}
	to := &unix.SockaddrInet4{Port: int(asked[0].ClientPort.RTP), Addr: [4]byte{127, 0, 0, 1}}
	if t.both {
		t.audio = to
	} else {
		t.to = to
	}
}

// feedAudio sends the readers of one thread their audio.
func (f *floor) feedAudio(ctx context.Context, thread int) {
	begun := time.Now()
	for n := 0; sleep(ctx, time.Until(begun.Add(time.Duration(n)*audioInterval))) == nil; n++ {
		size := rtp.HeaderSize + audioSize
		b := rtp.AppendHeader([]byte{'$', 2, byte(size >> 8), byte(size)}, rtp.Header{PayloadType: 97, Sequence: uint16(n), SSRC: 2})
		b = append(b, make([]byte, audioSize)...)
		f.mu.Lock()
		readers := f.readers[thread]
		f.mu.Unlock()
		for _, t := range readers {
			switch {
			case t.gone.Load() || !t.both:
			case f.cfg.Mode == FloorTCP:
				unix.Write(t.fd, b)
			case f.cfg.Mode == FloorTLS:
				t.tls.Write(b)
			default:
				unix.Sendto(t.fd, b[4:], 0, t.audio)
			}
		}
	}
}

// feed sends the readers of one thread their frames.
func (f *floor) feed(ctx context.Context, thread int) {
	begun, frame := time.Now(), time.Second/time.Duration(f.cfg.Rate)
	s := &sending{floor: f, control: segments(f.cfg.Packet)}
	for n := 0; ; n++ {
		at := begun.Add(time.Duration(n) * frame)
		if sleep(ctx, time.Until(at)) != nil {
			return
		}
		s.build(n)
		if !f.cfg.Pace {
			for phase := range max(f.cfg.Phases, 1) {
				if sleep(ctx, time.Until(at.Add(frame*time.Duration(phase)/time.Duration(max(f.cfg.Phases, 1))))) != nil {
					return
				}
				s.send(thread, phase, s.bytes)
			}
			continue
		}
		b := s.bytes
		for i, size := range s.sizes {
			s.send(thread, 0, b[:size])
			b = b[size:]
			done := float64(i+1) / float64(len(s.sizes))
			if sleep(ctx, time.Until(at.Add(time.Duration(.9*done*float64(frame))))) != nil {
				return
			}
		}
	}
}

// A sending is what a thread of the floor needs to send a frame.
type sending struct {
	floor   *floor
	seq     uint16
	bytes   []byte
	sizes   []int // of packets, with what is in front of them over TCP
	control []byte
}

// segments is the control message by which the kernel cuts a buffer into datagrams.
func segments(size int) []byte {
	b := make([]byte, unix.CmsgSpace(2))
	b[0] = byte(unix.CmsgLen(2))
	b[8], b[12] = unix.SOL_UDP, unix.UDP_SEGMENT
	b[16], b[17] = byte(size), byte(size>>8)
	return b
}

// build makes the packets of the nth frame.
func (s *sending) build(n int) {
	cfg := &s.floor.cfg
	s.bytes, s.sizes = s.bytes[:0], s.sizes[:0]
	for left := s.floor.pictures.size(n); left > 0; {
		n := max(min(left, cfg.Packet-rtp.HeaderSize), stampSize)
		left -= n
		at := len(s.bytes)
		if cfg.Mode == FloorTCP || cfg.Mode == FloorTLS {
			s.bytes = append(s.bytes, '$', 0, byte((n+rtp.HeaderSize)>>8), byte(n+rtp.HeaderSize))
		}
		s.bytes = rtp.AppendHeader(s.bytes, rtp.Header{PayloadType: 96, Sequence: s.seq, SSRC: 1})
		s.bytes = appendStamp(s.bytes, monotonic())
		s.bytes = append(s.bytes, make([]byte, n-stampSize)...)
		s.sizes = append(s.sizes, len(s.bytes)-at)
		s.seq++
	}
}

// send sends bytes to the readers of a thread that are in a phase.
func (s *sending) send(thread, phase int, b []byte) {
	const most = 46 // packets of 1400 bytes that fit into 64 KiB
	f := s.floor
	f.mu.Lock()
	readers := f.readers[thread]
	f.mu.Unlock()
	for i, mode := phase, f.cfg.Mode; i < len(readers); i += max(f.cfg.Phases, 1) {
		t := readers[i]
		switch {
		case t.gone.Load(): // a race that costs a frame: a measurement in which readers leave does not use the floor
		case mode == FloorTCP:
			unix.Write(t.fd, b)
		case mode == FloorTLS:
			t.tls.Write(b)
		case mode == FloorGSO:
			for rest := b; len(rest) > 0; {
				n := min(len(rest), most*f.cfg.Packet)
				unix.SendmsgN(t.fd, rest[:n], s.control, t.to, 0)
				rest = rest[n:]
			}
		default:
			rest := b
			for _, size := range s.sizes {
				if size = min(size, len(rest)); size > 0 {
					unix.Sendto(t.fd, rest[:size], 0, t.to)
					rest = rest[size:]
				}
			}
		}
	}
}
