package adts

import (
	"io"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/frames"
)

// samples is how many a frame has, of the rate in the header: what SBR adds is on top.
const samples = 1024

// Lengths of the header, without and with a checksum.
const (
	headerSize  = 7
	checkedSize = 9
)

// fixed are the bits of the first four bytes that are the same in all frames.
const fixed = 0xFFF8FDC0

// frame reads a header. Frames with several blocks of data, which hardly anybody writes, count as none.
func frame(b []byte) (frames.Header, bool) {
	if len(b) < headerSize || b[0] != 0xFF || b[1]&0xF6 != 0xF0 || b[6]&3 != 0 {
		return frames.Header{}, false
	}
	rate := sampleRate(b)
	h := frames.Header{
		Kind:    (uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])) & fixed,
		Size:    int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5])>>5,
		Skip:    headerSize,
		Rate:    rate,
		Samples: samples,
	}
	if b[1]&1 == 0 {
		h.Skip = checkedSize
	}
	return h, rate > 0 && h.Size >= h.Skip
}

// sampleRate is what the index in a header stands for, 0 if it is reserved.
func sampleRate(b []byte) int {
	return [16]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}[b[2]>>2&15]
}

// Open opens the first size bytes of r. The error is container.ErrFormat if they are no AAC in ADTS, or the reader's. The
// File goes on using r.
func Open(r io.ReaderAt, size int64, _ container.Options) (*container.File, error) {
	s, err := frames.Open(r, size, frame)
	if err != nil {
		return nil, err
	}
	b, err := s.Src.Peek(s.At, headerSize)
	if err != nil {
		return nil, err
	}
	channels := int(b[2]&1)<<2 | int(b[3]>>6)
	t := &container.Track{
		ID: 1, Codec: container.AAC, Timescale: s.First.Rate, ClockRate: s.First.Rate,
		Channels: [8]int{2, 1, 2, 3, 4, 5, 6, 8}[channels], SampleRate: s.First.Rate,
		Config: [][]byte{config(b)},
		Reader: container.NewReader(r),
	}
	// Taken that all frames are about as long as the first.
	seconds := float64(size-s.At) / float64(s.First.Size) * samples / float64(s.First.Rate)
	return s.File(t, time.Duration(min(seconds, 1e9)*float64(time.Second)))
}

// config makes the AudioSpecificConfig that a header stands for, ISO/IEC 14496-3 §1.6.2.1.
func config(b []byte) []byte {
	object, rate, channels := b[2]>>6+1, b[2]>>2&15, b[2]&1<<2|b[3]>>6
	return []byte{object<<3 | rate>>1, rate<<7 | channels<<3}
}
