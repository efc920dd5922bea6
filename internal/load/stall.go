package load

import (
	"context"
	"net"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// recovery is how long a reader that has stalled may take to be back at the live edge.
const recovery = 10 * time.Second

// A Stalled is what one reader saw that stopped reading for a while.
type Stalled struct {
	Skipped int  `json:"skipped"` // packets, when it read again
	Skips   int  `json:"skips"`
	AtKey   bool `json:"at_key"` // it always went on with the first packet of a key picture
	Caught  bool `json:"caught"` // it was back at the live edge in time
}

// A sleeper is a reader over TCP that does not read for a while.
type sleeper struct{ reader *reader }

func newSleeper(ctx context.Context, url string) (*sleeper, error) {
	r, err := newReader(ctx, door{url: url}, 1, false, true)
	if err != nil {
		return nil, err
	}
	// What the kernel holds for it is not what is measured. With less than a few of the segments of loopback, of 64 KiB, TCP
	// itself would crawl when it reads again.
	r.conn.Conn.(*net.TCPConn).SetReadBuffer(256 << 10)
	return &sleeper{r}, nil
}

// wake reads again, and finds out where it goes on.
func (s *sleeper) wake() *Stalled {
	res := &Stalled{}
	c := s.reader.conn
	c.SetReadDeadline(time.Now().Add(recovery))
	var last uint16
	begun := false
	for {
		kind, err := c.read.Next()
		if err != nil {
			return res
		}
		channel, b := c.read.Frame()
		if kind != rtsp.KindFrame || channel != 0 || rtp.Packet(b).Validate() != nil {
			continue
		}
		p := rtp.Packet(b)
		if gap := p.Sequence() - last - 1; begun && gap > 0 && gap < 1<<15 {
			res.Skipped += int(gap)
			res.AtKey = beginsKey(p.Payload()) && (res.AtKey || res.Skips == 0)
			res.Skips++
		}
		begun, last = true, p.Sequence()
		if sent, ok := stamped(p.Payload()); ok && time.Duration(monotonic()-sent) < 100*time.Millisecond {
			res.Caught = true
			return res
		}
	}
}

// beginsKey tells whether a payload of H.264 is the first of a key picture: its parameter sets or its first fragment.
func beginsKey(b []byte) bool {
	const sps, fragment, start = 7, 28, 0x80
	return len(b) > 1 && (b[0]&31 == sps || b[0]&31 == fragment && b[1]&start != 0 && isKey(b))
}
