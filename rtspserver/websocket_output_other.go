//go:build !linux

package rtspserver

import (
	"net"
	"sync"
)

// newSystemFrameOutput is nil: this system has no output of its own, the portable one serves.
func newSystemFrameOutput(net.Conn, *sync.Pool) frameOutput { return nil }
