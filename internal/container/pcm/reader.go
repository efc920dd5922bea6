package pcm

import (
	"io"
	"slices"

	"github.com/baton-rtsp/baton/internal/container"
)

// reader returns a reader of blocks in the form of RTP.
func (f Format) reader(r io.ReaderAt) container.SampleReader {
	plain := container.NewReader(r)
	if f.Codec != container.L16 || f.Width == 2 && f.Big {
		return plain
	}
	return linear{plain, f}
}

// linear turns values of any width into 16 bits, most significant first.
type linear struct {
	container.SampleReader
	format Format
}

func (l linear) ReadSample(s container.Sample, buf []byte) ([]byte, error) {
	width := l.format.Width
	room := s.Size
	if width == 1 {
		room *= 2
	}
	b, err := l.SampleReader.ReadSample(s, slices.Grow(buf[:0], min(room, container.MaxSample)))
	if err != nil {
		return nil, err
	}
	n := len(b) / width
	if width == 1 {
		return widen(b), nil
	}
	high, low := width-1, width-2
	if l.format.Big {
		high, low = 0, 1
	}
	for i := range n {
		b[2*i], b[2*i+1] = b[width*i+high], b[width*i+low]
	}
	return b[:2*n], nil
}

// widen turns unsigned bytes into signed values of 16 bits, in place.
func widen(b []byte) []byte {
	n := len(b)
	b = slices.Grow(b, n)[:2*n]
	for i := n - 1; i >= 0; i-- {
		b[2*i], b[2*i+1] = b[i]^0x80, 0
	}
	return b
}
