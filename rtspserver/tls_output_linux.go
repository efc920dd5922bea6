package rtspserver

import (
	"context"
	"crypto/tls"
	"sync"

	"github.com/baton-rtsp/baton/timeline"
)

// tlsRecord is how many bytes a record of TLS carries at most (RFC 8446 §5.1).
const tlsRecord = 16 << 10

// A tlsOutput seals what goes out, a record at a time, and hands it to the output of the socket below. Media is sealed only while all that was
// sealed before is in the socket: behind a full one there waits one record, and the log has the rest. A frame larger than a
// record is sealed as a whole, for nothing may come between.
type tlsOutput struct {
	tc      *tls.Conn
	tcp     *tcpOutput
	records *sync.Pool // not nil: each message and run becomes a WebSocket frame, in one of these *[]byte

	// guarded by mu, which is taken before the locks of tc and tcp
	mu sync.Mutex
}

// newTLSOutput is nil where TLS is not on a TCP connection of our own listener.
func newTLSOutput(tc *tls.Conn, records *sync.Pool) *tlsOutput {
	link := cipherOf(tc)
	if link == nil {
		return nil
	}
	tcp := newTCPOutput(link.Conn)
	if tcp == nil {
		return nil
	}
	link.out = tcp
	return &tlsOutput{tc: tc, tcp: tcp, records: records}
}

// Message takes a response, a request or a frame. What it makes wait is counted where it waits, sealed.
func (o *tlsOutput) Message(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seal(b)
}

// Control writes a whole control frame as it is.
func (o *tlsOutput) Control(b []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, err := o.tc.Write(b)
	return err
}

// Frames offers a run of interleaved frames.
//
// hot: 0 allocs, 4 locks that nobody holds for long; runs on the reader's shard.
func (o *tlsOutput) Frames(b []byte, seat *timeline.Seat) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	taken := 0
	for taken < len(b) {
		if full, err := o.tcp.full(seat); full || err != nil {
			return taken, err
		}
		run := b[taken:]
		run = run[:o.fitting(run)]
		if err := o.seal(run); err != nil {
			return taken, err
		}
		taken += len(run)
	}
	return taken, nil
}

// fitting is how many bytes of b are whole frames that go into one record: at least one frame.
func (o *tlsOutput) fitting(b []byte) int {
	most := tlsRecord
	if o.records != nil {
		most -= wsHeadSize
	}
	if len(b) <= most {
		return len(b)
	}
	end := 0
	for {
		next := frameEnd(b[end:], 1) + end
		if next > most {
			break
		}
		end = next
	}
	return max(end, frameEnd(b, 1))
}

// seal writes b, which is at most a record or else one frame.
func (o *tlsOutput) seal(b []byte) error {
	if o.records == nil {
		_, err := o.tc.Write(b)
		return err
	}
	buf, ok := o.records.Get().(*[]byte)
	if !ok {
		buf = new([]byte)
	}
	*buf = append(appendHead((*buf)[:0], wsBinary, len(b)), b...)
	_, err := o.tc.Write(*buf)
	if cap(*buf) <= 2*tlsRecord {
		o.records.Put(buf)
	}
	return err
}

// Drain returns when all that was taken has been written, or ctx has ended.
func (o *tlsOutput) Drain(ctx context.Context) { o.tcp.Drain(ctx) }

// Close gives up what is not written.
func (o *tlsOutput) Close() { o.tcp.Close() }
