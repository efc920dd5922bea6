//go:build !linux

package rtspserver

import "net/netip"

// A udpBatch brings nothing on this system: datagrams are read one by one.
type udpBatch struct{}

func (*systemUDP) newBatch() *udpBatch { return nil }

func (*udpBatch) more() int { return 0 }

func (*udpBatch) at(int) ([]byte, netip.AddrPort) { return nil, netip.AddrPort{} }
