package e2e

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// receive has GStreamer's rtspsrc play an URL until so many decoded buffers of
// each track have come out at the end. What counts is the end of stream that the
// sinks then send: while it shuts down, rtspsrc 1.22 may close its connection
// under a request of its own and report that as an error.
func receive(t *testing.T, m medium, transport, from string, buffers int) {
	t.Helper()
	p := start(t, 2*time.Minute, "gst-launch-1.0", receiver(m, transport, from, "fakesink sync=false num-buffers="+strconv.Itoa(buffers))...)
	<-p.ended
	if !strings.Contains(p.stdout.String(), "Got EOS from element") {
		t.Errorf("%d buffers did not come out; %s", buffers, p.verdict())
	}
}

// receiver is a pipeline with rtspsrc for one track, and with playbin around it
// for more: gst-launch links the pads of several tracks one after the other,
// and media of the first may come before that of the second is linked.
func receiver(m medium, transport, from, sink string) []string {
	if len(m.codecs) > 1 {
		scheme := map[string]string{"tcp": "rtspt", "udp": "rtspu"}[transport]
		return []string{"playbin", "uri=" + scheme + strings.TrimPrefix(from, "rtsp"), "flags=audio+video", "video-sink=" + sink, "audio-sink=" + sink}
	}
	args := []string{"rtspsrc", "location=" + from, "protocols=" + transport, "latency=200", "!", "decodebin", "!"}
	return append(args, strings.Fields(sink)...)
}

// pipelines are what GStreamer publishes: sources and encoders, each ending in
// the sink named out.
var pipelines = []struct {
	medium
	elements []string
}{
	{medium{name: "h264 and opus", codecs: []string{"h264", "opus"}, video: true}, []string{
		"videotestsrc", "is-live=true", "!", "video/x-raw,format=I420,width=320,height=240,framerate=25/1", "!",
		"x264enc", "tune=zerolatency", "speed-preset=ultrafast", "key-int-max=25", "!", "out.",
		"audiotestsrc", "is-live=true", "!", "opusenc", "!", "out.",
	}},
	{medium{name: "vp8", codecs: []string{"vp8"}, video: true}, []string{
		"videotestsrc", "is-live=true", "!", "video/x-raw,format=I420,width=320,height=240,framerate=25/1", "!",
		"vp8enc", "deadline=1", "cpu-used=8", "keyframe-max-dist=25", "!", "video/x-vp8,profile=(string)0", "!", "out.",
	}},
	{medium{name: "pcma", codecs: []string{"pcm_alaw"}}, []string{
		"audiotestsrc", "is-live=true", "!", "audio/x-raw,rate=8000,channels=1", "!", "alawenc", "!", "out.",
	}},
}

// push has GStreamer's rtspclientsink publish until the test ends.
func push(t *testing.T, elements []string, transport, to string) *program {
	t.Helper()
	args := slices.Concat([]string{"-q", "rtspclientsink", "name=out", "location=" + to, "protocols=" + transport}, elements)
	return start(t, 4*time.Minute, "gst-launch-1.0", args...)
}
