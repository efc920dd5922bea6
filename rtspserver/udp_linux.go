package rtspserver

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// watchErrors has the kernel keep ICMP errors with the address that they are about: an unconnected
// socket hears nothing of them otherwise.
func watchErrors(s *udpSocket) {
	if rc := rawConn(s.conn); rc != nil {
		rc.Control(func(fd uintptr) {
			unix.SetsockoptInt(int(fd), unix.SOL_IP, unix.IP_RECVERR, 1)
			unix.SetsockoptInt(int(fd), unix.SOL_IPV6, unix.IPV6_RECVERR, 1)
		})
	}
}

func rawConn(c PacketConn) syscall.RawConn {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	return rc
}

// drainErrors reads the errors that are queued at a socket; false when there was none.
func drainErrors(s *udpSocket) bool {
	rc := rawConn(s.conn)
	if rc == nil {
		return false
	}
	found := false
	rc.Control(func(fd uintptr) {
		var data, control [512]byte
		for range 256 { // a bound: they come as fast as we send
			_, n, _, from, err := unix.Recvmsg(int(fd), data[:], control[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
			if err != nil {
				return
			}
			found = true
			if dst, ok := destination(from); ok && isUnreachable(control[:n]) {
				s.unreachable(dst, time.Now())
			}
		}
	})
	return found
}

func destination(sa unix.Sockaddr) (netip.AddrPort, bool) {
	switch a := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port)), true
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr).Unmap(), uint16(a.Port)), true
	}
	return netip.AddrPort{}, false
}

// isUnreachable looks for an ICMP error with "connection refused" among control messages: struct
// sock_extended_err begins with the errno, then its origin.
func isUnreachable(control []byte) bool {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return false
	}
	for _, m := range messages {
		if len(m.Data) < 5 {
			continue
		}
		errno, origin := binary.NativeEndian.Uint32(m.Data), m.Data[4]
		if errno == uint32(unix.ECONNREFUSED) && (origin == unix.SO_EE_ORIGIN_ICMP || origin == unix.SO_EE_ORIGIN_ICMP6) {
			return true
		}
	}
	return false
}

// isRefused tells an ICMP error of an earlier datagram, which a socket reports at the next one.
func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
