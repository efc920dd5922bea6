package matroska_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/matroska"
)

// el is an element. Its size takes eight bytes, so that all positions are easy to tell.
func el(id uint32, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	return slices.Concat(idBytes(id), binary.BigEndian.AppendUint64(nil, 1<<56|uint64(len(body))), body)
}

// openEnded is an element of unknown size.
func openEnded(id uint32, parts ...[]byte) []byte {
	return slices.Concat(idBytes(id), []byte{0xFF}, slices.Concat(parts...))
}

func idBytes(id uint32) []byte {
	return bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, id), "\x00")
}

func num(id uint32, v uint64) []byte { return el(id, binary.BigEndian.AppendUint64(nil, v)) }
func str(id uint32, s string) []byte { return el(id, []byte(s)) }
func head() []byte                   { return el(0x1A45DFA3, str(0x4282, "matroska")) }

func entry(number uint64, kind uint64, codec string, more ...[]byte) []byte {
	return el(0xAE, append([][]byte{num(0xD7, number), num(0x83, kind), str(0x86, codec)}, more...)...)
}

func tracks(entries ...[]byte) []byte { return el(0x1654AE6B, entries...) }

func cluster(time uint64, blocks ...[]byte) []byte {
	return el(0x1F43B675, append([][]byte{num(0xE7, time)}, blocks...)...)
}

func simple(track byte, time int16, flags byte, data string) []byte {
	return el(0xA3, []byte{0x80 | track, byte(time >> 8), byte(time), flags}, []byte(data))
}

func group(track byte, time int16, flags byte, data string, more ...[]byte) []byte {
	block := el(0xA1, []byte{0x80 | track, byte(time >> 8), byte(time), flags}, []byte(data))
	return el(0xA0, append([][]byte{block}, more...)...)
}

func reference() []byte { return el(0xFB, []byte{0xFF}) }

// Tracks that need no configuration.
func vp8() []byte  { return entry(1, 1, "V_VP8") }
func opus() []byte { return entry(2, 2, "A_OPUS", num(0x56AA, 6_500_000)) }

func segment(parts ...[]byte) []byte { return append(head(), el(0x18538067, parts...)...) }

// samples is the times and bytes of the samples of a track, and which are keys.
func samples(t *testing.T, f *container.File, track int) (times []int64, data []string, keys string) {
	t.Helper()
	for _, s := range containertest.Samples(f.Tracks[track]) {
		times = append(times, s.PTS)
		keys += map[bool]string{true: "k", false: "-"}[s.Key]
		b, err := f.Tracks[track].Reader.ReadSample(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, string(b))
	}
	return times, data, keys
}

