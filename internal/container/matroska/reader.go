package matroska

import (
	"fmt"
	"io"
	"slices"

	"github.com/baton-rtsp/baton/internal/container"
)

// newReader returns the reader of a track whose frames lack a prefix, which may be empty.
func newReader(r io.ReaderAt, codec container.Codec, prefix []byte) container.SampleReader {
	s := container.NewReader(r)
	if len(prefix) > 0 {
		s = prefixed{s, prefix}
	}
	if codec == container.AV1 {
		s = sized{s}
	}
	return s
}

// prefixed puts back what header stripping took off each frame, RFC 9559 §5.1.4.1.31.5.
type prefixed struct {
	container.SampleReader
	prefix []byte
}

func (p prefixed) ReadSample(s container.Sample, buf []byte) ([]byte, error) {
	if s.Size < 0 || s.Size > container.MaxSample {
		return nil, damaged(s.Offset, fmt.Errorf("a sample of %d bytes", s.Size))
	}
	n := len(p.prefix)
	buf = slices.Grow(buf[:0], n+s.Size)[:n+s.Size]
	copy(buf, p.prefix)
	if _, err := p.SampleReader.ReadSample(s, buf[n:n:n+s.Size]); err != nil {
		return nil, err
	}
	return buf, nil
}

// sized makes temporal units of AV1 complete.
type sized struct{ container.SampleReader }

func (z sized) ReadSample(s container.Sample, buf []byte) ([]byte, error) {
	b, err := z.SampleReader.ReadSample(s, buf)
	if err != nil {
		return nil, err
	}
	return withSize(b), nil
}
