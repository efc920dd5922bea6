package mp4

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

func TestTables(t *testing.T) {
	stts := atom("stts", 0, numbers(2, 4, 512))
	stsc := atom("stsc", 0, numbers(3, 1, 4, 1))
	stco := atom("stco", 0, numbers(1, 100))
	stsz := atom("stsz", 0, 0, numbers(1, 10, 20, 30, 40))
	one := func(i int, shift int64, key bool) container.Sample {
		offset := [...]int64{100, 110, 130, 160}
		dts := int64(i) * 512
		return sample(offset[i], 10*(i+1), dts, dts+shift, 512, key)
	}
	plain := []container.Sample{one(0, 0, true), one(1, 0, true), one(2, 0, true), one(3, 0, true)}
	for _, test := range []struct {
		name   string
		tables [][]byte
		want   []container.Sample
	}{
		{"one chunk", [][]byte{stts, stsc, stco, stsz}, plain},
		{"sizes of 16 bits", [][]byte{stts, stsc, stco,
			atom("stz2", 0, 16, 4, []byte{0, 10, 0, 20, 0, 30, 0, 40})}, plain},
		{"sizes of 8 bits", [][]byte{stts, stsc, stco, atom("stz2", 0, 8, 4, []byte{10, 20, 30, 40})}, plain},
		{"sizes of 4 bits", [][]byte{stts, stsc, stco, atom("stz2", 0, 4, 3, []byte{0x12, 0x30})}, []container.Sample{
			sample(100, 1, 0, 0, 512, true), sample(101, 2, 512, 512, 512, true), sample(103, 3, 1024, 1024, 512, true),
		}},
		{"one size", [][]byte{stts, stsc, stco, atom("stsz", 0, 7, 3)}, []container.Sample{
			sample(100, 7, 0, 0, 512, true), sample(107, 7, 512, 512, 512, true), sample(114, 7, 1024, 1024, 512, true),
		}},
		{"offsets of 64 bits", [][]byte{stts, stsc, atom("co64", 0, numbers(2, 0, 100)), stsz}, plain},
		{"chunks in any order", [][]byte{stts, stsz,
			atom("stsc", 0, numbers(3, 1, 1, 1, 3, 2, 1)), atom("stco", 0, numbers(1, 150, 100, 110))},
			[]container.Sample{
				sample(150, 10, 0, 0, 512, true), sample(100, 20, 512, 512, 512, true),
				sample(110, 30, 1024, 1024, 512, true), sample(140, 40, 1536, 1536, 512, true),
			}},
		{"chunks behind the last sample", [][]byte{stts, stsz, stsc, atom("stco", 0, numbers(1, 100, 9, 9))}, plain},
		{"shifts", [][]byte{stts, stsc, stco, stsz, atom("ctts", 0, numbers(2, 1, 1024, 3, 5))},
			[]container.Sample{one(0, 1024, true), one(1, 5, true), one(2, 5, true), one(3, 5, true)}},
		{"shifts back", [][]byte{stts, stsc, stco, stsz, atom("ctts", 1<<24, numbers(2, 2, -3, 2, 0))},
			[]container.Sample{one(0, -3, true), one(1, -3, true), one(2, 0, true), one(3, 0, true)}},
		{"keys", [][]byte{stts, stsc, stco, stsz, atom("stss", 0, numbers(1, 1, 4))},
			[]container.Sample{one(0, 0, true), one(1, 0, false), one(2, 0, false), one(3, 0, true)}},
		{"no keys", [][]byte{stts, stsc, stco, stsz, atom("stss", 0, numbers(1))},
			[]container.Sample{one(0, 0, false), one(1, 0, false), one(2, 0, false), one(3, 0, false)}},
		{"durations that end early", [][]byte{atom("stts", 0, numbers(2, 1, 512)), stsc, stco, stsz}, plain},
		{"a duration below zero", [][]byte{atom("stts", 0, numbers(2, 1, -7, 9, 1)), stsc, stco, stsz}, []container.Sample{
			sample(100, 10, 0, 0, 0, true), sample(110, 20, 0, 0, 1, true),
			sample(130, 30, 1, 1, 1, true), sample(160, 40, 2, 2, 1, true),
		}},
		{"a sample without bytes", [][]byte{stts, stsc, stco, atom("stsz", 0, 0, numbers(1, 10, 0, 5))}, []container.Sample{
			sample(100, 10, 0, 0, 512, true), sample(110, 5, 1024, 1024, 512, true),
		}},
		{"no samples", [][]byte{stts, stsc, stco, atom("stsz", 0, 0, 0)}, nil},
		{"the first of two tables", [][]byte{stts, stsc, stco, stsz, atom("stsz", 0, 0, numbers(1, 1, 1, 1, 1))}, plain},
	} {
		f := film{tracks: []trak{{timescale: 12800, entry: avc1(), tables: test.tables}}}
		track := mustOpen(t, f.file(300)).Tracks[0]
		if diff := cmp.Diff(test.want, containertest.Samples(track)); diff != "" || track.Index.Err() != nil {
			t.Errorf("%s: %v %s", test.name, track.Index.Err(), diff)
		}
	}
}

