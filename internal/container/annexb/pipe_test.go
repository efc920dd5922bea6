package annexb

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

// What comes out of a pipe is what the index of the same file says, however it is cut.
func TestAPipeGivesWhatTheFileHas(t *testing.T) {
	for name, b := range small(t) {
		f, err := Open(bytes.NewReader(b), int64(len(b)), container.Options{})
		if err != nil {
			t.Fatal(err)
		}
		track := f.Tracks[0]
		for how, r := range map[string]io.Reader{"whole": bytes.NewReader(b), "by the byte": iotest.OneByteReader(bytes.NewReader(b)), "by halves": iotest.HalfReader(bytes.NewReader(b))} {
			p, err := OpenPipe(r, 0)
			if err != nil || p.Codec != track.Codec || len(p.Config) != len(track.Config) {
				t.Fatalf("%s %s: %v", name, how, err)
			}
			want := containertest.Samples(track)
			n := 0
			err = p.Run(func(pts int64, data []byte) error {
				sample, err := track.Reader.ReadSample(want[n], nil)
				if err != nil || !bytes.Equal(sample, data) || pts != want[n].PTS*90000/int64(track.Timescale) {
					t.Errorf("%s %s: unit %d at %d, want %d; %d bytes of %d", name, how, n, pts, want[n].PTS, len(data), len(sample))
				}
				n++
				return nil
			})
			if !errors.Is(err, io.EOF) || n != len(want) {
				t.Errorf("%s %s: %d units of %d: %v", name, how, n, len(want), err)
			}
		}
	}
}

// What is no video is refused before much of it is read, and a picture that does not end ends the pipe.
func TestAPipeRefuses(t *testing.T) {
	for _, s := range []string{"", "no video", "\x00\x00\x01", "\x00\x00\x01\x67", strings.Repeat("\x00", 1<<20)} {
		if _, err := OpenPipe(strings.NewReader(s), 0); !errors.Is(err, container.ErrFormat) {
			t.Errorf("%.20q: %v", s, err)
		}
	}
	b := small(t)["small.h264"]
	p, err := OpenPipe(io.MultiReader(bytes.NewReader(b), endless{}), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(func(int64, []byte) error { return nil }); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a picture without end: %v", err)
	}
	stop := errors.New("stop")
	p, err = OpenPipe(bytes.NewReader(b), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(func(int64, []byte) error { return stop }); err != stop {
		t.Errorf("stopped with %v", err)
	}
}

// endless reads ones for ever.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 0xFF
	}
	return len(b), nil
}
