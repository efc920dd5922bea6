package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// report is what `baton probe --json` prints, as far as it is looked at.
type report struct {
	Transports map[string]string `json:"transports"`
	Methods    map[string]string `json:"methods"`
	Tracks     []struct {
		Codec     string  `json:"codec"`
		Width     int     `json:"width"`
		FrameRate float64 `json:"frame_rate"`
		GOP       float64 `json:"gop_pictures"`
		Lost      int     `json:"lost"`
		BitRate   float64 `json:"bit_rate"`
	} `json:"tracks"`
	Oddities []string `json:"oddities"`
}

// What a server offers is found out by trying it; what does not work has an exit code.
func TestProbe(t *testing.T) {
	s := serve(t)
	p := run(t, time.Minute, baton(), "probe", "--json", s.url("/demo.mp4"))
	var r report
	if err := json.Unmarshal([]byte(p.stdout.String()), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Tracks) != 2 || r.Tracks[0].Codec != "H264" || r.Tracks[0].Width != 640 || r.Tracks[0].FrameRate < 24 || r.Tracks[0].FrameRate > 26 ||
		r.Tracks[0].GOP != 50 || r.Tracks[0].Lost+r.Tracks[1].Lost > 0 || r.Transports["udp"] != "works" || r.Transports["tcp"] != "works" {
		t.Errorf("%+v", r)
	}
	for method, status := range r.Methods {
		if !strings.HasPrefix(status, "200") {
			t.Errorf("%s: %s", method, status)
		}
	}
	for url, code := range map[string]int{s.url("/none"): 4, "rtsp://127.0.0.1:1/x": 1} {
		p := start(t, time.Minute, baton(), "probe", url)
		<-p.ended
		if got := p.cmd.ProcessState.ExitCode(); got != code || strings.Count(p.stderr.String(), "\n") != 1 {
			t.Errorf("%s: exit code %d, %q", url, got, p.stderr.String())
		}
	}
}

// Baton's own answers are all that RFC 2326 asks for.
func TestMethodsOfBaton(t *testing.T) {
	s := serve(t)
	p := run(t, time.Minute, baton(), "methods", s.url("/demo.mp4"))
	if out := p.stdout.String(); strings.Contains(out, "odd") || strings.Count(out, "\n") != 1+3*12 {
		t.Error(out)
	}
}

