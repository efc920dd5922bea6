package annexb

import (
	"errors"
	"fmt"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
)

// Bounds of a pipe: how much may come before it is known what it is, or before a picture ends, and how many pictures are looked at.
const (
	maxWaiting = 64 << 20
	pipeProbe  = 8
)

// A Pipe reads a byte stream that comes from another program, once, from the beginning to the end.
type Pipe struct {
	Codec  container.Codec
	Config [][]byte // parameter sets

	r     io.Reader
	buf   []byte // what has come and was not given out; its first byte is at base
	base  int64
	scan  *scanner
	found head
	scale int64
	unit  Lengths
	out   func(pts int64, data []byte) error
	err   error // of out
}

// OpenPipe reads until it is known what comes. The error is container.ErrFormat if that is no H.264 or H265. Pictures follow each other
// as the stream says, else at rate pictures a second, else 25.
func OpenPipe(r io.Reader, rate float64) (*Pipe, error) {
	p := &Pipe{r: r}
	for looked := 0; ; {
		err := p.read()
		if len(p.buf) >= 2*looked || err != nil { // the cost of looking again stays in proportion
			looked = len(p.buf)
			h, ok := probe(p.buf)
			if !ok && len(p.buf) >= longHead || len(p.buf) > wantHeader+3 && !couldBe(p.buf) {
				return nil, container.ErrFormat
			}
			if ok && h.split.Configured() && (len(h.pictures) >= pipeProbe || err != nil) {
				p.found = h
				break
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%w: it ends before it is known what it is: %w", container.ErrFormat, err)
		}
	}
	p.Codec, p.Config = p.found.codec, p.found.split.Config()
	p.begin(rate)
	return p, nil
}

// couldBe tells whether what has come of a stream can be its beginning.
func couldBe(b []byte) bool {
	return plausible(b, container.H264) || plausible(b, container.H265)
}

// begin sets up what finds the pictures and their times.
func (p *Pipe) begin(rate float64) {
	r := p.found.rate()
	if r == (Rate{}) {
		r = rateOf(rate)
	}
	if r == (Rate{}) {
		r = Rate{defaultRate, 1}
	}
	scale, duration := r.timescale()
	p.scale = scale
	p.scan = &scanner{split: NewSplitter(p.Codec), order: sequencer{unit: p.found.unit(), duration: duration, add: p.take}}
	p.scan.begin = p.scan.next
}

// read appends what the program has written.
func (p *Pipe) read() error {
	if len(p.buf) > maxWaiting {
		return errors.New("annexb: a picture does not end")
	}
	if cap(p.buf)-len(p.buf) < shortRead {
		p.buf = append(make([]byte, 0, 2*len(p.buf)+2*shortRead), p.buf...)
	}
	n, err := p.r.Read(p.buf[len(p.buf) : len(p.buf)+shortRead])
	p.buf = p.buf[:len(p.buf)+n]
	if n > 0 {
		return nil
	}
	return err
}

const shortRead = 64 << 10

// Run gives out each access unit in the order of decoding: when it is shown, in units of 1/90000 s from the first picture, and its NAL
// units behind lengths of four bytes. data is valid during the call. Run returns when the stream ends, which is io.EOF, or with
// the error of out.
func (p *Pipe) Run(out func(pts int64, data []byte) error) error {
	p.out = out
	for p.err == nil {
		if at := p.base + int64(len(p.buf)); p.scan.at < at {
			p.scan.write(p.buf[p.scan.at-p.base:])
		}
		if p.err != nil {
			break
		}
		if err := p.read(); err != nil {
			p.scan.split.Close(p.scan.begin)
			p.scan.end(p.scan.at)
			p.scan.order.release()
			if p.err == nil {
				p.err = err
			}
		}
	}
	return p.err
}

// take gives one picture out, and forgets its bytes.
func (p *Pipe) take(s container.Sample) bool {
	if p.err != nil {
		return false
	}
	from := int(s.Offset - p.base)
	p.unit.Reset(p.unit.buf, s.Size)
	p.unit.Write(p.buf[from : from+s.Size])
	p.err = p.out(s.PTS*clockRate/p.scale, p.unit.Bytes())
	p.buf, p.base = p.buf[from+s.Size:], s.Offset+int64(s.Size)
	return p.err == nil
}
