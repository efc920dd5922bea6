package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A stored film is a file that ffmpeg can make, of one container and one or two codecs.
type storedFilm struct {
	name  string
	video []string // ffmpeg's arguments; nil: none
	audio []string
	// raw: the sound is samples, which may be cut anywhere, so that only all of it can be compared.
	raw bool
	// strip has ffmpeg take off what this container alone puts in front of each frame of sound.
	strip  []string
	format []string // what ffmpeg has to be told to read the file
}

// Encoders of the films.
var (
	asH264  = []string{"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "25", "-bf", "2"}
	asH265  = []string{"-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params", "keyint=25:bframes=2:log-level=none"}
	asVP8   = []string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k", "-g", "25", "-auto-alt-ref", "0"}
	asVP9   = []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k", "-g", "25"}
	asMPEG4 = []string{"-c:v", "mpeg4", "-b:v", "500k", "-g", "25"}
	// RFC 2435 has no room for other Huffman tables than the usual ones.
	asJPEG = []string{"-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-huffman", "default", "-force_duplicated_matrix", "1", "-q:v", "6"}

	asAAC  = []string{"-c:a", "aac"}
	asOpus = []string{"-c:a", "libopus"}
	asMP3  = []string{"-c:a", "libmp3lame"}
	asAC3  = []string{"-c:a", "ac3", "-b:a", "96k"}
	asPCMU = []string{"-c:a", "pcm_mulaw", "-ar", "8000", "-ac", "1"}
	asPCMA = []string{"-c:a", "pcm_alaw", "-ar", "8000", "-ac", "1"}
	asLE   = []string{"-c:a", "pcm_s16le"}
	asBE   = []string{"-c:a", "pcm_s16be"}

	adts = []string{"-bsf:a", "aac_adtstoasc"}
)

var storedFilms = []storedFilm{
	{name: "film.mp4", video: asH264, audio: asAAC},
	{name: "fragments.mp4", video: append(slices.Clone(asH264), "-movflags", "frag_keyframe+empty_moov"), audio: asAAC},
	{name: "h265.mp4", video: asH265, audio: asAAC},
	{name: "mpeg4.mp4", video: asMPEG4, audio: asMP3},
	{name: "vp9.mp4", video: asVP9, audio: asOpus},
	{name: "film.mov", video: asH264, audio: asBE, raw: true},
	{name: "jpeg.mov", video: asJPEG, audio: asPCMU, raw: true},
	{name: "alaw.mov", audio: asPCMA, raw: true},
	{name: "film.mkv", video: asH264, audio: asOpus},
	{name: "h265.mkv", video: asH265, audio: asMP3},
	{name: "vp8.mkv", video: asVP8, audio: asLE, raw: true},
	{name: "mpeg4.mkv", video: asMPEG4, audio: asAAC},
	{name: "vp8.webm", video: asVP8, audio: asOpus},
	{name: "vp9.webm", video: asVP9, audio: asOpus},
	{name: "ac3.mkv", video: asH264, audio: asAC3},
	{name: "film.ts", video: asH264, audio: asAAC, strip: adts},
	{name: "ac3.ts", video: asH264, audio: asAC3},
	{name: "h265.ts", video: asH265, audio: asMP3},
	{name: "jpeg.avi", video: asJPEG, audio: asLE, raw: true},
	{name: "linear.wav", audio: asLE, raw: true},
	{name: "alaw.wav", audio: asPCMA, raw: true},
	{name: "mulaw.wav", audio: asPCMU, raw: true},
	{name: "sound.mp3", audio: asMP3},
	{name: "sound.aac", audio: asAAC, strip: adts},
	{name: "sound.opus", audio: asOpus},
	{name: "raw.h264", video: asH264, format: []string{"-r", "25"}},
	{name: "raw.h265", video: asH265, format: []string{"-r", "25"}},
	{name: "raw.mjpeg", video: asJPEG, format: []string{"-r", "25"}},
}

// length of the films in seconds.
const length = "3"

// make has ffmpeg make the film in a folder.
func (f *storedFilm) make(t *testing.T, folder string) string {
	t.Helper()
	file := filepath.Join(folder, f.name)
	args := []string{"-hide_banner", "-nostdin", "-loglevel", "error"}
	if f.video != nil {
		args = append(args, "-f", "lavfi", "-i", "testsrc2=size=320x176:rate=25:duration="+length)
	}
	if f.audio != nil {
		args = append(args, "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration="+length)
	}
	run(t, 2*time.Minute, "ffmpeg", slices.Concat(args, f.video, f.audio, []string{file})...)
	return file
}

// read has ffmpeg decode the pictures and copy the sound of an input, and starts no more than that.
func (f *storedFilm) read(t *testing.T, strip []string, input ...string) *program {
	t.Helper()
	args := append([]string{"-hide_banner", "-nostdin", "-loglevel", "error"}, input...)
	if f.video != nil {
		args = append(args, "-map", "0:v", "-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "framecrc", "video")
	}
	switch {
	case f.raw:
		args = append(args, "-map", "0:a", "-c:a", "pcm_s16le", "-f", "md5", "audio")
	case f.audio != nil:
		args = append(slices.Concat(args, []string{"-map", "0:a", "-c", "copy"}, strip), "-f", "framemd5", "audio")
	}
	return start(t, time.Minute, "ffmpeg", args...)
}

// RNG-09, PLD-01: what ffmpeg reads of a stored film, from its beginning to its end, is every picture of the file
// and all of its sound, bit by bit; of every container, over both transports.
func TestStoredFilmIsPlayedAsItIs(t *testing.T) {
	need(t, "ffmpeg")
	folder := t.TempDir()
	for i := range storedFilms {
		storedFilms[i].make(t, folder)
	}
	s := serve(t, "--media", folder)
	for i := range storedFilms {
		f := &storedFilms[i]
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			transport, tries := transports[i%2], 1
			if transport == "udp" {
				tries = 3 // on a busy machine ffmpeg loses datagrams, or hears the BYE before the last of them
			}
			file := f.read(t, f.strip, append(slices.Clone(f.format), "-i", filepath.Join(folder, f.name))...)
			<-file.ended
			var differs []string
			for range tries {
				reader := f.read(t, nil, "-rtsp_transport", transport, "-i", s.url("/"+f.name))
				if !reader.endsWithin(30 * time.Second) {
					t.Fatalf("%s is still running: no end of the film was seen", reader)
				}
				if differs = f.differs(t, reader, file); len(differs) == 0 {
					return
				}
			}
			t.Errorf("over %s, the last time: %s", transport, strings.Join(differs, "; "))
		})
	}
}

