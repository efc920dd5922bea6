package container

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// A Sample is one access unit: where its bytes are, and when it is decoded and shown.
//
// Times are in ticks of [Track.Timescale]. PTS is what relates tracks to each other: 0 is where the presentation begins,
// after edit lists and start offsets. A sample before 0 is only there for others to be decoded. DTS never decreases from
// sample to sample; it may be before 0 and is, but for its order, the container's affair.
type Sample struct {
	Offset   int64 // in the file
	Size     int   // bytes there, 1 to MaxSample
	DTS, PTS int64
	Duration int  // ticks, 0 if not known
	Key      bool // decoding can begin here
}

// MaxSample is the largest sample in bytes: intra frames of 8K video at 1 Gb/s have a fifth of it.
const MaxSample = 32 << 20

// A SampleReader reads the bytes of samples of one track, in the form that is canonical for its codec:
//
//	H264, H265       the NAL units of an access unit, each preceded by its length in Track.NALLength bytes
//	AV1              a temporal unit, each OBU with its size
//	VP8, VP9         one frame
//	MPEG4            one VOP with the headers in front of it
//	MJPEG            one JPEG image
//	AAC              one access unit without ADTS header
//	Opus, MP3, AC3   one packet or frame
//	PCMU, PCMA, L16  a block of at most 20 ms, L16 big-endian
type SampleReader interface {
	// ReadSample returns the bytes of s, in buf if its capacity suffices, else in a new slice. The error is a
	// *DamagedError when the file does not hold them. It is safe for concurrent use.
	ReadSample(s Sample, buf []byte) ([]byte, error)
}

// NewReader reads samples that lie in the file as they are, in one piece.
func NewReader(r io.ReaderAt) SampleReader { return plainReader{r} }

type plainReader struct{ r io.ReaderAt }

func (p plainReader) ReadSample(s Sample, buf []byte) ([]byte, error) {
	if s.Size < 0 || s.Size > MaxSample {
		return nil, &DamagedError{s.Offset, fmt.Errorf("a sample of %d bytes", s.Size)}
	}
	buf = slices.Grow(buf[:0], s.Size)[:s.Size]
	n, err := p.r.ReadAt(buf, s.Offset)
	switch {
	case n == len(buf):
		return buf, nil
	case err == nil || errors.Is(err, io.EOF):
		return nil, &DamagedError{s.Offset + int64(n), io.ErrUnexpectedEOF}
	}
	return nil, err
}
