package e2e

import (
	"bufio"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/clock"
)

var printedSite = regexp.MustCompile(`in a browser (https?://\S+)`)

// site starts a server with a web side, and returns it with the base of its pages.
func site(t *testing.T, flags ...string) (s *server, base string) {
	t.Helper()
	s = serve(t, flags...)
	if !s.sees(10*time.Second, printedSite.MatchString) {
		t.Fatalf("%s: no page printed; %s", s, s.verdict())
	}
	return s, printedSite.FindStringSubmatch(s.stdout.String())[1]
}

// A click on Play shows the film, with sound; Pause freezes it, seeking finds the picture, volume halves the sound, Teardown ends the
// server's session.
func TestPlayerPlaysTheFilm(t *testing.T) {
	s, base := site(t)
	b := chromium(t)
	b.open(base + "/play/demo.mp4")
	b.click("Play")
	b.until("it plays", `baton.player.state == "playing"`, 5*time.Second)
	b.until("the picture changes", `new Promise(r => { const p = baton.print(); setTimeout(() => r(baton.print() != p), 200) })`, 5*time.Second)
	b.until("there is sound", `baton.level() > 0.01`, 5*time.Second)
	for _, width := range []int64{800, 390, 1440} {
		b.shot(fmt.Sprint("play-", width), width, 900)
	}

	loud := eval[float64](b, `baton.until(async () => { await new Promise(r => setTimeout(r, 500)); return baton.level() }, 5000)`)
	quiet := eval[float64](b, `(baton.player.volume = 0.5, baton.until(async () => { await new Promise(r => setTimeout(r, 700)); return baton.level() }, 5000))`)
	if quiet < 0.3*loud || quiet > 0.7*loud {
		t.Errorf("at half the volume the level is %.4f of %.4f", quiet, loud)
	}

	b.click("Pause")
	b.until("it pauses", `baton.player.state == "paused"`, 5*time.Second)
	if !eval[bool](b, `new Promise(r => setTimeout(() => { const p = baton.print(); setTimeout(() => r(baton.print() == p), 600) }, 300))`) {
		t.Error("the picture goes on while it is paused")
	}
	if level := eval[float64](b, `baton.level()`); level > 0.001 {
		t.Errorf("there is sound while it is paused: %f", level)
	}

	b.click("Play")
	b.until("it plays again", `baton.player.state == "playing"`, 5*time.Second)
	eval[any](b, `baton.player.seek(5).then(() => 1)`)
	b.until("it is where it was sent", `baton.player.position >= 4.9 && baton.player.position < 6.5`, 3*time.Second)

	b.click("TEARDOWN")
	b.until("it has ended", `baton.player.state == "idle"`, 5*time.Second)
	if !s.stderr.sees(s.ended, 5*time.Second, func(text string) bool { return strings.Contains(text, "session ended") }) {
		t.Error("the server's session goes on")
	}
}

// What a seek shows is the picture of that time, by either way of decoding.
func TestPlayerSeeksToThePicture(t *testing.T) {
	folder := t.TempDir()
	gradient(t, folder+"/film.mp4")
	_, base := site(t, "--media", folder)
	for _, query := range []string{"", "?mse"} {
		t.Run("by"+query, func(t *testing.T) {
			b := chromium(t)
			b.open(base + "/play/film.mp4" + query)
			b.click("Play")
			b.until("it plays", `baton.player.state == "playing" && baton.player.position > 0.2`, 5*time.Second)
			eval[any](b, `baton.player.seek(4.8).then(() => 1)`)
			b.until("it plays from there", `baton.player.position > 4.85`, 5*time.Second) // the place itself is told before its picture is there
			eval[any](b, `baton.player.pause().then(() => 1)`)
			got := eval[[]float64](b, `new Promise(r => setTimeout(() => { const g = baton.grey(64, 36); r([g.reduce((s, v) => s + v, 0) / g.length, baton.player.position]) }, 300))`)
			want := 16 + (20+25*got[1])*219/255 // each picture is a little brighter, in the range of television
			if got[0] < want-3 || got[0] > want+3 {
				t.Errorf("at %.2f s the picture is %.1f bright, want %.1f", got[1], got[0], want)
			}
		})
	}
}

