package adts_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/baton-rtsp/baton/internal/container/adts"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

func TestTruncatedFileGivesWhatIsWhole(t *testing.T) { containertest.Truncated(t, adts.Open) }

func TestErrorsOfTheReaderAreReported(t *testing.T) { containertest.Failing(t, adts.Open) }

func TestDamageDoesNotPanicNorReachOutOfTheFile(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 3))
	for _, seed := range containertest.Seeds(t) {
		for range 300 {
			b := containertest.Break(seed, random)
			containertest.Hostile(t, adts.Open, bytes.NewReader(b), int64(len(b)))
		}
	}
}

func FuzzOpen(f *testing.F) {
	containertest.Corpus(f, func(b []byte) { f.Add(b) })
	f.Fuzz(func(t *testing.T, b []byte) {
		containertest.Hostile(t, adts.Open, bytes.NewReader(b), int64(len(b)))
	})
}
