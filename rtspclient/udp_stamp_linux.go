package rtspclient

import (
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// stamped has the kernel say when each datagram came, for those who look at the protocol. Where it cannot, at is zero.
func stamped(conn PacketConn) func(b []byte) (n int, from netip.AddrPort, at time.Time, err error) {
	u, ok := conn.(*net.UDPConn)
	if !ok {
		return plain(conn)
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return plain(conn)
	}
	var refused error
	err = raw.Control(func(fd uintptr) { refused = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) })
	if err != nil || refused != nil {
		return plain(conn)
	}
	control := make([]byte, unix.CmsgSpace(16))
	return func(b []byte) (int, netip.AddrPort, time.Time, error) {
		n, c, _, from, err := u.ReadMsgUDPAddrPort(b, control)
		return n, from, stampIn(control[:c]), err
	}
}

// stampIn is the time in a control message, the zero time if there is none.
func stampIn(control []byte) time.Time {
	list, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return time.Time{}
	}
	for _, m := range list {
		if m.Header.Level != unix.SOL_SOCKET || m.Header.Type != unix.SCM_TIMESTAMPNS {
			continue
		}
		switch len(m.Data) { // a timespec of 64 or 32 bits a word
		case 16:
			return time.Unix(int64(binary.NativeEndian.Uint64(m.Data)), int64(binary.NativeEndian.Uint64(m.Data[8:])))
		case 8:
			return time.Unix(int64(binary.NativeEndian.Uint32(m.Data)), int64(binary.NativeEndian.Uint32(m.Data[4:])))
		}
	}
	return time.Time{}
}