// What tables say of more than there is, is left out; what is whole remains.
func TestDamagedTables(t *testing.T) {
	stts := atom("stts", 0, numbers(2, 4, 512))
	stsc := atom("stsc", 0, numbers(3, 1, 4, 1))
	stco := atom("stco", 0, numbers(1, 100))
	stsz := atom("stsz", 0, 0, numbers(1, 10, 20, 30, 40))
	lying := func(b []byte, entries int) []byte {
		b = slices.Clone(b)
		binary.BigEndian.PutUint32(b[12:], uint32(entries))
		return b
	}
	for _, test := range []struct {
		name   string
		tables [][]byte
		want   int // samples
	}{
		{"fewer sizes than samples", [][]byte{stts, stsc, stco, atom("stsz", 0, 0, uint32(1<<31), 10, 20)}, 2},
		{"fewer small sizes than samples", [][]byte{stts, stsc, stco, atom("stz2", 0, 4, uint32(1<<31), []byte{0x11})}, 2},
		{"small sizes of 5 bits", [][]byte{stts, stsc, stco, atom("stz2", 0, 5, uint32(1<<31), []byte{0x11})}, 0},
		{"fewer chunks than samples", [][]byte{stts, atom("stsc", 0, numbers(3, 1, 2, 1)), stco, stsz}, 2},
		{"fewer chunks than it says", [][]byte{stts, atom("stsc", 0, numbers(3, 1, 2, 1)), lying(stco, 99), stsz}, 2},
		{"no chunks", [][]byte{stts, stsc, stsz}, 0},
		{"no runs of chunks", [][]byte{stts, stco, stsz}, 0},
		{"samples behind the end of the file", [][]byte{stts, stsc, atom("stco", 0, numbers(1, 250)), stsz}, 3},
		{"a billion samples of one byte", [][]byte{stts,
			atom("stsc", 0, numbers(3, 1, 1<<30, 1)), stco, atom("stsz", 0, 1, 1<<30)}, -1},
		{"chunks that lie on one another", [][]byte{stts,
			atom("stsc", 0, numbers(3, 1, 100, 1)), atom("stco", 0, numbers(1, slices.Repeat([]int{50}, 500)...)),
			atom("stsz", 0, 1, 1<<30)}, -1},
		{"durations that are cut off", [][]byte{lying(stts, 7), stsc, stco, lying(lying(stsz, 0), 0)}, -1},
	} {
		f := film{tracks: []trak{{timescale: 12800, entry: avc1(), tables: test.tables}}}
		b := slices.Concat(ftyp(), f.moov())
		b = append(b, make([]byte, max(320-len(b), 0))...)
		if test.name == "samples behind the end of the file" {
			b = slices.Concat(ftyp(), f.moov())
			at := bytes.Index(b, []byte("stco")) + 12
			binary.BigEndian.PutUint32(b[at:], uint32(len(b)-70)) // 10+20+30 fit
		}
		x := mustOpen(t, b).Tracks[0].Index
		if test.want >= 0 && x.Len() != test.want {
			t.Errorf("%s: %d samples, want %d", test.name, x.Len(), test.want)
		}
		if !x.Complete() || test.want >= 0 && !isDamage(x.Err()) {
			t.Errorf("%s: complete %v, %v", test.name, x.Complete(), x.Err())
		}
		if limit := 2*len(b) + 4096; x.Bytes() > limit {
			t.Errorf("%s: %d bytes of index for a file of %d", test.name, x.Bytes(), len(b))
		}
	}
}

