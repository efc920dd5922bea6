package load

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// drain counts what comes until the connection ends, with nil, or is closed. The kernel throws it away without copying it; what TLS
// has sealed stays sealed.
func drain(c net.Conn, came func(n int)) error {
	if wrapped, is := c.(*conn); is {
		c = wrapped.Conn
	}
	if sealed, is := c.(*tls.Conn); is {
		c = sealed.NetConn()
	}
	sc, ok := c.(syscall.Conn)
	if !ok {
		return errors.ErrUnsupported
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return err
	}
	b := make([]byte, 1<<20) // a length for the kernel: nothing is written there
	var end error
	err = raw.Read(func(fd uintptr) bool {
		for {
			n, _, err := unix.Recvfrom(int(fd), b, unix.MSG_TRUNC|unix.MSG_DONTWAIT)
			switch {
			case errors.Is(err, unix.EAGAIN):
				return false
			case errors.Is(err, unix.EINTR):
				continue
			case err != nil || n == 0:
				end = io.EOF
				return true
			}
			came(n)
		}
	})
	if end != nil {
		return nil
	}
	return err
}

// clock is CLOCK_MONOTONIC.
func clock(time.Time) int64 {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return ts.Nano()
}