func read(t *testing.T, b []byte) *container.File {
	t.Helper()
	f, err := matroska.Open(bytes.NewReader(b), int64(len(b)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := containertest.Scan(f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestBlocksBecomeSamples(t *testing.T) {
	const cell = 9000 // 100 ms
	for _, c := range []struct {
		name  string
		file  []byte
		times []int64
		data  string
		keys  string
	}{
		{"simple blocks", segment(tracks(vp8()), cluster(0, simple(1, 0, 0x80, "a"), simple(1, 100, 0, "bc"))), []int64{0, cell}, "a bc", "k-"},
		{"groups", segment(tracks(vp8()), cluster(0, group(1, 0, 0, "a"), group(1, 100, 0, "b", reference()))), []int64{0, cell}, "a b", "k-"},
		{"two clusters", segment(tracks(vp8()), cluster(0, simple(1, 0, 0x80, "a")), cluster(100, simple(1, 0, 0, "b"))), []int64{0, cell}, "a b", "k-"},
		{"times before the cluster's", segment(tracks(vp8()), cluster(200, simple(1, -100, 0x80, "a"), simple(1, 0, 0, "b"))), []int64{0, cell}, "a b", "k-"},
		{"begins late", segment(tracks(vp8()), cluster(5000, simple(1, 0, 0x80, "a"), simple(1, 100, 0, "b"))), []int64{0, cell}, "a b", "k-"},
		{"unknown sizes", append(head(), openEnded(0x18538067, tracks(vp8()),
			openEnded(0x1F43B675, num(0xE7, 0), simple(1, 0, 0x80, "a")), openEnded(0x1F43B675, num(0xE7, 100), simple(1, 0, 0, "b")), el(0x1254C367))...), []int64{0, cell}, "a b", "k-"},
		{"tracks behind the cluster", segment(cluster(0, simple(1, 0, 0x80, "a"), simple(1, 100, 0, "b")), tracks(vp8())), []int64{0, cell}, "a b", "k-"},
		{"void, checksum and what is not known", segment(el(0xEC, make([]byte, 99)), tracks(vp8()), cluster(0, el(0xBF, make([]byte, 4)), simple(1, 0, 0x80, "a"), el(0x7FFF, []byte("xx")), simple(1, 100, 0, "b"))), []int64{0, cell}, "a b", "k-"},
		{"Xiph lacing", segment(tracks(vp8()), cluster(0, simple(1, 0, 0x82, "\x02\x01\x02abbccc"))), []int64{0, 0, 0}, "a bb ccc", "kkk"},
		{"fixed lacing", segment(tracks(vp8()), cluster(0, simple(1, 0, 0x84, "\x02aabbcc"))), []int64{0, 0, 0}, "aa bb cc", "kkk"},
		{"EBML lacing", segment(tracks(vp8()), cluster(0, simple(1, 0, 0x86, "\x02\x81\xC0abbccccc"))), []int64{0, 0, 0}, "a bb ccccc", "kkk"},
		{"lacing with a known duration", segment(tracks(entry(1, 1, "V_VP8", num(0x23E383, 100_000_000))), cluster(0, simple(1, 0, 0x84, "\x01ab"))), []int64{0, cell}, "a b", "kk"},
		{"other tracks are left out", segment(tracks(vp8(), entry(3, 17, "S_TEXT/UTF8")), cluster(0, simple(3, 0, 0x80, "x"), simple(1, 0, 0x80, "a"), simple(9, 0, 0, "y"), simple(1, 100, 0, "b"))), []int64{0, cell}, "a b", "k-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			times, data, keys := samples(t, read(t, c.file), 0)
			if !slices.Equal(times, c.times) || strings.Join(data, " ") != c.data || keys != c.keys {
				t.Errorf("got %v %q %s", times, data, keys)
			}
		})
	}
}

func TestStrippedHeadersAreBack(t *testing.T) {
	coding := el(0x6D80, el(0x6240, el(0x5034, num(0x4254, 3), str(0x4255, "VP"))))
	f := read(t, segment(tracks(entry(1, 1, "V_VP8", coding)), cluster(0, simple(1, 0, 0x80, "a"), simple(1, 1, 0, "b"))))
	if _, data, _ := samples(t, f, 0); !slices.Equal(data, []string{"VPa", "VPb"}) {
		t.Errorf("got %q", data)
	}
}

// An Opus track begins before the presentation does, by what the decoder drops; its packets tell how long they last.
func TestOpusCountsSamples(t *testing.T) {
	// Frames of 20 ms, whose times in the file are rounded, then a gap.
	f := read(t, segment(tracks(vp8(), opus()), cluster(0,
		simple(1, 0, 0x80, "v"), simple(2, 0, 0x80, "\xF8a"), simple(2, 21, 0x80, "\xF8b"), simple(2, 40, 0x84, "\x01\xF8c\xF8d"), simple(2, 500, 0x80, "\xF8e"))))
	times, _, _ := samples(t, f, 1)
	if want := []int64{-312, 648, 1608, 2568, 24000 - 312}; !slices.Equal(times, want) {
		t.Errorf("got %v, want %v", times, want)
	}
}

func TestTracksThatCannotBePlayedAreSkipped(t *testing.T) {
	encrypted := el(0x6D80, el(0x6240, num(0x5033, 1)))
	zlib := el(0x6D80, el(0x6240, el(0x5034, num(0x4254, 0))))
	f := read(t, segment(tracks(
		vp8(), entry(2, 2, "A_MS/ACM"), entry(3, 2, "A_FLAC"), entry(4, 1, "V_VP8", encrypted), entry(5, 1, "V_VP8", zlib),
		entry(6, 17, "S_TEXT/UTF8"), entry(1, 1, "V_VP9"), entry(7, 1, "V_MPEG4/ISO/AVC", str(0x63A2, "x")), entry(0, 1, "V_VP8"),
	), cluster(0)))
	if len(f.Tracks) != 1 || len(f.Skipped) != 8 {
		t.Errorf("%d tracks, skipped %q", len(f.Tracks), f.Skipped)
	}
}

// The last OBU of a block may lack its size; a sample does not.
func TestAV1HasSizes(t *testing.T) {
	f := read(t, segment(tracks(entry(1, 1, "V_AV1", str(0x63A2, "\x81\x00\x00\x00\x0A\x01h"))),
		cluster(0, simple(1, 0, 0x80, "\x0A\x01h\x30frame"), simple(1, 1, 0, "\x32\x01f"), simple(1, 2, 0, "\x32\x99"))))
	_, data, _ := samples(t, f, 0)
	if want := []string{"\x0A\x01h\x32\x05frame", "\x32\x01f", "\x32\x99"}; !slices.Equal(data, want) {
		t.Errorf("got %q, want %q", data, want)
	}
	if len(f.Tracks[0].Config) != 1 || string(f.Tracks[0].Config[0]) != "\x0A\x01h" {
		t.Errorf("config %q", f.Tracks[0].Config)
	}
}

func TestDamage(t *testing.T) {
	good := cluster(200, simple(1, 0, 0x80, "c"))
	for _, c := range []struct {
		name string
		file []byte
		data []string // nil: cannot be opened
	}{
		{"malformed block is left out", segment(tracks(vp8()), cluster(0, simple(1, 0, 0x80, "a"), simple(1, 0, 0x82, "\x05\xFF"), simple(1, 100, 0, "b")), good), []string{"a", "b", "c"}},
		{"block larger than its cluster", segment(tracks(vp8()), cluster(0, simple(1, 0, 0x80, "a"), []byte{0xA3, 0x4F, 0xFF, 0x81}), good), []string{"a", "c"}},
		{"no element", segment(tracks(vp8()), cluster(0, simple(1, 0, 0x80, "a"), make([]byte, 40)), good), []string{"a", "c"}},
		{"impossible time", segment(tracks(vp8()), cluster(0, simple(1, 0, 0x80, "a")), cluster(1<<62, simple(1, 0, 0, "b")), good), []string{"a", "c"}},
		{"nothing but zeros", segment(tracks(vp8()), cluster(0, simple(1, 0, 0x80, "a")), make([]byte, 40)), []string{"a"}},
		{"block of unknown size", segment(tracks(vp8()), cluster(0, simple(1, 0, 0x80, "a"), []byte{0xA3, 0xFF}), good), []string{"a", "c"}},
		{"no tracks", segment(good), nil},
		{"no segment", head(), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := matroska.Open(bytes.NewReader(c.file), int64(len(c.file)), container.Options{})
			if c.data == nil {
				if !containertest.Damage(err) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			containertest.Scan(f)
			if _, data, _ := samples(t, f, 0); !slices.Equal(data, c.data) {
				t.Errorf("got %q, want %q", data, c.data)
			}
			if err := f.Tracks[0].Index.Err(); !containertest.Damage(err) {
				t.Errorf("index ends with %v", err)
			}
		})
	}
}

func TestOtherFilesAreNone(t *testing.T) {
	for _, b := range []string{"", "RIFF", "\x1A\x45\xDF\xA3", string(el(0x1A45DFA3, str(0x4282, "doc"))), "\x1A\x45\xDF\xA3\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF"} {
		if _, err := matroska.Open(strings.NewReader(b), int64(len(b)), container.Options{}); !errors.Is(err, container.ErrFormat) {
			t.Errorf("%q: got %v, want ErrFormat", b, err)
		}
	}
}

// Frames are not read to find them.
func TestScanStepsOverFrames(t *testing.T) {
	block := simple(1, 0, 0x80, strings.Repeat("x", 200<<10))
	file := segment(tracks(vp8()), cluster(0, slices.Repeat(block, 300)))
	r := &counting{ReaderAt: bytes.NewReader(file)}
	f, err := matroska.Open(r, int64(len(file)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := containertest.Scan(f); err != nil || f.Tracks[0].Index.Len() != 300 {
		t.Fatalf("%d samples, %v", f.Tracks[0].Index.Len(), err)
	}
	if r.total > len(file)/20 {
		t.Errorf("read %d bytes of %d", r.total, len(file))
	}
}

type counting struct {
	io.ReaderAt
	total int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.total += n
	return n, err
}

// However many frames there are to a byte, what is allocated is bounded by the file and some scratch.
func TestAllocationIsBoundedByTheFile(t *testing.T) {
	dense := "\xFF" + strings.Repeat("x", 2*256) // 256 frames of two bytes
	for _, blocks := range []int{1, 1000, 10_000} {
		file := segment(tracks(vp8()), cluster(0, slices.Repeat(simple(1, 0, 0x84, dense), blocks)))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f := read(t, file)
		runtime.ReadMemStats(&after)
		if got := f.Tracks[0].Index.Len(); got != 256*blocks {
			t.Errorf("%d frames in %d blocks", got, blocks)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > uint64(2*len(file)+512<<10) {
			t.Errorf("%d bytes allocated for a file of %d", got, len(file))
		}
	}
}

func TestAudioConfigurations(t *testing.T) {
	audio := func(rate float64, channels uint64) []byte {
		return el(0xE1, el(0xB5, binary.BigEndian.AppendUint64(nil, math.Float64bits(rate))), num(0x9F, channels))
	}
	for _, c := range []struct {
		codec   string
		private string
		rate    float64
		want    container.Track
		frame   int // ticks
	}{
		{"A_AAC", "\x12\x10", 44100, container.Track{Codec: container.AAC, Timescale: 44100, ClockRate: 44100, Channels: 2}, 1024},
		{"A_AAC", "\x2B\x11\x88\x00", 48000, container.Track{Codec: container.AAC, Timescale: 24000, ClockRate: 24000, Channels: 2}, 1024}, // with SBR
		{"A_AAC/MPEG4/LC/SBR", "", 22050, container.Track{Codec: container.AAC, Timescale: 22050, ClockRate: 22050, Channels: 2}, 1024},
		{"A_MPEG/L3", "", 44100, container.Track{Codec: container.MP3, Timescale: 44100, ClockRate: 90000, Channels: 2}, 1152},
		{"A_MPEG/L3", "", 22050, container.Track{Codec: container.MP3, Timescale: 22050, ClockRate: 90000, Channels: 2}, 576},
		{"A_MPEG/L2", "", 24000, container.Track{Codec: container.MP3, Timescale: 24000, ClockRate: 90000, Channels: 2}, 1152},
		{"A_AC3", "", 48000, container.Track{Codec: container.AC3, Timescale: 48000, ClockRate: 48000, Channels: 2}, 1536},
		{"A_OPUS", "", 16000, container.Track{Codec: container.Opus, Timescale: 48000, ClockRate: 48000, Channels: 2}, 960},
	} {
		f := read(t, segment(tracks(entry(1, 2, c.codec, str(0x63A2, c.private), audio(c.rate, 2))), cluster(0, simple(1, 0, 0x80, "\xF8x"))))
		if len(f.Tracks) != 1 {
			t.Fatalf("%s: skipped %q", c.codec, f.Skipped)
		}
		got := f.Tracks[0]
		s, _ := got.Index.At(0)
		if got.Codec != c.want.Codec || got.Timescale != c.want.Timescale || got.ClockRate != c.want.ClockRate || got.Channels != 2 || s.Duration != c.frame {
			t.Errorf("%s: got %+v, %+v", c.codec, got, s)
		}
		if c.codec == "A_AAC/MPEG4/LC/SBR" && string(got.Config[0]) != "\x13\x90" {
			t.Errorf("%s: config % x", c.codec, got.Config)
		}
	}
}

// Codecs that are named in the way of AVI.
func TestWindowsVideo(t *testing.T) {
	for name, want := range map[string]container.Codec{"MJPG": container.MJPEG, "XVID": container.MPEG4, "H264": ""} {
		private := make([]byte, 40)
		copy(private[16:], name)
		f := read(t, segment(tracks(entry(1, 1, "V_MS/VFW/FOURCC", el(0x63A2, private, []byte("vol")))), cluster(0)))
		if want == "" {
			if len(f.Skipped) != 1 {
				t.Errorf("%s is played: %+v", name, f.Tracks[0])
			}
			continue
		}
		if len(f.Tracks) != 1 || f.Tracks[0].Codec != want || want == container.MPEG4 && string(f.Tracks[0].Config[0]) != "vol" {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
