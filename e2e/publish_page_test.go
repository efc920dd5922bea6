package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// What the page sends of a camera and a microphone can be read by others, and a click ends it on the server too.
func TestPagePublishes(t *testing.T) {
	need(t, "chromium", "ffprobe")
	s, base := site(t)
	for _, codec := range []string{"h264", "vp8"} {
		t.Run(codec, func(t *testing.T) {
			b := chromium(t, "use-fake-device-for-media-stream", "use-fake-ui-for-media-stream")
			b.open(base + "/play/from-" + codec)
			b.press("details.publish > summary")
			b.until("the codec can be chosen", `document.querySelector("details.publish").open`, 5*time.Second)
			eval[any](b, fmt.Sprintf(`document.querySelector("details.publish select").value = %q`, codec))
			before := strings.Count(s.stderr.String(), "session ended")
			clicked := time.Now()
			b.click("Camera")
			b.until("it is published", `/^Publishing \d/.test(document.getElementById("publishing").textContent)`, 15*time.Second)
			t.Logf("%s: published, by the page, %v after the click: %s", codec, time.Since(clicked).Round(time.Millisecond), eval[string](b, `document.getElementById("publishing").textContent`))

			b.shot("publish-"+codec, 1440, 900)
			picture, sound := streams(t, s.url("/from-"+codec))
			for tries := 0; tries < 2 && picture.Packets < 20; tries++ { // the page encodes, which takes a busy machine some time to get into
				picture, sound = streams(t, s.url("/from-"+codec))
			}
			if picture.Codec != codec || picture.Width != 640 || picture.Height != 480 {
				t.Errorf("the picture is read as %+v, want %s of 640 × 480", picture, codec)
			}
			if sound.Codec != "opus" || sound.Packets < 50 || picture.Packets < 20 {
				t.Errorf("in two seconds there are %+v and %+v", picture, sound)
			}

			b.click("Stop publishing")
			b.until("it says that it stopped", `document.getElementById("publishing").textContent == "It is no longer published."`, 5*time.Second)
			if !s.stderr.sees(s.ended, 5*time.Second, func(text string) bool { return strings.Count(text, "session ended") >= before+2 }) { // this one and ffprobe's
				t.Error("the server's session goes on")
			}
			if live := eval[int](b, `[...document.querySelectorAll("details.publish button")].filter(x => x.textContent == "Camera" && !x.disabled).length`); live != 1 {
				t.Error("one cannot publish again")
			}
		})
	}
}

// A stream is what ffprobe says of one.
type stream struct {
	Kind    string `json:"codec_type"`
	Codec   string `json:"codec_name"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
	Packets int    `json:"nb_read_packets,string"`
}

// streams reads two seconds of what a URL gives.
func streams(t *testing.T, url string) (picture, sound stream) {
	t.Helper()
	p := run(t, time.Minute, "ffprobe", "-hide_banner", "-loglevel", "error", "-rtsp_transport", "tcp", "-read_intervals", "%+2", "-count_packets",
		"-show_entries", "stream=codec_type,codec_name,width,height,nb_read_packets", "-of", "json", url)
	var all struct{ Streams []stream }
	if err := json.Unmarshal([]byte(p.stdout.String()), &all); err != nil {
		t.Fatalf("ffprobe: %v in %s", err, p.stdout)
	}
	of := func(kind string) (s stream) {
		if i := slices.IndexFunc(all.Streams, func(s stream) bool { return s.Kind == kind }); i >= 0 {
			s = all.Streams[i]
		}
		return s
	}
	return of("video"), of("audio")
}
