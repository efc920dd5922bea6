package matroska_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/matroska"
)

func TestTruncatedFileGivesWhatIsWhole(t *testing.T) { containertest.Truncated(t, matroska.Open) }

func TestErrorsOfTheReaderAreReported(t *testing.T) { containertest.Failing(t, matroska.Open) }

func TestDamageDoesNotPanicNorReachOutOfTheFile(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 3))
	for _, seed := range containertest.Seeds(t) {
		for range 300 {
			b := containertest.Break(seed, random)
			containertest.Hostile(t, matroska.Open, bytes.NewReader(b), int64(len(b)))
		}
	}
}

func FuzzOpen(f *testing.F) {
	containertest.Corpus(f, func(b []byte) { f.Add(b) })
	f.Fuzz(func(t *testing.T, b []byte) {
		containertest.Hostile(t, matroska.Open, bytes.NewReader(b), int64(len(b)))
		containertest.Hostile(t, second, bytes.NewReader(b), int64(len(b)))
	})
}

// second opens a file at its first second.
func second(r io.ReaderAt, size int64, opt container.Options) (*container.File, error) {
	f, err := matroska.OpenAt(r, size, opt, time.Second)
	if errors.Is(err, matroska.ErrNoCues) {
		err = container.ErrFormat
	}
	return f, err
}
