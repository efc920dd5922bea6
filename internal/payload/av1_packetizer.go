package payload

import "bytes"

// av1Packetizer makes the payloads of the AV1 RTP specification, version 1.0, of
// temporal units. Temporal delimiters and tile lists are left out, sizes too.
type av1Packetizer struct {
	sequence []av1Unit // for key frames that lack it
	units    []av1Unit
	buf      scratch
}

// av1Unit is an OBU, its header rewritten without size.
type av1Unit struct {
	head [2]byte
	n    int // bytes of head
	data []byte
}

func (u *av1Unit) kind() uint8 { return u.head[0] >> 3 & 0xF }
func (u *av1Unit) size() int   { return u.n + len(u.data) }

// maxElements is how many OBUs go in one payload: three can do without the size
// of the last.
const maxElements = 3

// av1Sequence is the sequence header among the OBUs, nil if there is none.
func av1Sequence(config [][]byte) []av1Unit {
	for _, rest := range config {
		for len(rest) > 0 {
			var u av1Unit
			var ok bool
			if u, rest, ok = nextOBU(rest); !ok {
				break
			}
			if u.kind() == obuSequence && len(u.data) > 0 && u.size() <= maxSequenceHeader {
				u.data = bytes.Clone(u.data)
				return []av1Unit{u}
			}
		}
	}
	return nil
}

// nextOBU cuts the first OBU off b (AV1 §5.3); false if it is longer than b. One
// without size goes to the end.
func nextOBU(b []byte) (u av1Unit, rest []byte, ok bool) {
	u.n = 1
	if b[0]&0x04 != 0 { // extension
		u.n = 2
	}
	if len(b) < u.n {
		return u, nil, false
	}
	copy(u.head[:u.n], b)
	u.data = b[u.n:]
	if b[0]&0x02 != 0 { // obu_size
		size, n := leb128(u.data)
		if n == 0 || size > uint(len(u.data)-n) {
			return u, nil, false
		}
		u.data, rest = u.data[n:][:size], u.data[n+int(size):]
	}
	u.head[0] &^= 0x03 // and the reserved bit
	return u, rest, true
}

// Packetize begins a coded video sequence, bit N, with every temporal unit that
// has a shown key frame and a sequence header, its own or that of the track.
func (p *av1Packetizer) Packetize(sample []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	if max < av1Smallest {
		return ErrSize
	}
	key, err := p.read(sample)
	if err != nil {
		return err
	}
	header := byte(0)
	if key {
		header = av1New
	}
	for at, done := 0, 0; at < len(p.units); header = 0 {
		at, done = p.payload(at, done, header, max)
		emit(p.buf, 0, at == len(p.units))
	}
	clear(p.units)
	return nil
}

// av1Smallest holds the aggregation header, the header of an OBU and a byte.
const av1Smallest = 1 + 2 + 1

// read lists the OBUs to be sent and tells whether they begin a coded video
// sequence.
func (p *av1Packetizer) read(sample []byte) (key bool, err error) {
	p.units = p.units[:0]
	own := false
	for rest := sample; len(rest) > 0; {
		var u av1Unit
		var ok bool
		if u, rest, ok = nextOBU(rest); !ok || len(p.units) >= maxUnits {
			return false, ErrSample
		}
		switch kind := u.kind(); {
		case kind == obuTemporalDelimiter || kind == obuTileList:
			continue
		case kind == obuSequence:
			own = true
		case !key && u.keyFrame():
			if key = true; !own {
				p.units, own = append(p.units, p.sequence...), len(p.sequence) > 0
			}
		}
		p.units = append(p.units, u)
	}
	if len(p.units) == 0 {
		return false, ErrSample
	}
	return key && own, nil
}

func (u *av1Unit) keyFrame() bool {
	kind := u.kind()
	return (kind == obuFrame || kind == obuFrameHeader) && len(u.data) > 0 && u.data[0]&0xF0 == 0x10 // see av1KeyFrame
}

// payload fills buf with the next payload, from byte done of OBU at, and returns
// where the one after it begins. header has the bit N.
func (p *av1Packetizer) payload(at, done int, header byte, max int) (int, int) {
	if done > 0 {
		header |= av1Continues
	}
	b := append(p.buf[:0], 0)
	for count := byte(1); ; count++ {
		u := &p.units[at]
		left := u.size() - done
		last := count == maxElements || at == len(p.units)-1 || len(b)+leb128Size(left)+left+av1Smallest > max
		if !last {
			b = u.appendTo(appendLEB128(b, left), done, left)
			at, done = at+1, 0
			continue
		}
		n := min(left, max-len(b))
		b = u.appendTo(b, done, n)
		b[0] = header | count<<av1CountShift
		if done += n; n < left {
			b[0] |= av1Continued
		} else {
			at, done = at+1, 0
		}
		p.buf = b
		return at, done
	}
}

// appendTo appends n bytes of the OBU from byte from on.
func (u *av1Unit) appendTo(b []byte, from, n int) []byte {
	if from < u.n {
		head := u.head[from:min(u.n, from+n)]
		b, from, n = append(b, head...), u.n, n-len(head)
	}
	return append(b, u.data[from-u.n:][:n]...)
}

func appendLEB128(b []byte, v int) []byte {
	for ; v >= 0x80; v >>= 7 {
		b = append(b, byte(v)|0x80)
	}
	return append(b, byte(v))
}

func leb128Size(v int) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}
