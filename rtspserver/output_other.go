//go:build !linux

package rtspserver

import "net"

// newSystemOutput is nil: this system has no output of its own, the portable one serves.
func newSystemOutput(net.Conn) output { return nil }