func TestEditLists(t *testing.T) {
	tables := func(n int) [][]byte { return simple(firstByte, 512, slices.Repeat([]int{1}, n)...) }
	for _, test := range []struct {
		name        string
		elst        []byte
		first, last int64 // PTS
	}{
		{"none", nil, 0, 99 * 512},
		{"the whole", atom("elst", 0, 1, 4000, 0, 1<<16), 0, 99 * 512},
		{"later", atom("elst", 0, 1, 4000, 1024, 1<<16), -1024, 97 * 512},
		{"delayed", atom("elst", 0, 2, 500, -1, 1<<16, 4000, 0, 1<<16), 6400, 6400 + 99*512},
		{"delayed twice, and later", atom("elst", 0, 3, 500, -1, 1<<16, 500, -1, 1<<16, 4000, 512, 1<<16), 12288, 12288 + 99*512},
		{"64 bits", atom("elst", 1<<24, 2, int64(500), int64(-1), 1<<16, int64(4000), int64(0), 1<<16), 6400, 6400 + 99*512},
		{"1 s of it", atom("elst", 0, 1, 1000, 0, 1<<16), 0, 25 * 512},
		{"without end", atom("elst", 0, 1, 0, 512, 1<<16), -512, 98 * 512},
		{"two pieces", atom("elst", 0, 2, 1000, 0, 1<<16, 1000, 25600, 1<<16), 0, 99 * 512},
		{"nonsense", atom("elst", 1<<24, 2, int64(math.MaxInt64), int64(-1), 1<<16, int64(1), int64(0), 1<<16), 0, 0},
		{"cut off", atom("elst", 0, 5, 1), 0, 0},
	} {
		tr := trak{timescale: 12800, entry: avc1(), tables: tables(100)}
		if test.elst != nil {
			tr.extra = [][]byte{atom("edts", test.elst)}
		}
		f := mustOpen(t, (&film{tracks: []trak{tr}}).file(200))
		if test.last == 0 {
			continue // nothing has to come of it
		}
		samples := containertest.Samples(f.Tracks[0])
		if first, last := samples[0].PTS, samples[len(samples)-1].PTS; first != test.first || last != test.last {
			t.Errorf("%s: from %d to %d, want %d to %d", test.name, first, last, test.first, test.last)
		}
	}
}

// A sample in an edit is shown even if one that is decoded before it is not.
func TestEditKeepsWhatIsNeeded(t *testing.T) {
	tr := trak{timescale: 1000, entry: avc1(), tables: append(simple(firstByte, 40, 1, 1, 1, 1, 1),
		atom("ctts", 0, numbers(2, 1, 0, 1, 80, 2, 0, 1, 40)))}
	tr.extra = [][]byte{atom("edts", atom("elst", 0, 1, 81, 0, 1<<16))}
	f := mustOpen(t, (&film{tracks: []trak{tr}}).file(200))
	if n := f.Tracks[0].Index.Len(); n != 3 { // at 0; at 120, which the third may be made of; at 80
		t.Errorf("%d samples", n)
	}
}

