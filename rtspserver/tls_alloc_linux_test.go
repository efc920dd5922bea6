//go:build !race

package rtspserver

import (
	"io"
	"sync"
	"testing"
)

// Sealing and sending a range makes no garbage, with or without a WebSocket inside. (The race detector has pools lose things.)
func TestFramesOverTLSDoNotAllocate(t *testing.T) {
	for name, records := range map[string]*sync.Pool{"rtsps": nil, "wss": {}} {
		tc, peer := tlsPair(t)
		ended := make(chan struct{})
		go func() { defer close(ended); io.Copy(io.Discard, peer.NetConn()) }() // ends with tc
		o := newTLSOutput(tc, records)
		b := append([]byte{'$', 0, 0, 200}, make([]byte, 200)...)
		allocs := testing.AllocsPerRun(100, func() { o.Frames(b, nil) })
		tc.Close()
		o.Close()
		<-ended
		if allocs != 0 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}
