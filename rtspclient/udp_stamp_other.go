//go:build !linux

package rtspclient

import (
	"net/netip"
	"time"
)

// stamped reads without a time of the kernel.
func stamped(conn PacketConn) func(b []byte) (n int, from netip.AddrPort, at time.Time, err error) {
	return plain(conn)
}
