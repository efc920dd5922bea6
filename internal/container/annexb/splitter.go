package annexb

import (
	"bytes"

	"github.com/baton-rtsp/baton/internal/container"
)

// startCode begins every NAL unit; a NAL unit never contains it.
var startCode = []byte{0, 0, 1} // read only

// A Place is a byte of a stream: its number there, and where in the file it is. The two are the same where the file is
// nothing but the stream.
type Place struct{ Pos, Offset int64 }

func (p Place) plus(n int) Place { return Place{p.Pos + int64(n), p.Offset + int64(n)} }

// A Picture is an access unit that begins. Two fields of one frame are one.
type Picture struct {
	Start Place
	Key   bool // decoding can begin here

	// The order in which pictures are shown, counted from the last Reset; only if Ordered, else they are shown as they
	// are decoded.
	Order          int
	Reset, Ordered bool
}

// A Splitter finds the access units of a byte stream of H.264 (§7.4.1.2.3) or H.265 (§7.4.2.4.4), of which it gets one
// piece after the other. It allocates nothing but for parameter sets, of which it keeps a few.
type Splitter struct {
	hevc bool
	sets sets

	zeros [3]Place // the zeros that the last piece ended with
	count int      // of them

	// the NAL unit that is being read
	nal   []byte // its first bytes
	want  int    // how many are wanted; less than there are once it was looked at
	start Place

	// the access unit that may begin
	pending       bool  // something that belongs to the next picture came
	from          Place // its start
	delimited     bool  // an access unit delimiter came
	recovery      bool  // a recovery point did
	sequenced     bool  // an SPS did
	begun         bool  // a picture has begun
	field         avcPicture
	paired        bool // both fields of the picture came
	ended         bool // an end of sequence came
	order         order
	avc           [32]avcSequence
	avcOf         [256]uint8 // SPS of each PPS, plus 1
	hevcs         [16]hevcSequence
	hevcSets      [64]hevcPictureSet
	width, height int
	rate          Rate
}

// NewSplitter returns a Splitter for container.H264 or container.H265.
func NewSplitter(codec container.Codec) *Splitter {
	return &Splitter{hevc: codec == container.H265}
}

// Config is the parameter sets that came so far, in the order in which a decoder wants them.
func (s *Splitter) Config() [][]byte {
	var list [][]byte
	for _, set := range s.sets {
		list = append(list, set.nal)
	}
	return list
}

// Configured tells whether there is a parameter set of each type.
func (s *Splitter) Configured() bool {
	if s.hevc {
		return s.sets.has(hevcVPS) && s.sets.has(hevcSPS) && s.sets.has(hevcPPS)
	}
	return s.sets.has(avcSPS) && s.sets.has(avcPPS)
}

// Size is the size of the pictures by the first SPS, 0 if there was none.
func (s *Splitter) Size() (width, height int) { return s.width, s.height }

// Write looks at the next piece of the stream, whose first byte is at a place. It calls begin for each picture that
// begins, once so much of it came that this is sure: in order, but pieces later.
func (s *Splitter) Write(b []byte, at Place, begin func(Picture)) {
	i := s.straddling(b, at, begin)
	for {
		k := bytes.Index(b[i:], startCode)
		if k < 0 {
			break
		}
		k += i
		s.take(b[i:k], begin)
		first := k
		if k > i && b[k-1] == 0 {
			first--
		}
		s.open(at.plus(first), begin)
		i = k + len(startCode)
	}
	s.take(b[i:], begin)
	s.remember(b, i, at)
}

// Close says that the stream ends.
func (s *Splitter) Close(begin func(Picture)) { s.finish(begin) }

// straddling finds a start code that began in the piece before, and returns where what follows it begins.
func (s *Splitter) straddling(b []byte, at Place, begin func(Picture)) int {
	if s.count == 0 {
		return 0
	}
	zeros := 0
	for zeros < len(b) && zeros < len(startCode) && b[zeros] == 0 {
		zeros++
	}
	if zeros == len(b) || b[zeros] != 1 || s.count+zeros < 2 {
		return 0
	}
	before := min(3-zeros, s.count) // of the zeros that belong to the code, how many came before
	first := at
	if before > 0 {
		first = s.zeros[s.count-before]
	}
	s.open(first, begin)
	return zeros + 1
}

// remember keeps the places of the zeros at the end of a piece, of which nothing before i is part of a start code.
func (s *Splitter) remember(b []byte, i int, at Place) {
	n := 0
	for n < len(s.zeros) && n < len(b)-i && b[len(b)-1-n] == 0 {
		n++
	}
	kept := 0
	if i == 0 && n == len(b) { // nothing but zeros: those before them count too
		kept = min(s.count, len(s.zeros)-n)
		copy(s.zeros[:], s.zeros[s.count-kept:s.count])
	}
	for j := range n {
		s.zeros[kept+j] = at.plus(len(b) - n + j)
	}
	s.count = kept + n
}

// How many bytes of a NAL unit are looked at.
const (
	wantHeader = 2
	wantSlice  = 32
	wantSEI    = 256
)

// open begins a NAL unit at a place.
func (s *Splitter) open(at Place, begin func(Picture)) {
	s.finish(begin)
	s.nal, s.want, s.start = s.nal[:0], wantHeader, at
}

// take gathers the first bytes of the NAL unit.
func (s *Splitter) take(b []byte, begin func(Picture)) {
	for len(s.nal) < s.want && len(b) > 0 {
		n := min(s.want-len(s.nal), len(b))
		s.nal, b = append(s.nal, b[:n]...), b[n:]
		if len(s.nal) < s.want {
			return
		}
		if s.want = s.wanted(); len(s.nal) >= s.want {
			s.look(begin)
			s.want = 0
		}
	}
}

// finish looks at a NAL unit that is shorter than wanted.
func (s *Splitter) finish(begin func(Picture)) {
	if len(s.nal) > 0 && s.want > 0 {
		s.look(begin)
	}
	s.want = 0
}

// wanted is how many bytes of the NAL unit are needed, by its first ones.
func (s *Splitter) wanted() int {
	kind := s.nal[0] & 0x1F
	if s.hevc {
		kind = s.nal[0] >> 1 & 0x3F
		switch {
		case kind <= hevcVCL:
			return wantSlice
		case kind <= hevcPPS:
			return maxSet
		case kind == hevcSEI:
			return wantSEI
		}
		return wantHeader
	}
	switch kind {
	case avcSlice, avcPartA, avcIDR:
		return wantSlice
	case avcSEI:
		return wantSEI
	case avcSPS, avcPPS:
		return maxSet
	}
	return wantHeader
}

// look finds out what the NAL unit is.
func (s *Splitter) look(begin func(Picture)) {
	nal := s.nal
	for len(nal) > 0 && nal[len(nal)-1] == 0 {
		nal = nal[:len(nal)-1]
	}
	switch {
	case len(nal) == 0:
	case s.hevc && len(nal) >= 2:
		s.lookHEVC(nal, begin)
	case !s.hevc:
		s.lookAVC(nal, begin)
	}
}

// prefix notes a NAL unit that belongs to the next picture.
func (s *Splitter) prefix() {
	if !s.pending {
		s.pending, s.from = true, s.start
	}
}

// begin begins a picture, with what belongs to it in front of its first slice.
func (s *Splitter) begin(p Picture, begin func(Picture)) {
	p.Start = s.start
	if s.pending {
		p.Start = s.from
	}
	s.begun = true
	begin(p)
}

// sliced forgets what was noted for the next picture.
func (s *Splitter) sliced() {
	s.pending, s.delimited, s.recovery, s.sequenced = false, false, false, false
}
