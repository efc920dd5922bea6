package e2e

import (
	"testing"
	"time"
)

// STA-12, RTP-09: the server's end is the end of all readers, at once and in
// order: BYE, then the connections.
func TestStoppingEndsReaders(t *testing.T) {
	need(t, "ffmpeg", "ffplay")
	s := serve(t)
	m := find(t, "h264 and aac")
	publisher := publish(t, m, "tcp", s.url("/cam"))
	s.hasPath(t, "/cam")
	readers := []*program{
		decoder(t, m, "tcp", s.url("/cam"), 10000),
		decoder(t, m, "udp", s.url("/cam"), 10000),
		decoder(t, medium{video: true}, "tcp", s.url("/clock"), 10000),
		decoder(t, medium{video: true}, "udp", s.url("/movie.mjpeg"), 10000),
	}
	for _, reader := range readers {
		frames(t, reader, 10)
	}
	s.stop()
	for _, reader := range readers {
		if !reader.endsWithin(5 * time.Second) {
			t.Errorf("%s still runs", reader)
		} else if reader.err != nil {
			t.Errorf("%s %s", reader, reader.verdict())
		}
	}
	if !publisher.endsWithin(10 * time.Second) {
		t.Error("the publisher still runs")
	}
}

// SES-09, RTP-19: a reader that vanishes without a word leaves nothing behind
// that would keep the server from serving others, or from ending.
func TestReadersThatVanish(t *testing.T) {
	need(t, "ffmpeg")
	s := serve(t)
	m := medium{codecs: []string{"h264"}, video: true}
	for _, transport := range transports {
		reader := decoder(t, m, transport, s.url("/clock"), 10000)
		frames(t, reader, 10)
		reader.kill()
	}
	decode(t, m, "udp", s.url("/clock"), 10)
}
