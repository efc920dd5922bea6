package rtspserver_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtspserver"
)

// A dialogue is what a client sends, byte for byte, and how the server answers: "STATUS CSEQ" for each
// response. Afterwards the connection is closed by the server, or answers a request. URL stands for the
// server's.
type dialogue struct {
	name, raw string
	want      []string
	closed    bool
}

// runDialogues has each dialogue with a server of its own. /p is a video, /av video and audio.
func runDialogues(t *testing.T, list []dialogue) {
	t.Helper()
	for _, d := range list {
		t.Run(d.name, func(t *testing.T) {
			asKnown := func(c *rtspserver.Config) { c.StrangerMemory = 16 << 20 }
			servertest.InMemory(t, asKnown, func(t *testing.T, w *servertest.World) {
				w.Handler.Live("p", servertest.Video)
				w.Handler.Live("av", servertest.VideoAudio)
				d.run(t, w)
			})
		})
	}
}

func (d *dialogue) run(t *testing.T, w *servertest.World) {
	c := w.Dial()
	defer c.Close()
	began := time.Now()
	c.Send(strings.ReplaceAll(d.raw, "URL", w.URL))
	for i, want := range d.want {
		r, err := c.TryResponse()
		if err != nil {
			t.Fatalf("answer %d: %v\n%s", i, err, c.Transcript())
		}
		if got := strings.TrimSpace(fmt.Sprint(int(r.Status), " ", r.Header.Get("CSeq"))); got != want {
			t.Errorf("answer %d: %q, want %q\n%s", i, got, want, c.Transcript())
		}
	}
	if waited := time.Since(began); waited > time.Second {
		t.Errorf("answered after %v", waited)
	}
	switch {
	case d.closed && !c.Closed():
		t.Error("the connection stays open")
	case !d.closed && c.Do("OPTIONS", "*").Status != 200:
		t.Errorf("the connection is of no use any more\n%s", c.Transcript())
	}
}

// options is an OPTIONS request with a CSeq and further header lines.
func options(cseq int, lines ...string) string {
	return request("OPTIONS", "*", cseq, lines...)
}

func request(method, url string, cseq int, lines ...string) string {
	lines = append([]string{fmt.Sprintf("%s %s RTSP/1.0", method, url), fmt.Sprintf("CSeq: %d", cseq)}, lines...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}
