package matroska_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

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
	})
}
