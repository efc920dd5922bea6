package open_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/adts"
	"github.com/baton-rtsp/baton/internal/container/annexb"
	"github.com/baton-rtsp/baton/internal/container/avi"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/matroska"
	"github.com/baton-rtsp/baton/internal/container/mjpeg"
	"github.com/baton-rtsp/baton/internal/container/mp4"
	"github.com/baton-rtsp/baton/internal/container/mpa"
	"github.com/baton-rtsp/baton/internal/container/mpegts"
	"github.com/baton-rtsp/baton/internal/container/ogg"
	"github.com/baton-rtsp/baton/internal/container/open"
	"github.com/baton-rtsp/baton/internal/container/wav"
)

// demuxers are all there are, by the name of their package.
func demuxers() map[string]containertest.Opener {
	return map[string]containertest.Opener{
		"adts": adts.Open, "annexb": annexb.Open, "avi": avi.Open, "matroska": matroska.Open, "mjpeg": mjpeg.Open,
		"mp4": mp4.Open, "mpa": mpa.Open, "mpegts": mpegts.Open, "ogg": ogg.Open, "wav": wav.Open,
	}
}

// A seed is a whole file.
type seed struct {
	format, name string
	content      []byte
}

// seeds are the files that the demuxers are tested with.
func seeds(t testing.TB) []seed {
	t.Helper()
	var all []seed
	for format := range demuxers() {
		files, err := filepath.Glob(filepath.Join("..", format, "testdata", "*.*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if filepath.Ext(name) == ".packets" { // what ffprobe says of the file beside it
				continue
			}
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, seed{format, filepath.Base(name), content})
		}
	}
	one := photo(t)
	return append(all,
		seed{"mjpeg", "three.mjpeg", bytes.Repeat(one, 3)},
		seed{"mjpeg", "framed.mjpeg", bytes.Repeat(fmt.Appendf(nil, "%05d%s", len(one), one), 3)})
}

// photo is a JPEG image.
func photo(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 32, 16)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func openBytes(f containertest.Opener, b []byte) (*container.File, error) {
	return f(bytes.NewReader(b), int64(len(b)), container.Options{})
}

// what is known of a file once it was opened.
func what(f *container.File) []container.Track {
	var all []container.Track
	for _, t := range f.Tracks {
		c := *t
		c.Index, c.Reader = nil, nil
		all = append(all, c)
	}
	return all
}

// wantOnly checks that a file is opened by the demuxer of its format, and that no other one would, but for mpa, which
// comes last: it finds the sound in all that begins with a zero.
func wantOnly(t *testing.T, format, name string, content []byte) {
	t.Helper()
	for other, open := range demuxers() {
		if other == "mpa" && content[0] == 0 {
			continue
		}
		if _, err := openBytes(open, content); (err == nil) != (other == format) || err != nil && !errors.Is(err, container.ErrFormat) {
			t.Errorf("%s is %s, and %s says %v", name, format, other, err)
		}
	}
	got, err := openBytes(open.Open, content)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	want, err := openBytes(demuxers()[format], content)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if d := cmp.Diff(what(want), what(got)); d != "" {
		t.Errorf("%s: %s", name, d)
	}
}

func TestEveryFileIsKnownToItsOwnDemuxerOnly(t *testing.T) {
	known := make(map[string]int)
	for _, s := range seeds(t) {
		known[s.format]++
		wantOnly(t, s.format, s.name, s.content)
	}
	for format := range demuxers() {
		if known[format] == 0 {
			t.Errorf("no file of %s", format)
		}
	}
}

// A file that was cut off is what it was, or not known any more; it is never taken for another.
func TestFilesThatAreCutOff(t *testing.T) {
	for _, s := range seeds(t) {
		own := demuxers()[s.format]
		for n := 0; n < len(s.content); n += 1 + n/64 {
			cut := s.content[:n]
			want, wantErr := openBytes(own, cut)
			got, err := openBytes(open.Open, cut)
			if errors.Is(err, container.ErrFormat) != errors.Is(wantErr, container.ErrFormat) || containertest.Damage(err) != containertest.Damage(wantErr) {
				t.Fatalf("%s cut at %d: %v, of its own demuxer %v", s.name, n, err, wantErr)
			}
			if err == nil {
				if d := cmp.Diff(what(want), what(got)); d != "" {
					t.Fatalf("%s cut at %d: %s", s.name, n, d)
				}
			} else if !errors.Is(err, container.ErrFormat) && !containertest.Damage(err) {
				t.Fatalf("%s cut at %d: %v", s.name, n, err)
			}
		}
	}
}

