//go:build !linux

package load

import (
	"errors"
	"net"
	"time"
)

// drain counts what comes until the connection ends, with nil, or is closed.
func drain(c net.Conn, came func(n int)) error {
	b := make([]byte, 64<<10)
	for {
		n, err := c.Read(b)
		if n > 0 {
			came(n)
		}
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		if err != nil {
			return nil
		}
	}
}

// clock is the time of day: good enough where publisher and readers are one process.
func clock(now time.Time) int64 { return now.UnixNano() }
