package rtspserver

import "sync"

// wsRun is how many bytes of media go into one WebSocket frame, and as many more as its last interleaved
// frame needs: what a full socket tears is kept, so it must not be much.
const wsRun = 32 << 10

// newFrameOutput picks the fastest output for a WebSocket connection. Those of TLS share records, of *[]byte.
func newFrameOutput(ws *webSocketConn, portable bool, records *sync.Pool) frameOutput {
	if !portable {
		if o := newSystemFrameOutput(ws.Conn, records); o != nil {
			return o
		}
	}
	o := newStreamOutput(ws.Conn)
	o.framed = true
	return o
}

// Control writes a whole control frame as it is.
func (o *streamOutput) Control(b []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.check(); err != nil {
		return err
	}
	if len(o.buf)+len(b) > streamBuffer+maxUnread {
		return errUnread
	}
	o.queue(b)
	return nil
}