// The clock's blocks tell how old a picture is when it can be seen.
func TestPlayerIsLive(t *testing.T) {
	_, base := site(t)
	for _, c := range []struct {
		query string
		limit time.Duration // of the median
	}{{"", 300 * time.Millisecond}, {"?mse", 900 * time.Millisecond}} { // goals are in bench: here it only must not be far off
		t.Run("by"+c.query, func(t *testing.T) {
			b := chromium(t)
			b.open(base + "/play/clock" + c.query)
			b.click("Play")
			b.until("it plays", `baton.player.state == "playing" && baton.screen && baton.print() != 0`, 5*time.Second)
			ages := latencies(t, b, 30)
			if median := ages[len(ages)/2]; median > c.limit {
				t.Errorf("the picture is %v old", median)
			}
			t.Logf("latency to the picture: p50 %v, p90 %v, of %d readings; %v", ages[len(ages)/2], ages[9*len(ages)/10], len(ages), eval[any](b, `baton.player.stats()`))
		})
	}
}

// latencies reads how old the picture of the clock is, some times, and sorts it.
func latencies(t *testing.T, b *tab, times int) []time.Duration {
	t.Helper()
	var ages []time.Duration
	for range times {
		if old, ok := age(t, b); ok {
			ages = append(ages, old)
		}
	}
	if len(ages) < times/2 {
		t.Fatalf("only %d of %d pictures could be read", len(ages), times)
	}
	slices.Sort(ages)
	return ages
}

// age is how old the picture of the clock is; false: its blocks cannot be read just now.
func age(t *testing.T, b *tab) (time.Duration, bool) {
	t.Helper()
	got := eval[[]any](b, `new Promise(r => setTimeout(() => requestAnimationFrame(() => {
		const now = performance.timeOrigin + performance.now(), g = baton.grey(640, 360); r([now, baton.text(g)]) }), 50 + 40 * Math.random()))`)
	reading, err := clock.Read(greyscale(t, got[1].(string), 640, 360))
	if err != nil {
		return 0, false
	}
	return time.UnixMicro(int64(got[0].(float64) * 1000)).Sub(reading.Time).Round(time.Millisecond), true
}

// Each codec is shown or heard, decoded by WebCodecs or, where that is not, made into MP4 or WebM in the page.
func TestPlayerDecodes(t *testing.T) {
	need(t, "ffmpeg")
	folder := t.TempDir()
	const video, audio = "-f lavfi -i testsrc2=size=320x180:rate=25 -t 12 -pix_fmt yuv420p ", "-f lavfi -i sine=frequency=440:sample_rate=48000 -t 12 "
	films := []struct {
		name, args       string
		picture, sound   bool
		secure, insecure string // how pictures are decoded
	}{
		{"h264-aac.mp4", "-f lavfi -i sine=sample_rate=48000 " + video + "-c:v libx264 -bf 2 -g 25 -c:a aac", true, true, "webcodecs", "mse"},
		{"av1.mp4", video + "-c:v libaom-av1 -cpu-used 8 -row-mt 1 -g 25", true, false, "webcodecs", "mse"},
		{"vp8-opus.webm", "-f lavfi -i sine=sample_rate=48000 " + video + "-c:v libvpx -deadline realtime -g 25 -c:a libopus", true, true, "webcodecs", "mse"},
		{"vp9.webm", video + "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 25", true, false, "webcodecs", "mse"},
		{"picture.mjpeg", video + "-c:v mjpeg -huffman default -f mjpeg", true, false, "jpeg", "jpeg"},
		{"mulaw.wav", "-f lavfi -i sine=frequency=440:sample_rate=8000 -t 12 -c:a pcm_mulaw", false, true, "none", "none"},
		{"l16.wav", audio + "-c:a pcm_s16le", false, true, "none", "none"},
		{"opus.ogg", audio + "-c:a libopus", false, true, "none", "none"},
	}
	for _, f := range films {
		run(t, 2*time.Minute, "ffmpeg", append(append([]string{"-hide_banner", "-nostdin", "-loglevel", "error"}, strings.Fields(f.args)...), filepath.Join(folder, f.name))...)
	}
	_, base := site(t, append(config(t, "hosts: [player.test]\n"), "--media", folder)...)
	for _, c := range []struct {
		name, host string
		secure     bool
	}{{"secure", "127.0.0.1", true}, {"insecure", "player.test", false}} {
		t.Run(c.name, func(t *testing.T) {
			b := chromium(t, "host-resolver-rules=MAP player.test 127.0.0.1", "autoplay-policy=no-user-gesture-required")
			for _, f := range films {
				b.open(strings.Replace(base, "127.0.0.1", c.host, 1) + "/play/" + f.name)
				if secure := eval[bool](b, `isSecureContext`); secure != c.secure {
					t.Fatalf("a secure context: %v", secure)
				}
				b.click("Play")
				b.until(f.name+" plays", `baton.player.state == "playing"`, 5*time.Second)
				if f.picture {
					b.until(f.name+": the picture changes", `new Promise(r => { const p = baton.print(); setTimeout(() => r(baton.print() != p), 200) })`, 5*time.Second)
				}
				if f.sound {
					b.until(f.name+": there is sound", `baton.level() > 0.01`, 5*time.Second)
				}
				want := f.secure
				if !c.secure {
					want = f.insecure
				}
				if got := eval[string](b, `baton.player.stats().path`); got != want {
					t.Errorf("%s is decoded by %s, want %s", f.name, got, want)
				}
			}
		})
	}
}

