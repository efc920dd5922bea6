package annexb

import "github.com/baton-rtsp/baton/internal/container"

// A sequencer gives pictures, which come in the order of decoding, their times. Pictures are counted: one is decoded at
// its number, some pictures earlier than it is shown, and shown at its number in the order that the stream says.
type sequencer struct {
	unit     int // of Picture.Order, from one picture to the next
	delay    int // in pictures, from decoding to showing
	duration int64
	add      func(container.Sample) bool

	decoded int // number of the next picture
	shown   int // number after the last that is shown
	origin  int // Order of the first picture of the sequence
	base    int // number at which that is shown
	held    []unit
	lag     int // how much later than shown a picture would have been decoded, at most
}

// A unit is a picture with its size.
type unit struct {
	Picture
	size int
}

const (
	maxHeld = 17 // leading pictures with the one they lead to: as many as can be reordered, and one
	maxJump = 64 // of the order: more is an error, or an order that begins anew
)

// put takes the next picture.
func (q *sequencer) put(u unit) {
	switch {
	case !u.Ordered:
		q.release()
		q.emit(u, q.decoded)
	case u.Reset:
		q.release()
		q.decoded = max(q.decoded, q.shown)
		q.held = append(q.held, u)
	case len(q.held) > 0:
		if q.held = append(q.held, u); u.Order > q.held[0].Order || len(q.held) == maxHeld {
			q.release()
		}
	default:
		q.order(u)
	}
}

// release gives up waiting for pictures that are shown before the first of a sequence.
func (q *sequencer) release() {
	if len(q.held) == 0 {
		return
	}
	q.origin, q.base = q.held[0].Order, q.shown
	for _, u := range q.held {
		if u.Order < q.origin {
			q.base++
		}
	}
	for _, u := range q.held {
		q.order(u)
	}
	q.held = q.held[:0]
}

// order emits a picture at its place in the order.
func (q *sequencer) order(u unit) {
	n := u.Order - q.origin
	if n < 0 {
		n -= q.unit - 1
	}
	at := q.base + n/q.unit
	if at > q.decoded+maxJump || at < q.decoded-maxJump {
		q.origin, q.base = u.Order, max(q.shown, q.decoded)
		at = q.base
	}
	q.emit(u, at)
}

// emit adds a picture that is shown at a number.
func (q *sequencer) emit(u unit, at int) {
	q.lag = max(q.lag, q.decoded-at)
	q.add(container.Sample{
		Offset: u.Start.Offset, Size: u.size, Key: u.Key, Duration: int(q.duration),
		DTS: int64(q.decoded-q.delay) * q.duration, PTS: int64(at) * q.duration,
	})
	q.decoded++
	q.shown = max(q.shown, at+1)
}
