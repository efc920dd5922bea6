package e2e

import "testing"

// ERR-3xx, RED-04: a path with a redirect sends readers elsewhere, here to
// another server, and they go.
func TestRedirectIsFollowed(t *testing.T) {
	need(t, "ffmpeg", "ffprobe", "gst-launch-1.0")
	there := serve(t)
	here := serve(t, config(t, "paths:\n  old:\n    redirect: "+there.url("/clock")+"\n")...)
	m := medium{codecs: []string{"h264"}, video: true}
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			probe(t, m, transport, here.url("/old"))
			decode(t, m, transport, here.url("/old"), 10)
			receive(t, m, transport, here.url("/old"), 10)
		})
	}
}
