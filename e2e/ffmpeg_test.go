package e2e

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// transports are the lower transports of the programs' own options.
var transports = []string{"tcp", "udp"}

// A medium is something that ffmpeg can publish.
type medium struct {
	name   string
	encode []string // ffmpeg's arguments: inputs and encoders
	codecs []string // what ffprobe has to call them, sorted
	video  bool

	// unmarked: ffprobe does not mark its key frames when it comes as RTP.
	unmarked bool
}

// picture and tone are ffmpeg's inputs, in real time.
var (
	picture = []string{"-re", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=25"}
	tone    = []string{"-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"}
	h264    = []string{"-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "25"}
)

var media = []medium{
	{"h264 and aac", slices.Concat(picture, tone, h264, []string{"-c:a", "aac"}), []string{"aac", "h264"}, true, false},
	{"h265", slices.Concat(picture, []string{"-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params", "keyint=25:bframes=0:log-level=none"}), []string{"hevc"}, true, false},
	{"mpeg4 and mp3", slices.Concat(picture, tone, []string{"-c:v", "mpeg4", "-b:v", "500k", "-g", "25", "-c:a", "libmp3lame"}), []string{"mp3", "mpeg4"}, true, false},
	// RFC 2435 has no room for other Huffman tables than the usual ones.
	{"mjpeg", slices.Concat(picture, []string{"-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-huffman", "default", "-force_duplicated_matrix", "1", "-q:v", "6"}), []string{"mjpeg"}, true, false},
	{"vp8", slices.Concat(picture, []string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k", "-g", "25"}), []string{"vp8"}, true, false},
	{"vp9", slices.Concat(picture, []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k", "-g", "25", "-strict", "experimental"}), []string{"vp9"}, true, true},
	{"opus", slices.Concat(tone, []string{"-c:a", "libopus"}), []string{"opus"}, false, false},
	{"pcmu", slices.Concat(tone, []string{"-c:a", "pcm_mulaw", "-ar", "8000", "-ac", "1"}), []string{"pcm_mulaw"}, false, false},
	// Baton knows nothing about these two: they pass as opaque RTP.
	{"g726, unknown to Baton", slices.Concat(tone, []string{"-c:a", "g726", "-b:a", "32k", "-ar", "8000", "-ac", "1"}), []string{"adpcm_g726"}, false, false},
	{"h263, unknown to Baton", slices.Concat(picture, []string{"-c:v", "h263p", "-s", "352x288", "-b:v", "500k", "-g", "1"}), []string{"h263"}, true, false},
}

// find gives a medium by its name.
func find(t *testing.T, name string) medium {
	t.Helper()
	for _, m := range media {
		if m.name == name {
			return m
		}
	}
	t.Fatalf("no medium %q", name)
	return medium{}
}

// publish has ffmpeg publish a medium until the test ends. It returns at once.
func publish(t *testing.T, m medium, transport, to string, options ...string) *program {
	t.Helper()
	return publishIn(t, nil, m, transport, to, options...)
}

// publishIn is publish with ffmpeg started through another command.
func publishIn(t *testing.T, through []string, m medium, transport, to string, options ...string) *program {
	t.Helper()
	command := slices.Concat(through, []string{"ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "warning"}, m.encode,
		options, []string{"-f", "rtsp", "-rtsp_transport", transport, to})
	return start(t, 4*time.Minute, command[0], command[1:]...)
}

// probe has ffprobe name the codecs of an URL, and demands that it found no
// fault, and that the first video packet it got is a key frame.
func probe(t *testing.T, m medium, transport, from string) {
	t.Helper()
	ask := func(options ...string) string {
		args := slices.Concat([]string{"-hide_banner", "-loglevel", "error", "-rtsp_transport", transport}, options,
			[]string{"-of", "csv=print_section=0", "-i", from})
		p := run(t, 2*time.Minute, "ffprobe", args...)
		silent(t, p)
		return p.stdout.String()
	}
	codecs := strings.Fields(ask("-show_entries", "stream=codec_name"))
	slices.Sort(codecs)
	if !slices.Equal(codecs, m.codecs) {
		t.Errorf("ffprobe found %q, want %q", codecs, m.codecs)
	}
	if !m.video || m.unmarked {
		return
	}
	if flags := ask("-select_streams", "v", "-read_intervals", "%+#1", "-show_entries", "packet=flags"); !strings.HasPrefix(flags, "K") {
		t.Errorf("the first video packet has flags %q: no key frame", flags)
	}
}

// silent demands that a program run with -loglevel error had nothing to say.
func silent(t *testing.T, p *program) {
	t.Helper()
	if text := p.stderr.String(); strings.TrimSpace(text) != "" {
		t.Errorf("%s complains:\n%s", p.args[0], indent(text))
	}
}

// decode has ffmpeg decode so many frames of an URL and demands that each can
// be decoded, the first as well.
func decode(t *testing.T, m medium, transport, from string, frames int) {
	t.Helper()
	finish(t, decoder(t, m, transport, from, frames), frames)
}

// finish waits for a decoder's end and demands that it decoded so many frames
// without a fault.
func finish(t *testing.T, p *program, frames int) {
	t.Helper()
	<-p.ended
	if p.err != nil {
		t.Errorf("%s: %s", p, p.verdict())
	}
	if n := len(decoded(p.stdout.String())); n < frames {
		t.Errorf("%d frames decoded, want %d", n, frames)
	}
	silent(t, p)
}

// decoder starts decoding; a line for each frame comes on standard output.
func decoder(t *testing.T, m medium, transport, from string, frames int, options ...string) *program {
	t.Helper()
	return decoderIn(t, nil, m, transport, from, frames, options...)
}

// decoderIn is decoder with ffmpeg started through another command.
func decoderIn(t *testing.T, through []string, m medium, transport, from string, frames int, options ...string) *program {
	t.Helper()
	command := slices.Concat(through, []string{"ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-rtsp_transport", transport},
		options, []string{"-i", from})
	if m.video {
		command = append(command, "-map", "0:v", "-fps_mode", "passthrough", "-enc_time_base", "-1", "-frames:v")
	} else {
		command = append(command, "-map", "0:a", "-frames:a")
	}
	command = append(command, strconv.Itoa(frames), "-flush_packets", "1", "-f", "framecrc", "-")
	return start(t, 3*time.Minute, command[0], command[1:]...)
}

// A frame is one line of ffmpeg's framecrc: when it is shown, and what it is.
type frame struct {
	at  time.Duration
	crc string
}

func decoded(text string) []frame {
	var frames []frame
	tick := time.Duration(0)
	for line := range strings.Lines(text) {
		if ticks, ok := strings.CutPrefix(line, "#tb 0: 1/"); ok {
			if n, err := strconv.Atoi(strings.TrimSpace(ticks)); err == nil {
				tick = time.Second / time.Duration(n)
			}
		}
		cells := strings.Split(line, ",")
		if strings.HasPrefix(line, "#") || !strings.HasSuffix(line, "\n") || len(cells) < 6 {
			continue
		}
		if pts, err := strconv.Atoi(strings.TrimSpace(cells[2])); err == nil {
			frames = append(frames, frame{time.Duration(pts) * tick, strings.TrimSpace(cells[5])})
		}
	}
	return frames
}

// play has ffplay show an URL on a screen that is not there, until its clock
// has gone on for two seconds.
func play(t *testing.T, transport, from string) {
	t.Helper()
	p := start(t, 2*time.Minute, "ffplay", "-hide_banner", "-loglevel", "error", "-stats", "-autoexit",
		"-rtsp_transport", transport, "-i", from)
	moves := func(text string) bool {
		_, times := status(text)
		return len(times) > 1 && times[len(times)-1] >= times[0]+2
	}
	if !p.stderr.sees(p.ended, time.Minute, moves) {
		t.Errorf("ffplay's clock does not go on for two seconds; it is %s", p.verdict())
	}
	p.kill()
	if complaints, _ := status(p.stderr.String()); complaints != "" {
		t.Errorf("ffplay complains:\n%s", indent(complaints))
	}
}

// statusLine is what ffplay writes over and over, each time from the start of
// the line: its clock, then how far sound and picture are apart.
var statusLine = regexp.MustCompile(`^ *(nan|-?[0-9.]+) (A-V|M-V|M-A|   ):.*$`)

// status takes ffplay's clock out of what it wrote; the rest is complaints.
func status(text string) (complaints string, times []float64) {
	for line := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == '\r' || c == '\n' }) {
		m := statusLine.FindStringSubmatch(line)
		if m == nil {
			complaints += strings.TrimSpace(line) + "\n"
			continue
		}
		if seconds, err := strconv.ParseFloat(m[1], 64); err == nil && m[1] != "nan" {
			times = append(times, seconds)
		}
	}
	return complaints, times
}
