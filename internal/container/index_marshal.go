package container

import (
	"encoding/binary"
	"errors"
)

// errIndex says that bytes are not what AppendBinary wrote.
var errIndex = errors.New("malformed index")

// Why an index ends where it does, as it is stored.
const (
	endOfTrack = iota
	damagedEnd
)

// maxReason bounds the text that says what is damaged.
const maxReason = 256

// AppendBinary appends the index to b in a form that [ParseIndex] reads: the blocks as they are in memory, the last one
// filled up. It takes 1 to 4 bytes a sample. The error says that the index is not complete, or ends because the file could
// not be read.
func (x *Index) AppendBinary(b []byte) ([]byte, error) {
	s := x.state.Load()
	if !s.complete {
		return b, errors.New("index not complete")
	}
	var damage *DamagedError
	switch {
	case s.err == nil:
		b = append(b, endOfTrack)
	case errors.As(s.err, &damage):
		reason := []byte(damage.Err.Error())
		reason = reason[:min(len(reason), maxReason)]
		b = binary.AppendVarint(append(b, damagedEnd), damage.Offset)
		b = append(binary.AppendUvarint(b, uint64(len(reason))), reason...)
	default:
		return b, s.err
	}
	b = binary.AppendUvarint(b, uint64(s.len()))
	for i := range s.blocks {
		b = s.blocks[i].appendBinary(b)
	}
	if len(s.tail) > 0 {
		b = filledUp(s.tail).appendBinary(b)
	}
	return b, nil
}

// filledUp is a block of samples, and of others behind them that take little room.
func filledUp(samples []Sample) *block {
	var all [blockSize]Sample
	for i := copy(all[:], samples); i < blockSize; i++ {
		s := all[i-1]
		s.Offset += int64(s.Size)
		s.PTS += int64(s.Duration)
		s.DTS += int64(s.Duration)
		all[i] = s
	}
	return &block{offset: all[0].Offset, dts: all[0].DTS, data: appendBlock(nil, &all)}
}

func (b *block) appendBinary(to []byte) []byte {
	to = binary.AppendVarint(to, b.offset)
	to = binary.AppendVarint(to, b.dts)
	to = binary.AppendUvarint(to, uint64(len(b.data)))
	return append(to, b.data...)
}

// ParseIndex reads what [Index.AppendBinary] wrote, whoever wrote it: the index has only samples that a [Builder] takes. It
// keeps b, and allocates no more than four times its length and a fixed amount.
func ParseIndex(b []byte) (*Index, error) {
	p := &parser{rest: b}
	end := p.end()
	n := p.uvarint()
	build := NewBuilder()
	build.next.blocks = make([]block, 0, min(n>>blockBits, uint64(len(p.rest)/minBlock)))
	for ; n >= blockSize && !p.bad; n -= blockSize {
		p.block(build)
	}
	if n > 0 {
		p.tail(build, int(n))
	}
	if p.bad || len(p.rest) > 0 {
		return nil, errIndex
	}
	build.Finish(end)
	return build.Index(), nil
}

// minBlock is the size of the shortest block: offset, DTS, length, which are keys, and five constants.
const minBlock = 3 + 1 + 2*columns

// A parser reads a stored index. Once something is wrong all it reads is 0.
type parser struct {
	rest []byte
	bad  bool
}

func (p *parser) fail() { p.rest, p.bad = nil, true }

func (p *parser) uvarint() uint64 {
	v, n := binary.Uvarint(p.rest)
	if n <= 0 {
		p.fail()
		return 0
	}
	p.rest = p.rest[n:]
	return v
}

func (p *parser) varint() int64 {
	v := p.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// bytes reads n bytes.
func (p *parser) bytes(n uint64) []byte {
	if n > uint64(len(p.rest)) {
		p.fail()
		return nil
	}
	b := p.rest[:n]
	p.rest = p.rest[n:]
	return b
}

// byte reads a byte that is at most most.
func (p *parser) byte(most byte) byte {
	b := p.bytes(1)
	if len(b) == 0 || b[0] > most {
		p.fail()
		return 0
	}
	return b[0]
}

// end reads why the index ends.
func (p *parser) end() error {
	if p.byte(damagedEnd) == endOfTrack {
		return nil
	}
	at, length := p.varint(), p.uvarint()
	if length > maxReason {
		p.fail()
	}
	return &DamagedError{at, errors.New(string(p.bytes(length)))}
}

// block adds a block as it is.
func (p *parser) block(to *Builder) {
	b := p.blockHead()
	if n := len(to.next.blocks); n > 0 {
		b.top = to.next.blocks[n-1].top
	}
	c := Cursor{state: &state{blocks: []block{b}}}
	for i := 0; i < blockSize && !p.bad; i++ {
		s := p.sample(&c, to)
		if i == 0 && len(to.next.blocks) == 0 {
			b.top = s.PTS
		}
		b.top = max(b.top, s.PTS)
		to.last = s.DTS
		to.next.low = min(to.next.low, s.PTS-s.DTS)
		to.next.end = max(to.next.end, s.PTS+int64(s.Duration))
		to.next.largest = max(to.next.largest, s.Size)
	}
	to.next.blocks = append(to.next.blocks, b)
	to.next.packed += len(b.data)
}

// tail adds the first n samples of a block.
func (p *parser) tail(to *Builder, n int) {
	c := Cursor{state: &state{blocks: []block{p.blockHead()}}}
	for i := 0; i < n && !p.bad; i++ {
		to.Add(p.sample(&c, to))
	}
}

// blockHead reads a block.
func (p *parser) blockHead() block {
	b := block{offset: p.varint(), dts: p.varint()}
	b.data = p.bytes(p.uvarint())
	header := parser{rest: b.data, bad: p.bad}
	if header.columns(); header.bad {
		p.fail()
	}
	return b
}

// sample reads the next sample of a block that was read without a fault. A builder must be able to take it.
func (p *parser) sample(c *Cursor, to *Builder) Sample {
	if p.bad {
		return Sample{}
	}
	if !c.open {
		c.enter(0)
	}
	first := to.Len() == 0 && c.next == 0
	s := c.decode()
	if !usable(s) || s.Duration < 0 || s.Duration > maxDuration || !first && s.DTS < to.last || to.Len() >= MaxSamples {
		p.fail()
	}
	return s
}

// columns goes over what a block's data begins with, as block.header does that trusts it.
func (p *parser) columns() {
	if p.byte(someKeys) == someKeys {
		p.bytes(keysSize)
	}
	for range columns {
		mode := p.byte(flagged)
		p.varint()
		if mode == constant {
			continue
		}
		p.byte(63)
		if p.uvarint() == 0 {
			p.fail()
		}
	}
}
