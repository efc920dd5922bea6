package annexb

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// NALLength is how many bytes of length [Lengths] puts in front of each NAL unit.
const NALLength = 4

// Lengths turns a part of a byte stream into NAL units behind their lengths: Reset it, write the part piece by piece, and
// take the Bytes.
type Lengths struct {
	buf   []byte
	start int // of the unit that is being written; 0 if none has begun
	zeros int // that the last piece ended with, at most 2
}

// Reset begins anew, in the memory of buf if that suffices for about size bytes.
func (l *Lengths) Reset(buf []byte, size int) {
	*l = Lengths{buf: slices.Grow(buf[:0], size+size/64+64)}
}

// Write appends a piece of the stream. What is before the first start code is left out.
func (l *Lengths) Write(b []byte) {
	i := l.straddling(b)
	for {
		k := bytes.Index(b[i:], startCode)
		if k < 0 {
			break
		}
		l.add(b[i : i+k])
		l.begin()
		i += k + len(startCode)
	}
	l.add(b[i:])
	zeros := 0
	for zeros < len(b)-i && zeros < 2 && b[len(b)-1-zeros] == 0 {
		zeros++
	}
	if zeros == len(b) {
		zeros = min(2, zeros+l.zeros)
	}
	l.zeros = zeros
}

// straddling finds a start code that began in the piece before, and returns where what follows it begins.
func (l *Lengths) straddling(b []byte) int {
	i := 0
	for i < 2 && i < len(b) && b[i] == 0 {
		i++
	}
	if l.zeros == 0 || i == len(b) || b[i] != 1 || l.zeros+i < 2 {
		return 0
	}
	l.begin()
	return i + 1
}

func (l *Lengths) add(b []byte) {
	if l.start > 0 {
		l.buf = append(l.buf, b...)
	}
}

// begin ends one unit and begins another.
func (l *Lengths) begin() {
	l.end()
	l.buf = append(l.buf, 0, 0, 0, 0)
	l.start = len(l.buf)
}

// end removes zeros behind the unit, which may belong to a start code, and writes its length. An empty one goes.
func (l *Lengths) end() {
	if l.start == 0 {
		return
	}
	end := len(l.buf)
	for end > l.start && l.buf[end-1] == 0 {
		end--
	}
	if end == l.start {
		end -= NALLength
	} else {
		binary.BigEndian.PutUint32(l.buf[l.start-NALLength:], uint32(end-l.start))
	}
	l.buf, l.start = l.buf[:end], 0
}

// Bytes is what was written, in the memory that Reset was given if that was enough.
func (l *Lengths) Bytes() []byte {
	l.end()
	return l.buf
}