func TestTracksThatCannotBePlayed(t *testing.T) {
	good := trak{id: 1, timescale: 12800, entry: avc1(), tables: simple(firstByte, 512, 1, 1)}
	for _, test := range []struct {
		name string
		bad  trak
		want string
	}{
		{"codec", trak{id: 2, timescale: 1, entry: atom("tx3g", make([]byte, 50))}, `track 2: codec "tx3g"`},
		{"encrypted", trak{id: 3, timescale: 1, entry: video("encv")}, "track 3: encrypted"},
		{"configuration", trak{id: 2, timescale: 1, entry: video("avc1")}, "track 2: no decoder configuration"},
		{"broken configuration", trak{id: 2, timescale: 1, entry: video("avc1", atom("avcC", 1))}, "track 2: a broken decoder configuration"},
		{"short", trak{id: 2, timescale: 1, entry: atom("avc1", make([]byte, 20))}, "track 2: a sample description that is too short"},
		{"timescale", trak{id: 2, timescale: 0, entry: avc1()}, "track 2: no timescale"},
		{"elsewhere", trak{id: 2, timescale: 1, entry: avc1(), dref: atom("dref", 0, 1, atom("url ", 0, "x"))},
			"track 2: its data is in another file"},
		{"object type", trak{id: 2, timescale: 1, entry: audio("mp4a", 2, 16, 48000,
			atom("esds", 0, []byte{3, 18, 0, 0, 0, 4, 13, 0xDD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}))}, "track 2: object type 0xDD"},
		{"float", trak{id: 2, timescale: 1, entry: sound2("lpcm", 2, 32, 48000, flagFloat)}, "track 2: PCM of a kind that RTP has no name for"},
		{"chapters", trak{id: 2, timescale: 1, entry: video("jpeg"), extra: [][]byte{atom("tref", atom("chap", 2))}}, "track 2: chapters"},
		{"description", trak{id: 2, timescale: 1, entry: nil}, "track 2: no sample description"},
	} {
		f := mustOpen(t, (&film{tracks: []trak{good, test.bad}}).file(100))
		if len(f.Tracks) != 1 || f.Tracks[0].Index.Len() != 2 {
			t.Errorf("%s: %d tracks", test.name, len(f.Tracks))
		}
		if diff := cmp.Diff([]string{test.want}, f.Skipped); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// sound2 is a sample description of QuickTime, version 2.
func sound2(tag string, channels, bits int, rate float64, flags int) []byte {
	return atom(tag, make([]byte, 6), uint16(1), uint16(2), make([]byte, 6), uint16(3), uint16(16), uint16(0xFFFE), uint16(0),
		1<<16, 72, math.Float64bits(rate), channels, 0x7F000000, bits, flags, channels*bits/8, 1)
}

// sound1 is a sample description of QuickTime, version 1.
func sound1(tag string, channels, bits, rate int, boxes ...any) []byte {
	return atom(tag, append([]any{make([]byte, 6), uint16(1), uint16(1), make([]byte, 6), uint16(channels), uint16(bits),
		uint16(0xFFFE), uint16(0), rate << 16, 1024, 0, 0, 2}, boxes...)...)
}

func TestSampleDescriptions(t *testing.T) {
	quick := atom("ftyp", "qt  ", 0, "qt  ")
	for _, test := range []struct {
		name  string
		entry []byte
		want  string
	}{
		{"lpcm", sound2("lpcm", 2, 16, 96000, flagSigned|flagBigEndian), "1 L16 1/96000 96000 2ch 96000Hz"},
		{"8 bits", audio("raw ", 1, 8, 8000), "1 L16 1/8000 8000 1ch 8000Hz"},
		{"ipcm", audio("ipcm", 2, 16, 48000, atom("pcmC", 0, []byte{1, 24})), "1 L16 1/48000 48000 2ch 48000Hz"},
		{"rate of the timescale", audio("sowt", 1, 16, 0), "1 L16 1/12800 12800 1ch 12800Hz"},
		{"aac in wave", sound1("mp4a", 2, 16, 44100, atom("wave", atom("frma", "mp4a"), atom("mp4a", 0), esds(), 0, 0)),
			"1 mpeg4-generic 1/12800 48000 2ch 48000Hz [11]"},
		{"aac in version 1", sound1("mp4a", 2, 16, 44100, esds()), "1 mpeg4-generic 1/12800 48000 2ch 48000Hz [11]"},
		{"mp3 of QuickTime", sound1(".mp3", 2, 16, 44100), "1 MPA 1/12800 90000 2ch 44100Hz"},
		{"mjpa", video("mjpa"), "1 JPEG 1/12800 90000 64x48"},
		{"vp8", video("vp08"), "1 VP8 1/12800 90000 64x48"},
		{"opus", audio("Opus", 2, 16, 48000, atom("dOps", []byte{0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0})), "1 opus 1/12800 48000 6ch 48000Hz"},
		{"ac3", audio("ac-3", 2, 16, 48000, atom("dac3", []byte{0x50, 0x3C, 0})), "1 ac3 1/12800 44100 6ch 44100Hz"},
		{"jpeg by object type", video("mp4v", atom("esds", 0,
			[]byte{3, 18, 0, 0, 0, 4, 13, 0x6C, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})), "1 JPEG 1/12800 90000 64x48"},
		{"lengths of two bytes", video("avc1", atom("avcC", []byte{1, 66, 0, 30, 0xFD, 0xE0, 0})), "1 H264 1/12800 90000 64x48 NAL 2"},
		{"parameter sets cut off", video("avc1", atom("avcC", []byte{1, 66, 0, 30, 0xFF, 0xE2, 0, 2, 0x67, 1, 0, 9, 1})),
			"1 H264 1/12800 90000 64x48 NAL 4 [67]"},
	} {
		f := film{tracks: []trak{{timescale: 12800, entry: test.entry}}}
		if got := describe(mustOpen(t, append(slices.Clone(quick), f.moov()...))); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
	// The second version of ISO/IEC 14496-12 writes version 1 too, but as version 0.
	f := film{tracks: []trak{{timescale: 12800, entry: audio("mp4a", 2, 16, 48000, esds())}}}
	b := append(ftyp(), f.moov()...)
	b[bytes.Index(b, []byte("mp4a"))+4+9] = 1
	if got, want := describe(mustOpen(t, b)), "1 mpeg4-generic 1/12800 48000 2ch 48000Hz [11]"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// Samples of a description that the decoder of the first one does not understand are left out.
func TestTheFirstDescriptionInUseCounts(t *testing.T) {
	other := video("avc1", atom("avcC", []byte{1, 66, 0, 30, 0xFF, 0xE1, 0, 2, 0x67, 9, 1, 0, 2, 0x68, 9}))
	for _, test := range []struct {
		name    string
		entries []byte
		offsets []int64
	}{
		{"other parameters", slices.Concat(avc1(), other, avc1()), []int64{firstByte, firstByte + 2}},
		{"the same", slices.Concat(avc1(), avc1(), other), []int64{firstByte, firstByte + 1, firstByte + 2}},
	} {
		tr := trak{timescale: 12800, entry: test.entries, tables: [][]byte{
			atom("stts", 0, numbers(2, 3, 512)),
			atom("stsc", 0, numbers(3, 1, 1, 1, 2, 1, 2, 3, 1, 1)),
			atom("stsz", 0, 1, 3),
			atom("stco", 0, numbers(1, firstByte, firstByte+1, firstByte+2)),
		}}
		var got []int64
		for _, s := range containertest.Samples(mustOpen(t, (&film{tracks: []trak{tr}}).file(100)).Tracks[0]) {
			got = append(got, s.Offset)
		}
		if diff := cmp.Diff(test.offsets, got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// PCM has a sample for each frame, which are made to blocks of 20 ms.
func TestBlocksOfPCM(t *testing.T) {
	tr := trak{timescale: 8000, entry: audio("twos", 2, 16, 8000), tables: [][]byte{
		atom("stts", 0, numbers(2, 520, 1)),
		atom("stsc", 0, numbers(3, 1, 100, 1, 3, 160, 1)),
		atom("stsz", 0, 1, 520),                                    // as QuickTime has it
		atom("stco", 0, numbers(1, 100, 500, 1000, 1640, 0, 0, 0)), // the first two and the last two are one piece
	}}
	want := []container.Sample{
		sample(100, 640, 0, 0, 160, true), sample(740, 160, 160, 160, 40, true),
		sample(1000, 640, 200, 200, 160, true), sample(1640, 640, 360, 360, 160, true),
	}
	f := mustOpen(t, (&film{tracks: []trak{tr}}).file(4000))
	if diff := cmp.Diff(want, containertest.Samples(f.Tracks[0])); diff != "" || f.Tracks[0].Index.Err() != nil {
		t.Errorf("%v %s", f.Tracks[0].Index.Err(), diff)
	}
}

func TestParameterSetsAreFoundInTheBand(t *testing.T) {
	avc3 := video("avc3", atom("avcC", []byte{1, 66, 0, 30, 0xFF, 0xE0, 0}))
	frame := []byte{0, 0, 0, 2, 0x67, 7, 0, 0, 0, 2, 0x68, 8, 0, 0, 0, 3, 0x65, 1, 2}
	f := film{tracks: []trak{{timescale: 12800, entry: avc3, tables: simple(firstByte, 512, len(frame))}}}
	b := f.file(100)
	copy(b[firstByte:], frame)
	if diff := cmp.Diff([][]byte{{0x67, 7}, {0x68, 8}}, mustOpen(t, b).Tracks[0].Config); diff != "" {
		t.Error(diff)
	}
	copy(b[firstByte:], []byte{0xFF, 0xFF, 0xFF, 0xFF})
	if c := mustOpen(t, b).Tracks[0].Config; c != nil {
		t.Errorf("%v out of nothing", c)
	}
}

func TestLastOBUGetsItsSize(t *testing.T) {
	for _, test := range []struct {
		name       string
		unit, want []byte
	}{
		{"all have sizes", []byte{0x0A, 1, 7, 0x32, 2, 8, 9}, []byte{0x0A, 1, 7, 0x32, 2, 8, 9}},
		{"the last has none", []byte{0x0A, 1, 7, 0x30, 8, 9}, []byte{0x0A, 1, 7, 0x32, 2, 8, 9}},
		{"only one", []byte{0x30, 8, 9}, []byte{0x32, 2, 8, 9}},
		{"with extension", []byte{0x34, 0x20, 8, 9}, []byte{0x36, 0x20, 2, 8, 9}},
		{"empty", []byte{0x30}, []byte{0x32, 0}},
		{"broken", []byte{0x0A, 99, 7}, []byte{0x0A, 99, 7}},
		{"extension cut off", []byte{0x34}, []byte{0x34}},
	} {
		r := sizer{container.NewReader(bytes.NewReader(test.unit))}
		for _, room := range []int{0, len(test.unit), 100} {
			got, err := r.ReadSample(container.Sample{Size: len(test.unit)}, make([]byte, 0, room))
			if err != nil || !bytes.Equal(got, test.want) {
				t.Errorf("%s: % x, want % x, %v", test.name, got, test.want, err)
			}
		}
	}
}

func TestOtherFilesAreOfAnotherFormat(t *testing.T) {
	for _, b := range []string{
		"", "\x00", "\x00\x00\x00\x08moo", "RIFF....AVI LIST", "\x1aE\xdf\xa3aaaaaaaaaaaaaaaaaaaaa", "OggS....",
		"\x00\x00\x00\x01\x67abcdefgh", "\x00\x00\x00\x0cjP  \r\n\x87\n", "free", "\x00\x00\x00\x08free",
		"\x00\x00\x00\x08free\x00\x00\x00\x02free", "\x00\x00\x00\x02ftyp",
		string(atom("ftyp", "heic", 0)) + string(atom("meta", 0)),
	} {
		if _, err := open([]byte(b)); !errors.Is(err, container.ErrFormat) {
			t.Errorf("%q: %v", b, err)
		}
	}
}

func TestFilesWithoutWholeHeaderAreDamaged(t *testing.T) {
	good := film{tracks: []trak{{timescale: 1, entry: avc1()}}}
	for _, test := range []struct {
		name string
		file []byte
	}{
		{"no header", append(ftyp(), atom("mdat", make([]byte, 100))...)},
		{"header cut off", append(ftyp(), good.moov()[:100]...)},
		{"a segment", append(atom("styp", "msdh", 0), atom("moof", 0)...)},
		{"a box smaller than its header", append(ftyp(), "\x00\x00\x00\x07mdat"...)},
		{"compressed", append(ftyp(), atom("moov", atom("cmov", 0))...)},
		{"many boxes", append(ftyp(), bytes.Repeat(atom("free"), maxTop+1)...)},
		{"many boxes in the header", append(ftyp(), atom("moov", bytes.Repeat(atom("free"), maxBoxes+1))...)},
	} {
		if _, err := open(test.file); !isDamage(err) || errors.Is(err, container.ErrFormat) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// A file that is cut off anywhere has the samples that are whole, or is damaged, or is none.
func TestTruncatedFiles(t *testing.T) {
	for _, name := range []string{"bframes.mp4", "fragments.mp4", "ulaw.mov"} {
		b := contents(t, filepath.Join("testdata", name))
		if strings.Contains(name, "bframes") { // its header in front, so that it can lose data
			b = headerInFront(b)
		}
		step := max(len(b)/1000, 1)
		for size := 0; size < len(b); size += step {
			containertest.Hostile(t, Open, bytes.NewReader(b[:size]), int64(size))
			// So does one that is shorter than its size.
			containertest.Hostile(t, Open, bytes.NewReader(b[:size]), int64(len(b)))
		}
	}
}

// headerInFront moves the box "moov" before the media data, and the samples with that.
func headerInFront(b []byte) []byte {
	at := bytes.Index(b, []byte("moov")) - 4
	size := int(binary.BigEndian.Uint32(b[at:]))
	moov := slices.Clone(b[at : at+size])
	for i := 0; ; {
		next := bytes.Index(moov[i:], []byte("stco"))
		if next < 0 {
			break
		}
		i += next + 8
		n := int(binary.BigEndian.Uint32(moov[i:]))
		for j := range n {
			p := moov[i+4+4*j:]
			binary.BigEndian.PutUint32(p, binary.BigEndian.Uint32(p)+uint32(size))
		}
	}
	mdat := bytes.Index(b, []byte("mdat")) - 4
	return slices.Concat(b[:mdat], moov, b[mdat:at], b[at+size:])
}

func TestHeaderInFront(t *testing.T) {
	b := contents(t, "testdata/bframes.mp4")
	before, after := mustOpen(t, b), mustOpen(t, headerInFront(b))
	for i := range before.Tracks {
		want, err := containertest.Bytes(before.Tracks[i])
		if err != nil {
			t.Fatal(err)
		}
		got, err := containertest.Bytes(after.Tracks[i])
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("track %d: %v %s", i, err, diff)
		}
	}
}

func TestDurationOfAFile(t *testing.T) {
	f := mustOpen(t, contents(t, "testdata/edit.mp4"))
	if got := f.Duration(); got < 1300*time.Millisecond || got > 1350*time.Millisecond {
		t.Errorf("%v", got)
	}
}

func FuzzOpen(f *testing.F) {
	for _, name := range media(f) {
		f.Add(contents(f, name))
	}
	film := film{tracks: []trak{
		{timescale: 12800, entry: avc1(), tables: simple(firstByte, 512, 1, 2, 3)},
		{id: 2, timescale: 8000, entry: audio("sowt", 1, 16, 8000), tables: [][]byte{
			atom("stts", 0, numbers(2, 520, 1)), atom("stsc", 0, numbers(3, 1, 100, 1)),
			atom("stsz", 0, 1, 520), atom("stco", 0, numbers(1, 20, 40)),
		}},
	}}
	f.Add(film.file(2000))
	f.Add(many(3))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkHostile(t, b)
		growing, err := Open(bytes.NewReader(b), int64(len(b)/2), container.Options{})
		if err != nil || growing.Refresh == nil {
			return
		}
		if _, err := growing.Refresh(int64(len(b))); err != nil && !containertest.Damage(err) {
			t.Errorf("refresh: %v", err)
		}
	})
}