// Without its beginning a file is hardly ever anything, but it does no harm.
func TestFilesWithoutTheirBeginning(t *testing.T) {
	for _, s := range seeds(t) {
		for n := 1; n < len(s.content); n += 1 + n/8 {
			rest := s.content[n:]
			containertest.Hostile(t, open.Open, bytes.NewReader(rest), int64(len(rest)))
		}
	}
}

func TestOtherFilesAreNotKnown(t *testing.T) {
	noise := func(n int, seed uint64) string {
		b := make([]byte, n)
		r := rand.NewChaCha8([32]byte{byte(seed)})
		r.Read(b)
		return string(b)
	}
	files := map[string]string{
		"empty":       "",
		"a byte":      "\x00",
		"text":        strings.Repeat("Once upon a time there was a film. ", 500),
		"digits":      strings.Repeat("0123456789", 1000),
		"zeros":       strings.Repeat("\x00", 100_000),
		"ones":        strings.Repeat("\xFF", 100_000),
		"sync bytes":  strings.Repeat("G", 1000),
		"start codes": strings.Repeat("\x00\x00\x01", 1000),
		"PNG":         "\x89PNG\r\n\x1A\n\x00\x00\x00\x0DIHDR" + noise(5000, 1),
		"GIF":         "GIF89a" + noise(5000, 2),
		"ZIP":         "PK\x03\x04" + noise(5000, 3),
		"PDF":         "%PDF-1.7\n" + noise(5000, 4),
		"ELF":         "\x7FELF\x02\x01\x01" + noise(5000, 5),
		"FLV":         "FLV\x01\x05\x00\x00\x00\x09" + noise(5000, 6),
		"FLAC":        "fLaC\x00\x00\x00\x22" + noise(5000, 7),
		"ASF":         "\x30\x26\xB2\x75\x8E\x66\xCF\x11" + noise(5000, 8),
		"MPEG-PS":     "\x00\x00\x01\xBA\x44" + noise(5000, 9),
		"MPEG-2":      "\x00\x00\x01\xB3\x16\x01\x20" + noise(5000, 10),
		"MPEG-4":      "\x00\x00\x01\xB0\x01\x00\x00\x01\xB5" + noise(5000, 11),
		"WebP":        "RIFF\x00\x20\x00\x00WEBPVP8 " + noise(5000, 12),
		"MIDI":        "RIFF\x00\x20\x00\x00RMIDdata" + noise(5000, 13),
		"other EBML":  "\x1A\x45\xDF\xA3\x87\x42\x82\x84oops" + noise(5000, 14),
		"HEIC":        "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic\x00\x00\x00\x0Cmeta\x00\x00\x00\x00",
		"ID3 only":    "ID3\x04\x00\x00\x00\x00\x00\x7F" + noise(5000, 15),
		"AppleDouble": "\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + noise(4000, 16),
	}
	for i := range uint64(30) {
		files[fmt.Sprintf("noise %d", i)] = noise(1<<(2+i%18), 100+i)
	}
	for name, file := range files {
		if f, err := openBytes(open.Open, []byte(file)); !errors.Is(err, container.ErrFormat) {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
}

func TestSizeLies(t *testing.T) {
	for _, s := range seeds(t) {
		for _, size := range []int64{-1 << 63, -1, 0} {
			if _, err := open.Open(bytes.NewReader(s.content), size, container.Options{}); !errors.Is(err, container.ErrFormat) {
				t.Errorf("%s of %d bytes: %v", s.name, size, err)
			}
		}
		for _, size := range []int64{int64(len(s.content)) * 2, 1 << 40} {
			f, err := open.Open(bytes.NewReader(s.content), size, container.Options{})
			if err != nil && !containertest.Damage(err) && !errors.Is(err, container.ErrFormat) {
				t.Errorf("%s of %d bytes: %v", s.name, size, err)
			}
			if err == nil {
				if err := containertest.Scan(f); err != nil && !containertest.Damage(err) {
					t.Errorf("%s of %d bytes: scan: %v", s.name, size, err)
				}
			}
		}
	}
}

// What the reader says is not taken for what the file holds.
func TestErrorsOfTheReaderAreReported(t *testing.T) {
	broken := errors.New("the disk is broken")
	if _, err := open.Open(failing{iotest.ErrReader(broken)}, 1<<20, container.Options{}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ io.Reader }

func (f failing) ReadAt(b []byte, _ int64) (int, error) { return f.Read(b) }

// Whatever ffmpeg writes is known, and nothing is taken for something else.
func TestInterop(t *testing.T) {
	const (
		video = "-f lavfi -i testsrc2=size=128x96:rate=25:duration=2 "
		audio = "-f lavfi -i sine=frequency=440:duration=2 "
	)
	for name, c := range map[string]struct{ format, args string }{
		"a.mp4":        {"mp4", video + audio + "-c:v libx264 -c:a aac"},
		"fast.mp4":     {"mp4", video + audio + "-c:v libx264 -c:a aac -movflags +faststart"},
		"frag.mp4":     {"mp4", video + audio + "-c:v libx264 -c:a aac -movflags frag_keyframe+empty_moov"},
		"a.mov":        {"mp4", video + audio + "-c:v mjpeg -c:a pcm_s16le"},
		"a.m4a":        {"mp4", audio + "-c:a aac"},
		"a.mkv":        {"matroska", video + audio + "-c:v libx264 -c:a mp3"},
		"jpeg.mkv":     {"matroska", video + audio + "-c:v mjpeg -c:a pcm_s16le"},
		"a.webm":       {"matroska", video + audio + "-c:v libvpx -c:a libopus"},
		"a.opus":       {"ogg", audio + "-c:a libopus"},
		"a.wav":        {"wav", audio + "-c:a pcm_s16le"},
		"law.wav":      {"wav", audio + "-c:a pcm_alaw"},
		"a.avi":        {"avi", video + audio + "-c:v mjpeg -c:a mp3"},
		"mpeg4.avi":    {"avi", video + audio + "-c:v mpeg4 -c:a pcm_s16le"},
		"a.mp3":        {"mpa", audio + "-c:a mp3"},
		"bare.mp3":     {"mpa", audio + "-c:a mp3 -write_xing 0 -id3v2_version 0"},
		"picture.mp3":  {"mpa", audio + video + "-c:a mp3 -c:v mjpeg -frames:v 1 -disposition:v attached_pic"},
		"a.mp2":        {"mpa", audio + "-c:a mp2 -f mp2"},
		"a.aac":        {"adts", audio + "-c:a aac -f adts"},
		"tag.aac":      {"adts", audio + "-c:a aac -f adts -write_id3v2 1"},
		"a.ts":         {"mpegts", video + audio + "-c:v libx264 -c:a aac"},
		"mp2.ts":       {"mpegts", video + audio + "-c:v libx264 -c:a mp2"},
		"a.m2ts":       {"mpegts", video + audio + "-c:v libx264 -c:a ac3 -mpegts_m2ts_mode 1"},
		"a.h264":       {"annexb", video + "-c:v libx264 -f h264"},
		"a.h265":       {"annexb", video + "-c:v libx265 -x265-params log-level=error -f hevc"},
		"a.mjpeg":      {"mjpeg", video + "-c:v mjpeg -f mjpeg"},
		"wrong.txt":    {"mp4", video + "-c:v libx264 -f mp4"},
		"wrong.mjpeg":  {"matroska", video + "-c:v libx264 -f matroska"},
		"still.jpg":    {"mjpeg", video + "-frames:v 1 -f mjpeg"},
		"keyframe.264": {"annexb", video + "-c:v libx264 -bf 0 -g 1 -f h264"},
	} {
		t.Run(name, func(t *testing.T) {
			content, err := os.ReadFile(containertest.Make(t, name, c.args))
			if err != nil {
				t.Fatal(err)
			}
			wantOnly(t, c.format, name, content)
		})
	}
}

// What Baton does not read is not taken for something within it.
func TestInteropOtherFormats(t *testing.T) {
	const (
		video = "-f lavfi -i testsrc2=size=128x96:rate=25:duration=2 "
		audio = "-f lavfi -i sine=frequency=440:duration=2 "
	)
	for name, args := range map[string]string{
		"a.mpg":     video + audio + "-c:v mpeg1video -c:a mp2",
		"a.vob":     video + audio + "-c:v mpeg2video -c:a mp2 -f vob",
		"low.mpg":   video + audio + "-c:v mpeg1video -b:v 20k -c:a mp2 -ac 1 -b:a 32k",
		"sound.mpg": audio + "-c:a mp2 -b:a 64k -f mpeg",
		"a.m2v":     video + "-c:v mpeg2video -f mpeg2video",
		"a.m4v":     video + "-c:v mpeg4 -f m4v",
		"a.flv":     video + audio + "-c:v libx264 -c:a mp3",
		"a.asf":     video + audio + "-c:v mpeg4 -c:a mp3 -f asf",
		"a.nut":     video + audio + "-c:v libx264 -c:a mp3 -f nut",
		"a.ac3":     audio + "-c:a ac3 -f ac3",
		"a.flac":    audio + "-c:a flac",
		"a.aiff":    audio + "-c:a pcm_s16be",
		"a.au":      audio + "-c:a pcm_mulaw -f au",
		"a.ivf":     video + "-c:v libvpx -f ivf",
		"a.y4m":     video + "-frames:v 3 -f yuv4mpegpipe",
		"a.s16":     audio + "-c:a pcm_s16le -f s16le",
		"a.yuv":     video + "-frames:v 3 -pix_fmt yuv420p -f rawvideo",
		"a.mxf":     video + "-c:v mpeg2video -f mxf",
		"a.png":     video + "-frames:v 1 -c:v png -f image2pipe",
		"a.swf":     video + "-c:v flv -f swf",
		"a.caf":     audio + "-c:a pcm_s16le -f caf",
		"a.latm":    audio + "-c:a aac -f latm",
		"a.gif":     video + "-frames:v 3",
		"a.apng":    video + "-frames:v 3 -f apng",
		"silence":   "-f lavfi -i anullsrc=duration=1 -c:a pcm_s16le -f s16le",
	} {
		t.Run(name, func(t *testing.T) {
			content, err := os.ReadFile(containertest.Make(t, name, args))
			if err != nil {
				t.Fatal(err)
			}
			if f, err := openBytes(open.Open, content); !errors.Is(err, container.ErrFormat) {
				for other, open := range demuxers() {
					if _, err := openBytes(open, content); !errors.Is(err, container.ErrFormat) {
						t.Errorf("%s says %v", other, err)
					}
				}
				t.Errorf("%+v, %v", f, err)
			}
		})
	}
}

func FuzzOpen(f *testing.F) {
	for _, s := range seeds(f) {
		if len(s.content) < 8000 {
			f.Add(s.content)
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		containertest.Hostile(t, open.Open, bytes.NewReader(content), int64(len(content)))
	})
}

func BenchmarkOpenUnknown(b *testing.B) {
	file := []byte(strings.Repeat("Once upon a time there was a film. ", 1<<16))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := openBytes(open.Open, file); !errors.Is(err, container.ErrFormat) {
			b.Fatal(err)
		}
	}
}

func ExampleOpen() {
	file, err := os.Open(filepath.Join("..", "wav", "testdata", "mulaw.wav"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := open.Open(file, info.Size(), container.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range f.Tracks {
		fmt.Println(t.Codec, t.SampleRate, f.Duration())
	}
	// Output: PCMU 8000 500ms
}
