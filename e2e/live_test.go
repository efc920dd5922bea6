package e2e

import (
	"strings"
	"testing"
	"time"
)

// ANN-01, ANN-02, ANN-13, FRM-01, TRN-01, TRN-12, RTP-16, PLD-21: what ffmpeg
// publishes, over TCP or UDP, every reader can read over both.
func TestFFmpegPublishesAndAllRead(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	s := serve(t)
	for _, m := range media {
		for _, transport := range transports {
			t.Run(m.name+" over "+transport, func(t *testing.T) {
				t.Parallel()
				path := "/live/" + strings.NewReplacer(" ", "-", ",", "").Replace(m.name) + "-" + transport
				publish(t, m, transport, s.url(path))
				s.hasPath(t, path)
				readAll(t, m, s.url(path))
			})
		}
	}
}

// ANN-01, ANN-02, ANN-12: what GStreamer publishes, over TCP or UDP, every
// reader can read over both.
func TestGStreamerPublishesAndAllRead(t *testing.T) {
	need(t, "gst-launch-1.0", "ffmpeg", "ffprobe")
	s := serve(t)
	for _, p := range pipelines {
		for _, transport := range transports {
			t.Run(p.name+" over "+transport, func(t *testing.T) {
				t.Parallel()
				path := "/gst/" + strings.ReplaceAll(p.name, " ", "-") + "-" + transport
				push(t, p.elements, transport, s.url(path))
				s.hasPath(t, path)
				readAll(t, p.medium, s.url(path))
			})
		}
	}
}

// URL-03, URL-04, ANN-02: ffmpeg appends the track to an URL with a query, and
// reads with a query that others joined.
func TestQueryInURL(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	s := serve(t)
	m := find(t, "h264 and aac")
	publish(t, m, "tcp", s.url("/query?user=me&pass=x"))
	s.hasPath(t, "/query")
	for _, query := range []string{"", "?x=1", "?a=b/c"} {
		t.Run("read with "+query, func(t *testing.T) {
			t.Parallel()
			probe(t, m, "tcp", s.url("/query"+query))
			receiveIfThere(t, m, "tcp", s.url("/query"+query))
		})
	}
}

func receiveIfThere(t *testing.T, m medium, transport, from string) {
	t.Helper()
	need(t, "gst-launch-1.0")
	receive(t, m, transport, from, 10)
}

// readAll reads an URL with every program over every transport.
func readAll(t *testing.T, m medium, from string) {
	t.Helper()
	for _, transport := range transports {
		t.Run("ffprobe reads over "+transport, func(t *testing.T) {
			probe(t, m, transport, from)
		})
		t.Run("ffmpeg reads over "+transport, func(t *testing.T) {
			decode(t, m, transport, from, 30)
		})
		t.Run("ffplay reads over "+transport, func(t *testing.T) {
			need(t, "ffplay")
			play(t, transport, from)
		})
		t.Run("rtspsrc reads over "+transport, func(t *testing.T) {
			need(t, "gst-launch-1.0")
			receive(t, m, transport, from, 30)
		})
	}
}

// RTP-03: a publisher that is killed and comes back within the hold time finds
// its reader still there, and the reader sees time go on, not start again, nor
// jump further than it took.
func TestReaderOutlivesPublisher(t *testing.T) {
	need(t, "ffmpeg")
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			m := find(t, "h264 and aac")
			first := publish(t, m, transport, s.url("/cam"))
			s.hasPath(t, "/cam")

			reader := decoder(t, m, transport, s.url("/cam"), 10000)
			before := frames(t, reader, 50)
			first.kill()
			gone := time.Now()
			after := before + 75
			publishUntil(t, m, transport, s.url("/cam"), func() bool {
				return reader.sees(time.Second, func(text string) bool { return len(decoded(text)) >= after })
			})
			away := time.Since(gone)

			// ffmpeg knows no time for the first packet of any RTP stream. When a
			// report corrects the clock backwards, it makes frames wait.
			all := decoded(reader.stdout.String())
			waiting := 0
			for i := 2; i < after; i++ {
				step := all[i].at - all[i-1].at
				if step <= 0 {
					waiting++
				}
				if step < 0 || step > away || waiting > 5 {
					t.Fatalf("frame %d of %d is shown %v after the one before; the publisher was away for less than %v", i, after, step, away)
				}
			}
			reader.kill()
			silent(t, reader)
		})
	}
}

// publishUntil publishes as a supervisor would have a camera do, until what it
// is to bring about has come: it tries again when it is refused, as it may be
// for as long as the server has not noticed that the one before is gone. Over
// UDP only silence tells.
func publishUntil(t *testing.T, m medium, transport, to string, come func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	p := publish(t, m, transport, to)
	for !come() {
		if time.Now().After(deadline) {
			t.Fatalf("nothing has come after a minute; the publisher is %s", p.verdict())
		}
		if p.endsWithin(0) {
			p = publish(t, m, transport, to)
		}
	}
}

// frames waits until a reader has decoded so many frames and gives the number
// it then has.
func frames(t *testing.T, reader *program, want int) int {
	t.Helper()
	if !reader.sees(time.Minute, func(text string) bool { return len(decoded(text)) >= want }) {
		t.Fatalf("%d frames decoded after a minute, want %d; the reader is %s", len(decoded(reader.stdout.String())), want, reader.verdict())
	}
	return len(decoded(reader.stdout.String()))
}

// ANN-06: a second publisher is refused and the first goes on.
func TestSecondPublisherIsRefused(t *testing.T) {
	need(t, "ffmpeg")
	s := serve(t)
	m := find(t, "h264 and aac")
	first := publish(t, m, "tcp", s.url("/cam"))
	s.hasPath(t, "/cam")

	second := publish(t, m, "tcp", s.url("/cam"))
	if !second.endsWithin(20*time.Second) || second.err == nil {
		t.Fatalf("the second publisher %s", second.verdict())
	}
	if text := second.stderr.String(); !strings.Contains(text, "403") {
		t.Errorf("the second publisher was told:\n%s", indent(text))
	}
	decode(t, m, "tcp", s.url("/cam"), 25)
	if first.endsWithin(0) {
		t.Errorf("the first publisher %s", first.verdict())
	}
}

// A publisher that may take over does so, and readers of the path stay.
func TestTakeover(t *testing.T) {
	need(t, "ffmpeg")
	s := serve(t, config(t, "paths:\n  cam:\n    takeover: true\n")...)
	m := find(t, "h264 and aac")
	first := publish(t, m, "tcp", s.url("/cam"))
	s.hasPath(t, "/cam")
	reader := decoder(t, m, "tcp", s.url("/cam"), 10000)
	before := frames(t, reader, 25)

	publish(t, m, "tcp", s.url("/cam"))
	if !first.endsWithin(20 * time.Second) {
		t.Error("the first publisher still runs")
	}
	frames(t, reader, before+75)
}

// ANN-14: the publisher's own end, with TEARDOWN, ends its readers at once.
func TestTeardownOfPublisherEndsReaders(t *testing.T) {
	need(t, "ffmpeg")
	s := serve(t)
	m := find(t, "h264 and aac")
	publish(t, m, "tcp", s.url("/cam"), "-t", "8")
	s.hasPath(t, "/cam")
	for _, transport := range transports {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			reader := decoder(t, m, transport, s.url("/cam"), 10000)
			frames(t, reader, 10)
			if !reader.endsWithin(20 * time.Second) {
				t.Fatal("the reader still runs")
			}
			if reader.err != nil {
				t.Errorf("the reader %s", reader.verdict())
			}
		})
	}
}
