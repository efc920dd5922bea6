package rtspserver

import (
	"context"
	"errors"
	"net"

	"github.com/baton-rtsp/baton/timeline"
)

// An output is the writing side of a connection. Responses, RTCP and media share it: whatever is taken
// goes out whole and in order, and no call ever waits for the peer.
type output interface {
	// Message takes a response, a request or a frame that must not be lost. The bytes are copied or
	// written before it returns. It fails when the peer has left too much unread.
	Message(b []byte) error
	// Frames offers a run of interleaved frames and returns how many bytes were taken: whole frames,
	// counted from the front. When that is not all, seat is woken as soon as there is room.
	Frames(b []byte, seat *timeline.Seat) (int, error)
	// Drain returns when all that was taken has been written, or ctx has ended.
	Drain(ctx context.Context)
	// Close gives up what is not written. The connection itself is closed by its owner first.
	Close()
}

// maxUnread is how many bytes may wait for a peer that does not read: the rest of a torn frame, which can
// be 64 KiB, and as much again in messages.
const maxUnread = 128 << 10

// errUnread ends a connection whose peer asks but does not read the answers.
var errUnread = errors.New("rtspserver: peer does not read")

// newOutput picks the fastest output for a connection.
func newOutput(nc net.Conn, portable bool) output {
	if !portable {
		if o := newSystemOutput(nc); o != nil {
			return o
		}
	}
	return newStreamOutput(nc)
}

// frameEnd is the end of the frame of b in which byte n lies, or n when a frame ends there.
func frameEnd(b []byte, n int) int {
	end := 0
	for end < n {
		end += timeline.FrameOverhead + int(b[end+2])<<8 + int(b[end+3])
	}
	return end
}

// A waitList is the seats to be woken when a connection can take more.
type waitList struct{ seats []*timeline.Seat }

func (w *waitList) add(s *timeline.Seat) {
	for _, have := range w.seats {
		if have == s {
			return
		}
	}
	w.seats = append(w.seats, s)
}

func (w *waitList) wake() {
	for i, s := range w.seats {
		s.Wake()
		w.seats[i] = nil
	}
	w.seats = w.seats[:0]
}