// The server goes away and comes back: the player says so, and goes on.
func TestPlayerRecovers(t *testing.T) {
	port := pair(t)
	web, flags := fmt.Sprint("127.0.0.1:", port), []string{"--http", fmt.Sprint("127.0.0.1:", port)}
	first := start(t, time.Minute, baton(), append([]string{"serve", "--rtsp", "127.0.0.1:0", "--udp", "0", "--api", "127.0.0.1:0", "--state", t.TempDir()}, flags...)...)
	if !first.sees(10*time.Second, printedURL.MatchString) {
		t.Fatal(first.verdict())
	}
	b := chromium(t)
	b.open("http://" + web + "/play/clock")
	b.click("Play")
	b.until("it plays", `baton.player.state == "playing" && baton.screen && baton.print() != 0`, 5*time.Second)
	first.kill()
	b.until("it says that the server is gone", `baton.player.state == "reconnecting" && document.getElementById("status").textContent.includes("Trying again")`, 5*time.Second)
	serve(t, flags...)
	b.until("it plays again", `baton.player.state == "playing"`, 15*time.Second)
	b.until("the picture changes", `new Promise(r => { const p = baton.print(); setTimeout(() => r(baton.print() != p), 200) })`, 5*time.Second)
}

// What a publisher or a name says is text, and is never run.
func TestPlayerRunsNothingOfOthers(t *testing.T) {
	s, base := site(t)
	hostile := "<img src=x onerror=\"globalThis.pwned=1\"><script>globalThis.pwned=2</script>"
	announce(t, s, "evil", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns="+hostile+"\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"+
		"m=video 0 RTP/AVP 96\r\na=rtpmap:96 "+strings.ReplaceAll(hostile, " ", "")+"/90000\r\na=fmtp:96 x="+hostile+"\r\na=control:"+"track<img>\r\n")
	b := chromium(t)
	for _, name := range []string{"evil", "%3Cimg%20src=x%20onerror=alert(1)%3E", "javascript:alert(1)", "%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "..%2F..%2Fetc"} {
		b.open(base + "/play/" + name)
		b.click("Play")
		b.until("it has said something", `document.getElementById("status").textContent != "Play begins it."`, 5*time.Second)
		if eval[bool](b, `globalThis.pwned !== undefined || document.querySelector("main img, main script, h1 *") !== null`) {
			t.Errorf("%s runs in the page", name)
		}
	}
}

// announce publishes a description, and no media, until the end of the test.
func announce(t *testing.T, s *server, path, sdp string) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.base, "rtsp://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "ANNOUNCE %s/%s RTSP/1.0\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", s.base, path, len(sdp), sdp)
	answer, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.HasPrefix(answer, "RTSP/1.0 200 ") {
		t.Fatalf("ANNOUNCE: %q, %v", answer, err)
	}
}