// differs says in what a reader has got something else than is in the file.
func (f *storedFilm) differs(t *testing.T, reader, file *program) (in []string) {
	t.Helper()
	if f.video != nil {
		got, want := sums(decoded(reader.wrote(t, "video"))), sums(decoded(file.wrote(t, "video")))
		if len(want) != 75 || !slices.Equal(got, want) {
			in = append(in, fmt.Sprintf("%d pictures came, want the %d of the file", len(got), len(want)))
		}
	}
	if f.audio != nil {
		in = append(in, f.soundDiffers(reader.wrote(t, "audio"), file.wrote(t, "audio"))...)
	}
	return in
}

// soundDiffers compares what ffmpeg says of the sound. What a file has in front of its beginning, for the decoder to
// get going, is not sent.
func (f *storedFilm) soundDiffers(got, want string) []string {
	if f.raw {
		if got != want {
			return []string{fmt.Sprintf("the sound has %s, that of the file %s", got, want)}
		}
		return nil
	}
	g, w := hashes(got), hashes(want)
	if early := len(w) - len(g); len(g) < 50 || early < 0 || early > 2 || !slices.Equal(g, w[early:]) {
		return []string{fmt.Sprintf("%d frames of sound came, want the %d of the file", len(g), len(w))}
	}
	return nil
}

// hashes are the checksums of framemd5: its sixth column, behind which those of side data may stand.
func hashes(text string) (list []string) {
	for line := range strings.Lines(text) {
		if cells := strings.Split(line, ","); !strings.HasPrefix(line, "#") && len(cells) >= 6 {
			list = append(list, strings.TrimSpace(cells[5]))
		}
	}
	return list
}

// sums are the checksums of pictures.
func sums(list []frame) []string {
	var all []string
	for _, f := range list {
		all = append(all, f.crc)
	}
	return all
}

// A film that is still being written is played as far as it is there, and goes on as it grows.
func TestGrowingFilmIsFollowed(t *testing.T) {
	need(t, "ffmpeg")
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "growing.mp4")
	writer := start(t, time.Minute, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i",
		"testsrc2=size=320x176:rate=25:duration=8", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "25",
		"-movflags", "frag_keyframe+empty_moov+default_base_moof", "-flush_packets", "1", file)
	film := storedFilm{video: asH264}
	s := serve(t, "--media", folder)
	for begun := time.Now(); ; { // until there is something to see
		if info, err := os.Stat(file); err == nil && info.Size() > 10_000 {
			break
		}
		if writer.endsWithin(50*time.Millisecond) || time.Since(begun) > 20*time.Second {
			t.Fatal("ffmpeg writes nothing")
		}
	}
	reader := film.read(t, nil, "-rtsp_transport", "tcp", "-i", s.url("/growing.mp4"))
	if !reader.endsWithin(40 * time.Second) {
		t.Fatalf("%s is still running", reader)
	}
	whole := film.read(t, nil, "-i", file)
	<-whole.ended
	got, want := sums(decoded(reader.wrote(t, "video"))), sums(decoded(whole.wrote(t, "video")))
	if len(want) != 200 || !slices.Equal(got, want) {
		t.Errorf("%d pictures came, want the %d of the file", len(got), len(want))
	}
}
