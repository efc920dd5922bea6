package mjpeg

import (
	"errors"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
)

// ErrChanged is what a *container.DamagedError wraps when there is no image any more where there was one.
var ErrChanged = errors.New("the file has changed since it was opened")

// A reader reads images.
type reader struct{ plain container.SampleReader }

func newReader(r io.ReaderAt) reader { return reader{container.NewReader(r)} }

// ReadSample returns the image s. It must still begin as every JPEG image does.
func (r reader) ReadSample(s container.Sample, buf []byte) ([]byte, error) {
	b, err := r.plain.ReadSample(s, buf)
	switch {
	case err == nil && isImage(b):
		return b, nil
	case err == nil || isDamage(err):
		return nil, &container.DamagedError{Offset: s.Offset, Err: ErrChanged}
	}
	return nil, err
}

func isImage(b []byte) bool { return len(b) > 2 && b[0] == 0xFF && b[1] == markerSOI && b[2] == 0xFF }
