package mp4

import "github.com/baton-rtsp/baton/internal/container"

// A cutter makes blocks of at most 20 ms of frames that lie one behind the other. Files have a sample for each frame, and
// often as few in a piece as fit between two pictures.
type cutter struct {
	t     *track
	frame int64 // bytes
	block int64 // frames

	offset, frames int64 // what is not yet in a block
	at             int64 // when it is played, in frames
}

// blocks is how many blocks a second has at least.
const blocks = 50

func newCutter(t *track, frame int) *cutter {
	return &cutter{t: t, frame: int64(frame), block: int64(max(t.out.SampleRate/blocks, 1))}
}

// add adds frames that lie at an offset and are played at a time.
func (p *cutter) add(m *movie, offset, frames, at int64) error {
	if offset != p.offset+p.frames*p.frame || at != p.at+p.frames {
		if err := p.flush(m); err != nil {
			return err
		}
		p.offset, p.at = offset, at
	}
	p.frames += frames
	for p.frames >= p.block {
		if err := p.emit(m, p.block); err != nil {
			return err
		}
	}
	return nil
}

// flush makes a block of what is left.
func (p *cutter) flush(m *movie) error {
	if p.frames == 0 {
		return nil
	}
	return p.emit(m, p.frames)
}

func (p *cutter) emit(m *movie, frames int64) error {
	s := container.Sample{
		Offset: p.offset, Size: int(frames * p.frame),
		DTS: p.at, PTS: p.at, Duration: int(frames), Key: true,
	}
	p.offset += frames * p.frame
	p.frames -= frames
	p.at += frames
	return m.add(p.t, s)
}
