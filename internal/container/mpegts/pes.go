package mpegts

import "bytes"

// A flow turns the packets of one PID into the bytes of its elementary stream: it leaves out what came twice, and the
// headers of PES packets (ISO/IEC 13818-1 §2.4.3.6).
type flow struct {
	begun   bool // last and counter are valid
	counter uint8
	last    [packetSize]byte // payload
	size    int              // of last

	state  flowState
	header [pesTimes]byte
	read   int // bytes of the header that came
}

type flowState uint8

const (
	inNothing flowState = iota // before a PES packet, or in one that has no elementary stream
	inHeader
	inStream
)

// Sizes of a PES header, from its start code on.
const (
	pesFixed = 9
	pesTimes = pesFixed + 10 // with PTS and DTS
)

// An event is what a packet means for the stream besides its bytes.
type event uint8

const (
	lost  event = 1 << iota // packets are missing before this one
	began                   // a PES packet begins with the bytes, and flow.stamp is its time
)

// take returns where in the packet the bytes of the elementary stream are.
func (f *flow) take(p packet) (at int, what event) {
	if p.damaged() || p.scrambled() || !p.hasPayload() {
		return packetSize, 0
	}
	at = p.payload()
	if f.begun && p.counter() == f.counter && bytes.Equal(p[at:], f.last[:f.size]) {
		return packetSize, 0
	}
	if f.begun && p.counter() != (f.counter+1)&0x0F && p.counter() != f.counter && !p.discontinuous() {
		what |= lost
		if f.state == inHeader {
			f.state = inNothing
		}
	}
	f.begun, f.counter, f.size = true, p.counter(), copy(f.last[:], p[at:])
	if p.begins() {
		f.state, f.read = inHeader, 0
	}
	if f.state == inHeader {
		at += f.readHeader(p[at:])
		if f.state == inStream {
			what |= began
		}
	}
	if f.state != inStream {
		return packetSize, what &^ began
	}
	return at, what
}

// readHeader takes the header of a PES packet from the front of b, and returns how much of b it has.
func (f *flow) readHeader(b []byte) (n int) {
	for f.read < len(f.header) && n < len(b) && f.read < f.headerSize() {
		f.header[f.read] = b[n]
		f.read, n = f.read+1, n+1
	}
	if f.read >= pesFixed && !f.valid() {
		f.state = inNothing
		return n
	}
	if left := f.headerSize() - f.read; f.read >= pesFixed {
		skip := min(left, len(b)-n)
		f.read, n = f.read+skip, n+skip
		if f.read == f.headerSize() {
			f.state = inStream
		}
	}
	return n
}

// headerSize is how long the header is, as far as is known.
func (f *flow) headerSize() int {
	if f.read < pesFixed {
		return pesFixed
	}
	return pesFixed + int(f.header[8])
}

// valid tells whether the header is one of those that have times: not padding, nor tables.
func (f *flow) valid() bool {
	h := &f.header
	return h[0] == 0 && h[1] == 0 && h[2] == 1 && h[3] >= 0xBD && h[3] != 0xBE && h[3] != 0xBF && h[6]&0xC0 == 0x80
}

// A stamp is the times of a PES packet, 33 bits of 90 kHz.
type stamp struct {
	pts, dts int64
	valid    bool
}

// stamp is the times in the header.
func (f *flow) stamp() stamp {
	h := &f.header
	if h[7]&0x80 == 0 || h[8] < 5 {
		return stamp{}
	}
	s := stamp{pts: timestamp(h[9:]), valid: true}
	s.dts = s.pts
	if h[7]&0x40 != 0 && h[8] >= 10 {
		s.dts = timestamp(h[14:])
	}
	return s
}

func timestamp(b []byte) int64 {
	return int64(b[0]>>1&7)<<30 | int64(b[1])<<22 | int64(b[2]>>1)<<15 | int64(b[3])<<7 | int64(b[4]>>1)
}
