package e2e

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/clock"
)

// A sight is one picture of the clock as a player has shown it.
type sight struct {
	at    time.Time     // when it was shown
	delay time.Duration // since it was made
}

// A watcher looks at what a player shows: pictures of 640 by 360, grey, on its standard output.
type watcher struct {
	begun time.Time
	grown chan struct{} // capacity 1

	mu   sync.Mutex
	list []sight
}

// watchClock runs a player until the test ends.
func watchClock(t *testing.T, name string, args ...string) *watcher {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	said := newTranscript()
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	w := &watcher{begun: time.Now(), grown: make(chan struct{}, 1)}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { // ends with the player
		defer close(ended)
		w.look(out)
		cmd.Wait()
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		if t.Failed() {
			t.Logf("%s\n%s", cmd, indent(said.String()))
		}
	})
	return w
}

// look reads the clock in every picture.
func (w *watcher) look(pictures io.Reader) {
	img := image.NewGray(image.Rect(0, 0, clock.Width, clock.Height))
	for {
		if _, err := io.ReadFull(pictures, img.Pix); err != nil {
			return
		}
		now := time.Now()
		if r, err := clock.Read(img); err == nil {
			w.mu.Lock()
			w.list = append(w.list, sight{now, now.Sub(r.Time)})
			w.mu.Unlock()
			select {
			case w.grown <- struct{}{}:
			default: // somebody has yet to look
			}
		}
	}
}

func (w *watcher) seen() []sight {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.list)
}

// watch waits until a time after the player's start, and tells whether anything has been seen by then.
func (w *watcher) watch(until time.Duration) bool {
	end := time.After(time.Until(w.begun.Add(until)))
	for {
		select {
		case <-w.grown:
		case <-end:
			return len(w.seen()) > 0
		}
	}
}

// delay is the middle one of the delays in a span of time.
func (w *watcher) delay(from, to time.Time) (time.Duration, int) {
	var list []time.Duration
	for _, s := range w.seen() {
		if s.at.After(from) && s.at.Before(to) {
			list = append(list, s.delay)
		}
	}
	if len(list) == 0 {
		return 0, 0
	}
	slices.Sort(list)
	return list[len(list)/2], len(list)
}

// synchronised has GStreamer show pictures when they are due.
func synchronised(transport, url string) []string {
	return []string{"-q", "rtspsrc", "location=" + url, "protocols=" + transport, "latency=200", "!", "rtph264depay", "!", "h264parse", "!",
		"avdec_h264", "max-threads=1", "!", "videoconvert", "!", "video/x-raw,format=GRAY8", "!", "fdsink", "fd=1", "sync=true"}
}

// A reader that comes in the middle of a group of ten seconds sees a picture at once, and soon afterwards is as near to the
// live edge as one who was there before.
func TestStartIsInstantAndLeavesNobodyBehind(t *testing.T) {
	need(t, "gst-launch-1.0")
	url := serve(t).url("/clock?gop=10")
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			late(t, 150*time.Millisecond, func() *watcher { return watchClock(t, "gst-launch-1.0", synchronised(transport, url)...) })
		})
	}
}

// late starts a player in the middle of a group, beside one that was there before, and compares their delays.
func late(t *testing.T, behind time.Duration, play func() *watcher) {
	t.Helper()
	var fault string
	for range 3 { // a machine that is busy leaves any player behind
		if fault = lateOnce(t, behind, play); fault == "" {
			return
		}
	}
	t.Error(fault)
}

// lateOnce is what is wrong, "" if nothing is.
func lateOnce(t *testing.T, behind time.Duration, play func() *watcher) (fault string) {
	t.Helper()
	before := play()
	before.watch(6500 * time.Millisecond) // into the group
	after := play()
	if !before.watch(time.Since(before.begun)+6*time.Second) || len(after.seen()) == 0 {
		t.Fatal("nothing was seen")
	}
	end := time.Now()
	first := after.seen()[0].at.Sub(after.begun)
	a, n := before.delay(end.Add(-2*time.Second), end)
	b, m := after.delay(end.Add(-2*time.Second), end)
	t.Logf("first picture after %v; delay %v, of the reader before %v", first, b, a)
	switch {
	case first > 3*time.Second: // with the time that the program itself takes to start
		return fmt.Sprintf("the first picture came after %v", first)
	case n < 20 || m < 20 || b-a > behind:
		return fmt.Sprintf("%d pictures with a delay of %v, want that of the reader before: %d with %v", m, b, n, a)
	}
	return ""
}

// onScreen runs a player on a screen of its own and looks at what it shows there.
func onScreen(t *testing.T, name string, args ...string) *watcher {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	screen := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "640x360x24", "-nolisten", "tcp", "-noreset")
	screen.ExtraFiles = []*os.File{w}
	if err := screen.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() {
		screen.Process.Kill()
		screen.Wait()
	})
	t.Cleanup(func() { r.Close() })
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	display := ":" + strings.TrimSpace(number)
	player := exec.Command(name, args...)
	player.Env = append(os.Environ(), "LC_ALL=C", "DISPLAY="+display, "SDL_VIDEODRIVER=x11", "SDL_AUDIODRIVER=dummy", "HOME="+t.TempDir())
	said := newTranscript()
	player.Stdout, player.Stderr = said, said
	begun := time.Now()
	if err := player.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		player.Process.Kill()
		player.Wait()
		if t.Failed() {
			t.Logf("%s\n%s", player, indent(said.String()))
		}
	})
	grab := watchClock(t, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-f", "x11grab", "-draw_mouse", "0", "-framerate", "50",
		"-video_size", "640x360", "-i", display, "-f", "rawvideo", "-pix_fmt", "gray", "-")
	grab.begun = begun
	return grab
}

// The same with players that go by the timestamp of the first picture: what is lasting would be that of a plain burst.
func TestPlayersAreNotLeftBehind(t *testing.T) {
	need(t, "ffmpeg", "ffplay", "mpv", "Xvfb")
	url := serve(t).url("/clock?gop=10")
	for name, args := range map[string][]string{
		"ffplay": {"-loglevel", "error", "-an", "-noborder", "-left", "0", "-top", "0", "-x", "640", "-y", "360", "-rtsp_transport", "tcp", "-flags", "low_delay"},
		"mpv": {"--no-config", "--really-quiet", "--profile=low-latency", "--no-audio", "--vo=x11", "--geometry=640x360+0+0", "--no-border",
			"--osc=no", "--rtsp-transport=tcp"},
	} {
		t.Run(name, func(t *testing.T) {
			late(t, 500*time.Millisecond, func() *watcher { return onScreen(t, name, append(slices.Clone(args), url)...) })
		})
	}
}
