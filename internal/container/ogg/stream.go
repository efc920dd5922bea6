package ogg

import (
	"errors"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/opus"
)

var errPage = errors.New("no page")

// A stream is one logical stream of the file, or several that follow one another.
type stream struct {
	serial  uint32
	track   *container.Track // nil if it cannot be played
	build   *container.Builder
	headers int  // packets without sound that are still to come
	ended   bool // its last page was read
	known   bool // the clock below runs
	time    int64
	granule int64 // that belongs to time

	// of a packet that began on an earlier page
	begun    bool
	from     int64 // of that page
	duration int
}

// headers are OpusHead and OpusTags.
const headers = 2

// link goes on with another logical stream. The first one of a file begins before 0 by what the decoder drops.
func (s *stream) link(serial uint32, h head) {
	if s.build.Len() == 0 {
		s.time = -int64(h.preSkip)
	}
	s.serial, s.headers, s.ended, s.known, s.begun = serial, headers, false, false, false
}

// next reads a page, and tells whether there is none.
func (d *demuxer) next() (done bool, err error) {
	p, ok, err := readPage(d.src, d.at)
	switch {
	case err != nil:
		return true, err
	case d.at >= d.src.Size():
		return true, nil
	case !ok:
		return d.resume()
	case p.end > d.src.Size():
		return true, &container.DamagedError{Offset: d.at, Err: io.ErrUnexpectedEOF}
	}
	d.at = p.end
	if p.flags&flagBegin != 0 {
		if err := d.begin(p); err != nil {
			return true, err
		}
		p, ok, err = readPage(d.src, p.at)
		if err != nil || !ok {
			return true, err
		}
	} else {
		d.media = true
	}
	for _, s := range d.streams {
		if s.track != nil && s.serial == p.serial {
			return false, d.take(s, p)
		}
	}
	return false, nil
}

// resume looks for the next page.
func (d *demuxer) resume() (done bool, err error) {
	at, err := seekPage(d.src, d.at+1, maxJunk)
	switch {
	case err != nil:
		return true, err
	case at < 0:
		return true, &container.DamagedError{Offset: d.at, Err: errPage}
	}
	d.at = at
	return false, nil
}

// take adds the packets that end on a page.
func (d *demuxer) take(s *stream, p page) error {
	granule, end := p.granule, p.flags&flagEnd != 0
	if p.flags&flagContinued == 0 {
		s.begun = false // its end is lost
	}
	d.pieces = p.pieces(d.pieces[:0])
	if p.flags&flagContinued != 0 && !s.begun && len(d.pieces) > 0 {
		d.pieces = d.pieces[1:] // its beginning is lost
	}
	var samples [256]container.Sample
	n, total := 0, int64(0)
	for _, x := range d.pieces {
		sample, ok, err := d.piece(s, p.at, x)
		if err != nil {
			return err
		}
		switch {
		case !ok:
		case s.headers > 0:
			s.headers--
		default:
			samples[n] = sample
			n, total = n+1, total+int64(sample.Duration)
		}
	}
	s.ended = end
	s.add(samples[:n], total, granule, end)
	return nil
}

// piece turns a piece into a sample if it ends a packet.
func (d *demuxer) piece(s *stream, page int64, x piece) (container.Sample, bool, error) {
	if !s.begun {
		b, err := d.src.Peek(x.at, min(x.size, opus.Head))
		if err != nil {
			return container.Sample{}, false, err
		}
		s.duration = opus.Samples(b)
		if !x.whole {
			s.begun, s.from = true, page
			return container.Sample{}, false, nil
		}
		return container.Sample{Offset: x.at, Size: x.size, Duration: s.duration, Key: true}, true, nil
	}
	if !x.whole {
		return container.Sample{}, false, nil
	}
	s.begun = false
	size := min(x.at+int64(x.size)-s.from, container.MaxSample+1) // which an index refuses
	return container.Sample{Offset: s.from, Size: int(size), Duration: s.duration, Key: true}, true, nil
}

// add adds the samples that end on a page, which together last total. The granule position of the page is when the last
// one ends; it tells where something is missing. At the end of a stream it is less, where the encoder had to fill up.
func (s *stream) add(samples []container.Sample, total, granule int64, end bool) {
	if len(samples) == 0 {
		return
	}
	if granule >= 0 && !end {
		if lost := granule - total - s.granule; s.known && lost > 0 && lost <= maxLost {
			s.time += lost
		}
		s.known, s.granule = true, granule
	} else {
		s.granule += total
	}
	for _, x := range samples {
		x.DTS, x.PTS = s.time, s.time
		s.build.Add(x)
		s.time += int64(x.Duration)
	}
}

// maxLost bounds a gap that a granule position makes: a day.
const maxLost = 86400 * opus.Rate
