//go:build !linux

package rtspserver

import "net"

// newSystemFrameOutput is nil: this system has no output of its own, the portable one serves.
func newSystemFrameOutput(net.Conn) frameOutput { return nil }
