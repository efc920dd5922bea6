package payload

import "bytes"

// OBU types (AV1 §6.2.2).
const (
	obuSequence          = 1
	obuTemporalDelimiter = 2
	obuFrameHeader       = 3
	obuTileGroup         = 4
	obuFrame             = 6
	obuRedundant         = 7
	obuTileList          = 8
)

// Aggregation header of AV1 RTP §4.4: Z Y W W N.
const (
	av1Continues  = 0x80 // the first element continues one of the packet before
	av1Continued  = 0x40 // the last element goes on in the next packet
	av1CountShift = 4
	av1One        = 1 << av1CountShift // W: one element, without a size
	av1New        = 0x08               // a coded video sequence begins
)

// maxSequenceHeader bounds what is remembered; real ones have some ten bytes.
const maxSequenceHeader = 1024

// av1 is the RTP payload format of AV1, version 1.0 of the Alliance for Open Media.
type av1 struct {
	sequence []byte   // the sequence header OBU
	made     [][]byte // Parameters
	opened   bool     // a coded video sequence began, its first frame did not yet
	inBand   bool     // its sequence header came
	cut      uint8    // type of the OBU that the packet before left unfinished
	buf      scratch
}

func (f *av1) Parameters() [][]byte { return f.made }

func (f *av1) Inspect(payload []byte, marker bool) Info {
	var info Info
	if len(payload) == 0 {
		return info
	}
	if payload[0]&(av1New|av1Continues) == av1New {
		f.open()
		info.Key = true
	}
	elements := av1Elements(payload)
	for element, ok := elements.next(); ok; element, ok = elements.next() {
		whole := len(elements.rest) > 0 || payload[0]&av1Continued == 0
		if elements.seen == 1 && payload[0]&av1Continues != 0 {
			info.Slice = info.Slice || obuPicture(f.cut)
			continue
		}
		f.see(element, whole, &info)
	}
	return info
}

func (f *av1) open() {
	if !f.opened {
		f.opened, f.inBand = true, false
	}
}

func obuPicture(t uint8) bool {
	return t == obuFrameHeader || t == obuTileGroup || t == obuFrame || t == obuRedundant
}

// see looks at an OBU or, if it is not whole, at the beginning of one.
func (f *av1) see(obu []byte, whole bool, info *Info) {
	if len(obu) == 0 {
		return
	}
	t := obu[0] >> 3 & 0xF
	f.cut = t
	switch {
	case t == obuSequence:
		f.open()
		f.inBand = true
		info.Key = true
		if whole {
			info.Changed = f.learn(obu) || info.Changed
		}
	case obuPicture(t):
		info.Slice = true
		info.Key = info.Key || f.opened || av1KeyFrame(t, obu)
		info.Params = info.Params || f.opened && f.inBand
		f.opened, f.inBand = false, false
	}
	info.Params = info.Params || f.opened && f.inBand
}

// av1KeyFrame reports whether a frame begins that is a shown key frame (AV1
// §5.9.2); encoders that send the sequence header once have no other sign.
func av1KeyFrame(t uint8, obu []byte) bool {
	if t != obuFrame && t != obuFrameHeader {
		return false
	}
	head := 1
	if obu[0]&0x04 != 0 { // extension: ids of the layers
		head = 2
	}
	if obu[0]&0x02 != 0 { // obu_size
		_, n := leb128(obu[min(head, len(obu)):])
		head += n
	}
	// show_existing_frame 0, frame_type 0, show_frame 1
	return head < len(obu) && obu[head]&0xF0 == 0x10
}

func (f *av1) learn(obu []byte) bool {
	if len(obu) < 2 || len(obu) > maxSequenceHeader || bytes.Equal(obu, f.sequence) {
		return false
	}
	payload := append([]byte{av1One | av1New}, obu...)
	f.sequence, f.made = payload[1:], [][]byte{payload}
	return true
}

// av1Walk walks the OBU elements of a payload.
type av1Walk struct {
	rest  []byte
	count int // W
	seen  int // elements returned
	bad   bool
}

func av1Elements(payload []byte) av1Walk {
	return av1Walk{rest: payload[1:], count: int(payload[0] >> av1CountShift & 3)}
}

// next returns the next element; false at the end. The last of W elements has
// no size. What does not hold together sets bad and ends the walk.
func (w *av1Walk) next() ([]byte, bool) {
	if len(w.rest) == 0 {
		return nil, false
	}
	size, n := uint(len(w.rest)), 0
	if w.count == 0 || w.seen < w.count-1 {
		size, n = leb128(w.rest)
		if n == 0 || size > uint(len(w.rest)-n) {
			w.bad, w.rest = true, nil
			return nil, false
		}
	}
	element := w.rest[n:][:size]
	w.rest = w.rest[n+int(size):]
	w.seen++
	return element, true
}

// leb128 reads a size (AV1 §4.10.5); n is 0 if it is cut off or over 32 bits.
func leb128(b []byte) (value uint, n int) {
	var v uint64
	for i := 0; i < len(b) && i < 8; i++ {
		v |= uint64(b[i]&0x7F) << (7 * i)
		if b[i]&0x80 == 0 {
			if v > 1<<32-1 {
				return 0, 0
			}
			return uint(v), i + 1
		}
	}
	return 0, 0
}
