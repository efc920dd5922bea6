package mp4

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/baton-rtsp/baton/internal/container/containertest"
)

// Whatever a file claims, opening it neither fails in a way that is not in the contract nor takes longer or more memory
// than its size justifies.
func TestDamagedFiles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	seeds := [][]byte{many(3)}
	for _, name := range media(t) {
		seeds = append(seeds, contents(t, name))
	}
	for range 2000 {
		b := slices.Clone(seeds[r.IntN(len(seeds))])
		for range 1 + r.IntN(5) {
			damage(r, b)
		}
		checkHostile(t, b)
	}
}

// damage overwrites something, mostly in the movie header.
func damage(r *rand.Rand, b []byte) {
	const most = 2000 // of the header
	at, end := 0, len(b)-4
	if i := bytes.Index(b, []byte("moov")); i >= 0 && r.IntN(4) > 0 {
		at, end = i, min(end, i+most)
	}
	at += r.IntN(max(end-at, 1))
	values := [][]byte{{byte(r.Uint32())}, {255, 255, 255, 255}, {0, 0, 0, 0}, {63, 255, 255, 255}, {0, 0, 0, 1}}
	copy(b[at:], values[r.IntN(len(values))])
}

// checkHostile opens a file of any content.
func checkHostile(t *testing.T, b []byte) {
	t.Helper()
	f := containertest.Hostile(t, Open, bytes.NewReader(b), int64(len(b)))
	if f == nil {
		return
	}
	size := 0
	for _, track := range f.Tracks {
		size += track.Index.Bytes()
	}
	if most := 2*len(b) + 8192*len(f.Tracks); size > most {
		t.Errorf("%d bytes of index for a file of %d", size, len(b))
	}
}

// Each of these took minutes, gigabytes or a panic once, or was written to.
func TestHostileFiles(t *testing.T) {
	coded := func(tables ...[]byte) []byte {
		f := film{tracks: []trak{{timescale: 12800, entry: avc1(), tables: tables}}}
		return f.file(1000)
	}
	stts, stsc := atom("stts", 0, numbers(2, 4, 512)), atom("stsc", 0, numbers(3, 1, 4, 1))
	stsz, stco := atom("stsz", 0, 0, numbers(1, 10, 20, 30, 40)), atom("stco", 0, numbers(1, 100))
	const lots = -1 // all bits of the 32 that are written, and an int on any machine
	for name, b := range map[string][]byte{
		"keys":             coded(stts, stsc, stsz, stco, atom("stss", 0, lots, 1)),
		"durations":        coded(atom("stts", 0, lots, 0, 1), stsc, stsz, stco),
		"empty durations":  coded(atom("stts", 0, numbers(2, 0, 1, 0, 2, 0, 3)), stsc, stsz, stco),
		"shifts":           coded(stts, stsc, stsz, stco, atom("ctts", 0, lots, 1, 1)),
		"runs of chunks":   coded(stts, atom("stsc", 0, lots, 1, 1, 1), stsz, stco),
		"first chunks":     coded(stts, atom("stsc", 0, numbers(3, 9, 1, 1, 9, 1, 1, 0, 0, 1, 0, 1, 1)), stsz, stco),
		"chunks":           coded(stts, stsc, stsz, atom("stco", 0, lots, 100)),
		"sizes":            coded(stts, stsc, atom("stsz", 0, 0, lots), stco),
		"a size":           coded(stts, atom("stsc", 0, numbers(3, 1, lots, 1)), atom("stsz", 0, 1, lots), stco),
		"sizes of nothing": coded(stts, atom("stsc", 0, numbers(3, 1, lots, 1)), atom("stsz", 0, 0, numbers(1, make([]int, 300)...)), stco),
		"far away":         coded(stts, stsc, stsz, atom("co64", 0, 1, int64(math.MaxInt64))),
		"a wide header at the end": append(ftyp(), atom("moov", atom("trak", atom("mdia", atom("minf",
			atom("stbl", atom("stsd", 0, 1, 1, "avc1"))))))...),
		"late fragments": append(fragmented(videoTrack()), fragmentOf(100, atom("traf",
			atom("tfhd", headFromMoof|headSize, 1, 1), atom("tfdt", 1<<24, int64(1)<<60),
			atom("tfdt", 1<<24, int64(math.MaxInt64)), atom("trun", runOffset, lots, 0)))...),
		"long fragments": append(fragmented(videoTrack()), fragmentOf(100, atom("traf",
			atom("tfhd", headFromMoof|headSize|headDuration, 1, lots, 1), atom("trun", runOffset, lots, 0),
			atom("tfhd", headFromMoof|headSize, 1, 0), atom("trun", 0, lots), atom("trun", 0, lots)))...),
		"boxes between fragments": append(fragmented(videoTrack()), bytes.Repeat(atom("free"), 2*maxIdle)...),
		"PCM without bits": (&film{tracks: []trak{{timescale: 1, entry: audio("twos", 1, 0, 8000), tables: [][]byte{
			stts, stsc, stsz, stco}}}}).file(1000),
		"PCM without end": (&film{tracks: []trak{{timescale: 1, entry: audio("ulaw", 1, 8, 1), tables: [][]byte{
			stts, atom("stsc", 0, numbers(3, 1, lots, 1)), atom("stsz", 0, 1, lots),
			atom("stco", 0, numbers(1, make([]int, 200)...))}}}}).file(1000),
		"tracks": (&film{tracks: slices.Repeat([]trak{{timescale: 1, entry: avc1(), tables: [][]byte{
			stts, stsc, stsz, stco}}}, 2*maxTracks)}).file(1000),
	} {
		t.Run(name, func(t *testing.T) { checkHostile(t, b) })
	}
}
