package mpegts

import (
	"math/bits"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/annexb"
)

// An audio is a stream of frames with headers. Its times are in samples: those of PES packets are rounded, so that frames
// are counted as long as that agrees with them.
type audio struct {
	parse parser
	times moments
	add   func(container.Sample)

	first  frame           // of the stream; no size as long as none was followed by another
	config [maxHeader]byte // its header

	head   [maxHeader]byte // of the frame that begins
	places [maxHeader]annexb.Place
	n      int // bytes of head

	current frame // that is being passed over
	at      annexb.Place
	left    int // bytes of it that are still to come
	end     annexb.Place
	whole   bool // current is complete, and waits for what follows: that of the first frame must be another

	last    int64 // time of the frame before, in samples
	time    int64 // of the next
	counted bool  // time is valid
}

func (a *audio) begin(t moment) { a.times.put(t) }

// lose gives up the frame that something is missing of.
func (a *audio) lose() {
	a.confirm(a.first.size > 0)
	a.left, a.n = 0, 0
}

func (a *audio) write(b []byte, at annexb.Place) {
	for len(b) > 0 {
		if a.left > 0 {
			n := min(a.left, len(b))
			b, at = b[n:], annexb.Place{Pos: at.Pos + int64(n), Offset: at.Offset + int64(n)}
			if a.left -= n; a.left == 0 {
				a.whole, a.end = true, at
			}
			continue
		}
		a.head[a.n], a.places[a.n] = b[0], at
		a.n++
		b, at = b[1:], annexb.Place{Pos: at.Pos + 1, Offset: at.Offset + 1}
		a.search()
	}
}

// search looks for a frame in what was gathered.
func (a *audio) search() {
	for a.n > 0 {
		f, more := a.parse(a.head[:a.n])
		switch {
		case more > a.n && more <= maxHeader:
			return
		case f.size > f.skip && f.size >= a.n && (a.first.size == 0 || f.kind == a.first.kind):
			a.found(f)
			return
		}
		a.confirm(a.first.size > 0)
		a.n--
		copy(a.head[:a.n], a.head[1:])
		copy(a.places[:a.n], a.places[1:])
	}
}

// found begins a frame, which confirms the one before it.
func (a *audio) found(f frame) {
	a.confirm(true)
	if a.first.size == 0 {
		a.config = a.head
	}
	a.current, a.at, a.left, a.n = f, a.places[0], f.size-a.n, 0
	if a.left == 0 {
		a.whole = true
		a.end = annexb.Place{Pos: a.at.Pos + int64(f.size), Offset: a.at.Offset + int64(f.size)}
	}
}

// confirm adds the frame that is complete, or not.
func (a *audio) confirm(good bool) {
	if !a.whole {
		return
	}
	a.whole = false
	if !good {
		return
	}
	f := a.current
	if a.first.size == 0 {
		a.first = f
	}
	t, ok := a.times.take(a.at.Pos)
	if !ok && !a.counted {
		return // nothing tells when
	}
	if ok {
		a.adjust(samplesAt(t.dts, f.rate))
	}
	if a.end.Offset-a.at.Offset <= maxSpan {
		a.add(container.Sample{Offset: a.at.Offset, Size: f.size, DTS: a.time, PTS: a.time, Duration: f.samples, Key: true})
	}
	a.last, a.time = a.time, a.time+int64(f.samples)
}

// adjust takes over the time of a PES packet if it is another one than what was counted. It never goes back before the
// last frame.
func (a *audio) adjust(time int64) {
	if !a.counted {
		a.time, a.counted = time, true
		return
	}
	off, slack := time-a.time, int64(a.current.rate/100)
	if off < -slack || off > slack {
		a.time = max(time, a.last+1)
	}
}

// samplesAt is a time of 90 kHz in samples, to the nearest.
func samplesAt(t int64, perSecond int) int64 {
	magnitude := uint64(max(t, -t))
	hi, lo := bits.Mul64(magnitude, uint64(perSecond))
	lo, carry := bits.Add64(lo, rate/2, 0)
	if hi += carry; hi >= rate {
		return 0
	}
	q, _ := bits.Div64(hi, lo, rate)
	if t < 0 {
		return -int64(q)
	}
	return int64(q)
}

func (a *audio) close() { a.confirm(true) }