// packets counts those of each stream of a file, and fails when FFmpeg finds something wrong in it.
func packets(t *testing.T, file string) map[string]int {
	t.Helper()
	p := run(t, time.Minute, "ffprobe", "-hide_banner", "-loglevel", "error", "-count_packets", "-show_entries", "stream=codec_name,nb_read_packets", "-of", "csv=p=0", file)
	if s := p.stderr.String(); s != "" {
		t.Errorf("ffprobe: %s", s)
	}
	d := run(t, time.Minute, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-i", file, "-f", "null", "-")
	if s := d.stderr.String(); s != "" {
		t.Errorf("ffmpeg: %s", s)
	}
	list := map[string]int{}
	for line := range strings.Lines(p.stdout.String()) {
		codec, n, _ := strings.Cut(strings.TrimSpace(line), ",")
		list[codec], _ = strconv.Atoi(n)
	}
	return list
}

// A content is what one stream of a file has.
type content struct {
	packets int
	seconds float64 // by its timestamps
}

func (c content) rate() float64 { return float64(c.packets) / c.seconds }

// contents are those of the streams of a file by their codecs, also of one that is being written.
func contents(file string) map[string]content {
	b, _ := exec.Command("ffprobe", "-loglevel", "quiet", "-count_packets", "-show_entries", "stream=codec_name,duration,nb_read_packets", "-of", "csv=p=0", file).Output()
	list := map[string]content{}
	for line := range strings.Lines(string(b)) {
		if f := strings.Split(strings.TrimSpace(line), ","); len(f) == 3 {
			var c content
			c.seconds, _ = strconv.ParseFloat(f[1], 64)
			c.packets, _ = strconv.Atoi(f[2])
			list[f[0]] = c
		}
	}
	return list
}

// A recording is whole: when it ends by itself, in pieces, and, but for its last second, when the program is killed.
func TestRecord(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	s := serve(t)
	dir := t.TempDir()
	for _, transport := range []string{"udp", "tcp"} {
		file := filepath.Join(dir, transport+".mp4")
		run(t, time.Minute, baton(), "record", s.url("/demo.mp4"), file, "--duration", "5s", "--transport", transport)
		if n := packets(t, file); n["h264"] < 110 || n["h264"] > 130 || n["aac"] < 210 {
			t.Errorf("%s: %v", transport, n)
		}
	}
	run(t, time.Minute, baton(), "record", s.url("/demo.mp4"), filepath.Join(dir, "piece.mp4"), "--duration", "7s", "--segment", "1500ms")
	total := 0
	for _, name := range []string{"piece-0001.mp4", "piece-0002.mp4", "piece-0003.mp4"} {
		n := packets(t, filepath.Join(dir, name))
		if n["h264"] < 30 {
			t.Errorf("%s: %v", name, n)
		}
		total += n["h264"]
	}
	if total < 140 {
		t.Errorf("%d pictures in three pieces", total)
	}
	killed := filepath.Join(dir, "killed.mp4")
	p := start(t, time.Minute, baton(), "record", s.url("/demo.mp4"), killed)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && size(killed) < 100_000; {
		p.endsWithin(50 * time.Millisecond)
	}
	p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.ended
	if n := packets(t, killed); n["h264"] < 20 || n["aac"] < 20 {
		t.Errorf("killed: %v", n)
	}
	pictures := filepath.Join(dir, "clock.mjpeg")
	run(t, time.Minute, baton(), "record", s.url("/clock.mjpeg"), pictures, "--duration", "3s")
	if n := packets(t, pictures); n["mjpeg"] < 60 {
		t.Errorf("mjpeg: %v", n)
	}
}

func size(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.Size()
}

// What is published from a file is what the file has, over both transports; Ctrl-C ends it in order.
func TestPublishCommand(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	s := serve(t)
	dir := t.TempDir()
	film := filepath.Join(dir, "film.mp4")
	run(t, time.Minute, baton(), "record", s.url("/demo.mp4"), film, "--duration", "4s")
	for _, transport := range []string{"udp", "tcp"} {
		p := start(t, time.Minute, baton(), "publish", film, s.url("/"+transport), "--loop", "--transport", transport)
		if !p.sees(10*time.Second, func(out string) bool { return strings.Contains(out, "publishing") }) {
			t.Fatalf("%s: %s", transport, p.verdict())
		}
		back := filepath.Join(dir, transport+".mp4")
		run(t, time.Minute, baton(), "record", s.url("/"+transport+"?start=keyframe"), back, "--duration", "5s")
		if n := packets(t, back); n["h264"] < 60 || n["aac"] < 100 {
			t.Errorf("%s: %v", transport, n)
		}
		p.cmd.Process.Signal(os.Interrupt)
		<-p.ended
		if p.err != nil {
			t.Errorf("%s: %s", transport, p.verdict())
		}
	}
}

// What another program writes is published as it comes, while it has no end yet: MPEG-TS, or what encoders write. However loaded the
// machine is, the pictures are as far apart as they were made.
func TestPublishFromStandardInput(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	s := serve(t)
	for _, c := range []struct {
		name, codec, args string
		audio             bool
	}{
		{"mpegts", "h264", "-f lavfi -i sine=sample_rate=48000 -c:v libx264 -preset ultrafast -tune zerolatency -c:a aac -f mpegts", true},
		{"h264", "h264", "-c:v libx264 -preset ultrafast -bf 2 -f h264", false},
		{"h265", "hevc", "-c:v libx265 -preset ultrafast -x265-params log-level=error:open-gop=0 -f hevc", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, in, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			f := exec.Command("ffmpeg", append(append(strings.Fields("-hide_banner -nostdin -loglevel error -re -f lavfi -i testsrc2=size=320x240:rate=25"),
				strings.Fields(c.args)...), "-t", "600", "-g", "25", "-pix_fmt", "yuv420p", "-")...)
			f.Stdout = in
			if err := f.Start(); err != nil {
				t.Fatal(err)
			}
			in.Close()
			defer f.Wait()
			defer f.Process.Kill()
			p := startWith(t, out, 3*time.Minute, baton(), "publish", "-", s.url("/"+c.name))
			out.Close()
			if !p.sees(time.Minute, func(out string) bool { return strings.Contains(out, "publishing") }) {
				t.Fatal(p.verdict())
			}
			back := filepath.Join(t.TempDir(), "back.mp4")
			r := start(t, 3*time.Minute, baton(), "record", s.url("/"+c.name+"?start=keyframe"), back, "--transport", "tcp")
			for end := time.Now().Add(time.Minute); contents(back)[c.codec].packets < 80; r.endsWithin(250 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("recorded after a minute: %v", contents(back))
				}
			}
			r.cmd.Process.Signal(os.Interrupt)
			<-r.ended
			f.Process.Kill()
			packets(t, back) // all of it can be decoded
			got := contents(back)
			if a := got["aac"].rate(); c.audio && (a < 45 || a > 49) { // 48 kHz in packets of 1024
				t.Errorf("%.1f packets of sound a second: %v", a, got)
			}
			if v := got[c.codec].rate(); v < 24 || v > 27 {
				t.Errorf("%.1f pictures a second: %v", v, got)
			}
			if !p.endsWithin(30*time.Second) || p.err != nil {
				t.Errorf("at the end of the input: %s", p.verdict())
			}
		})
	}
	empty := startWith(t, strings.NewReader("this is no MPEG-TS"), time.Minute, baton(), "publish", "-", s.url("/empty"))
	if <-empty.ended; empty.cmd.ProcessState.ExitCode() != 1 || strings.Count(empty.stderr.String(), "\n") != 1 {
		t.Errorf("%s: %s", empty.verdict(), empty.stderr.String())
	}
}

