package mpegts

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/annexb"
)

// A reader reads the samples of one elementary stream.
type reader struct {
	r      io.ReaderAt
	size   int64
	layout layout
	pid    uint16
	parse  parser    // nil for video
	pool   sync.Pool // of *collector
}

func newReader(r io.ReaderAt, size int64, l layout, e entry) *reader {
	d := &reader{r: r, size: size, layout: l, pid: e.pid, parse: parserOf(e.codec)}
	d.pool.New = func() any {
		c := &collector{reader: d}
		c.visit = c.take
		return c
	}
	return d
}

func (d *reader) ReadSample(s container.Sample, buf []byte) ([]byte, error) {
	if s.Size <= 0 || s.Size > container.MaxSample || s.Offset < 0 {
		return nil, &container.DamagedError{Offset: s.Offset, Err: fmt.Errorf("a sample of %d bytes", s.Size)}
	}
	c := d.pool.Get().(*collector)
	defer d.pool.Put(c)
	if d.parse == nil {
		c.lengths.Reset(buf, s.Size)
		err := c.collect(s)
		buf = c.lengths.Bytes()
		c.lengths = annexb.Lengths{} // the memory is the caller's
		if err != nil {
			return nil, err
		}
		return buf, nil
	}
	c.frame = slices.Grow(buf[:0], s.Size)
	err := c.collect(s)
	buf, c.frame = c.frame, nil
	if err != nil {
		return nil, err
	}
	f, _ := d.parse(buf)
	return buf[:copy(buf, buf[min(f.skip, len(buf)):])], nil
}

// piece is how much of a file is read at once for a sample, at most.
const piece = 64 << 10

// A collector gathers the bytes of one sample from packets.
type collector struct {
	*reader
	mem   [piece]byte
	visit func(p packet, at int64) // c.take

	flow flow
	skip int // of the first packet, what is before the sample
	left int // bytes of the sample that are still to come

	lengths annexb.Lengths // of video
	frame   []byte         // of audio
}

var (
	errNoPacket = errors.New("no packet of the track")
	errSpread   = errors.New("a sample that is spread too far")
)

// collect gathers a sample.
func (c *collector) collect(s container.Sample) error {
	c.flow, c.left = flow{state: inStream}, s.Size
	at := c.layout.before(s.Offset)
	n, err := c.read(at)
	if err == nil && !c.holds(c.mem[:n], at, s.Offset) {
		if at, err = c.find(s.Offset); err == nil {
			n, err = c.read(at)
		}
	}
	if err != nil {
		return err
	}
	c.skip = int(s.Offset - at)
	w := walker{layout: c.layout}
	for begin := at; ; {
		last := at+int64(n) >= c.size
		used := w.walk(c.mem[:n], at, last, c.visit)
		at += int64(used)
		switch {
		case c.left == 0:
			return nil
		case last || used == 0:
			return &container.DamagedError{Offset: at, Err: io.ErrUnexpectedEOF}
		case at-begin > maxSpan:
			return &container.DamagedError{Offset: at, Err: errSpread}
		}
		if n, err = c.read(at); err != nil {
			return err
		}
	}
}

// take takes the bytes of a packet; see walker.
func (c *collector) take(p packet, _ int64) {
	if c.left == 0 || p.pid() != c.pid {
		return
	}
	start, _ := c.flow.take(p)
	start, c.skip = max(start, c.skip), 0
	b := p[start:]
	b = b[:min(len(b), c.left)]
	c.left -= len(b)
	if c.parse == nil {
		c.lengths.Write(b)
	} else {
		c.frame = append(c.frame, b...)
	}
}

// read reads what is at an offset: as much as the packets with the rest of the sample are likely to take, with some of
// other streams among them.
func (c *collector) read(at int64) (n int, err error) {
	const payload, others = 184, 8
	packets := c.left/payload + 1
	want := min(int64(packets+packets/8+others)*int64(c.layout.stride), piece, c.size-at)
	if want <= 0 {
		return 0, &container.DamagedError{Offset: at, Err: io.ErrUnexpectedEOF}
	}
	n, err = c.r.ReadAt(c.mem[:want], at)
	switch {
	case int64(n) == want:
		return n, nil
	case err == nil || errors.Is(err, io.EOF):
		err = &container.DamagedError{Offset: at + int64(n), Err: io.ErrUnexpectedEOF}
	}
	return 0, err
}

// find finds the packet that holds a byte where the file has lost its layout before.
func (c *collector) find(offset int64) (int64, error) {
	start := max(offset-packetSize, 0)
	n, err := c.read(start)
	if err != nil {
		return 0, err
	}
	for at := offset - 4; at >= start; at-- {
		if c.holds(c.mem[at-start:n], at, offset) {
			return at, nil
		}
	}
	return 0, &container.DamagedError{Offset: offset, Err: errNoPacket}
}

// holds tells whether b, which is at an offset of the file, begins with a packet of the stream that holds a byte.
func (c *collector) holds(b []byte, at, offset int64) bool {
	if len(b) < packetSize || b[0] != syncByte || offset < at+4 || offset >= at+packetSize {
		return false
	}
	p := packet(b)
	return p.pid() == c.pid && offset >= at+int64(p.payload()) && (len(b) <= c.layout.stride || b[c.layout.stride] == syncByte)
}
