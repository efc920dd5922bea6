package rtspserver

import (
	"crypto/tls"
	"io"
	"net"
	"sync"
	"syscall"
	"unsafe"

	"github.com/baton-rtsp/baton/timeline"
	"golang.org/x/sys/unix"
)

// A tcpFrameOutput is a tcpOutput that puts the header of a WebSocket frame in front of each message and
// each run of media, in the same system call. The rest of a torn WebSocket frame is finished before
// anything else goes out, as that of an interleaved frame is.
type tcpFrameOutput struct {
	tcpOutput
	writev func(fd uintptr) bool // bound once

	// guarded by mu
	room [wsHeadSize]byte
	head []byte // in room
	iov  [2]unix.Iovec
}

// newSystemFrameOutput is nil for what is no TCP connection, with or without TLS. records is of *[]byte.
func newSystemFrameOutput(nc net.Conn, records *sync.Pool) frameOutput {
	if sealed, ok := nc.(*tls.Conn); ok {
		if o := newTLSOutput(sealed, records); o != nil {
			return o
		}
		return nil
	}
	tc, ok := nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	rc, err := tc.SyscallConn()
	if err != nil {
		return nil
	}
	o := &tcpFrameOutput{}
	o.rc = rc
	o.write = func(fd uintptr) bool {
		o.n, o.err = writeSome(int(fd), o.b)
		return true
	}
	o.writev = func(fd uintptr) bool {
		o.n, o.err = o.writeBoth(fd)
		return true
	}
	return o
}

// writeBoth writes what the socket takes of head and b; a full socket is no error.
func (o *tcpFrameOutput) writeBoth(fd uintptr) (int, error) {
	o.iov[0].Base, o.iov[1].Base = &o.head[0], &o.b[0]
	o.iov[0].SetLen(len(o.head))
	o.iov[1].SetLen(len(o.b))
	for {
		n, _, errno := syscall.Syscall(unix.SYS_WRITEV, fd, uintptr(unsafe.Pointer(&o.iov[0])), 2)
		switch {
		case errno == syscall.EINTR:
			continue
		case errno == syscall.EAGAIN:
			return 0, nil
		case errno != 0:
			return 0, errno
		case n == 0:
			return 0, io.ErrUnexpectedEOF
		}
		return int(n), nil
	}
}

// frame writes b as one binary frame, as far as the socket goes; it returns how many bytes went, with the
// header.
func (o *tcpFrameOutput) frame(b []byte) (int, error) {
	o.head, o.b = appendHead(o.room[:0], wsBinary, len(b)), b
	err := o.rc.Write(o.writev)
	o.b, o.iov[1].Base = nil, nil // lets go of the log
	if err == nil {
		err = o.err
	}
	o.err = err
	return o.n, err
}

// parkFrame keeps what is left of a frame of which n bytes went.
func (o *tcpFrameOutput) parkFrame(b []byte, n int) {
	if n >= len(o.head) {
		o.park(b[n-len(o.head):])
		return
	}
	o.park(append(o.head[n:len(o.head):len(o.head)], b...))
}

// Message takes a message as one binary frame.
func (o *tcpFrameOutput) Message(b []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.check(); err != nil || len(b) == 0 {
		return err
	}
	if o.parked {
		if len(o.tail)+wsHeadSize+len(b) > maxUnread {
			return errUnread
		}
		o.tail = append(appendHead(o.tail, wsBinary, len(b)), b...)
		return nil
	}
	n, err := o.frame(b)
	if err == nil && n < len(o.head)+len(b) {
		o.parkFrame(b, n)
	}
	return err
}

// Control writes a whole control frame as it is.
func (o *tcpFrameOutput) Control(b []byte) error { return o.tcpOutput.Message(b) }

// Frames offers a run of interleaved frames, as binary frames of wsRun bytes or a little more.
//
// hot: 0 allocs, 1 lock; runs on the reader's shard.
func (o *tcpFrameOutput) Frames(b []byte, seat *timeline.Seat) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.check(); err != nil {
		return 0, err
	}
	if o.parked {
		o.waiting.add(seat)
		return 0, nil
	}
	taken := 0
	for taken < len(b) {
		run := b[taken:]
		if len(run) > wsRun {
			run = run[:frameEnd(run, wsRun)]
		}
		n, err := o.frame(run)
		switch {
		case err != nil:
			return taken, err
		case n == 0: // the header is not sent either: nothing was promised
			o.waiting.add(seat)
			o.park(nil)
			return taken, nil
		case n < len(o.head)+len(run):
			o.waiting.add(seat)
			o.parkFrame(run, n)
			return taken + len(run), nil
		}
		taken += len(run)
	}
	return taken, nil
}