// The load of a server is measured, and every reader gets what is sent.
func TestBench(t *testing.T) {
	s := serve(t)
	for _, transport := range []string{"", "--udp"} {
		args := []string{"bench", s.url("/clock"), "-n", "50", "--duration", "2s", "--json"}
		if transport != "" {
			args = append(args, transport)
		}
		p := run(t, time.Minute, baton(), args...)
		var r struct{ Readers, Failed, Gone, Starved, Lost int }
		if err := json.Unmarshal([]byte(p.stdout.String()), &r); err != nil || r.Readers != 50 || r.Failed+r.Gone+r.Starved+r.Lost > 0 {
			t.Errorf("%v, %+v", err, r)
		}
	}
}

// AUT-14: readers log in as players do, also over TLS to a server that is trusted. What is wrong is one sentence and an exit code, and
// said to the server once.
func TestBenchLogsIn(t *testing.T) {
	s := serve(t, append(config(t, "anonymous: []\ntls: { auto: true }\naudit: stderr\nusers: [ { name: ann, password: \"p@ss\", allow: [ { do: read } ] } ]\n"), "--rtsps", "127.0.0.1:0")...)
	if !s.sees(10*time.Second, printedTLS.MatchString) {
		t.Fatal("no rtsps URL printed")
	}
	sealed := printedTLS.FindString(s.stdout.String())
	as := func(who, base, path string, more ...string) *program {
		t.Helper()
		p := start(t, time.Minute, baton(), append([]string{"bench", strings.Replace(base, "://", "://"+who, 1) + path, "-n", "30", "--duration", "1s", "--json"}, more...)...)
		<-p.ended
		return p
	}
	stranger := as("ann:p%40ss@", sealed, "/clock")
	_, print, told := strings.Cut(strings.TrimSpace(stranger.stderr.String()), "--trust ")
	if !told || stranger.cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("%s: %s", stranger.verdict(), stranger.stderr.String())
	}
	for _, p := range []*program{as("ann:p%40ss@", s.url(""), "/clock"), as("ann:p%40ss@", s.url(""), "/clock", "--udp"), as("ann:p%40ss@", sealed, "/clock", "--trust", print)} {
		var r struct{ Readers, Failed, Gone, Starved, Lost int }
		if err := json.Unmarshal([]byte(p.stdout.String()), &r); err != nil || r.Readers != 30 || r.Failed+r.Gone+r.Starved+r.Lost > 0 {
			t.Errorf("%s: %v, %+v", p, err, r)
		}
	}
	refused := func() int { return strings.Count(s.stderr.String(), `"allowed":false`) }
	before := refused()
	for who, sentence := range map[string]string{"ann:wrong@": "the user or the password is wrong", "": "asks for a user and a password"} {
		p := as(who, s.url(""), "/clock")
		if line := p.stderr.String(); p.cmd.ProcessState.ExitCode() != 3 || strings.Count(line, "\n") != 1 || !strings.Contains(line, sentence) {
			t.Errorf("%s: %s: %s", p, p.verdict(), line)
		}
	}
	if n := refused() - before; n != 3 { // of who has not been asked yet, twice, and the wrong password
		t.Errorf("refused %d times", n)
	}
}
