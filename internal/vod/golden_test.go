package vod_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/open"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// unplayable are files of the demuxers' tests that have pictures which RTP cannot carry: ProRes, and JPEG with Huffman
// tables of its own, for which RFC 2435 has no room.
var unplayable = map[string]bool{"prores.mov": true, "mjpeg.mov": true, "mjpeg.mp4": true, "sound.avi": true}

// forAllFiles runs body for a film of each file that the demuxers are tested with: every container, every codec.
func forAllFiles(t *testing.T, body func(t *testing.T, f *film)) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "container", "*", "testdata", "*.*"))
	if err != nil || len(names) < 40 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		if filepath.Ext(name) == ".packets" || filepath.Base(name) == "make" || unplayable[filepath.Base(name)] {
			continue
		}
		t.Run(filepath.Base(filepath.Dir(filepath.Dir(name)))+" "+filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			body(t, openFilm(t, name))
		})
	}
}

// A film is a stored film with what its tracks have in them.
type film struct {
	*vod.Film
	length time.Duration
	tracks []track
	lead   int // that seeking goes by
}

// A track is what a demuxer says that a track of a film has.
type track struct {
	*container.Track
	samples []container.Sample
	data    [][]byte
}

func openFilm(t *testing.T, name string) *film {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := open.Open(bytes.NewReader(content), int64(len(content)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if file.Scan != nil {
		if err := file.Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	f := &film{length: file.Duration(), lead: -1}
	if f.Film, err = vod.NewFilm(file, vod.FilmConfig{}); err != nil {
		t.Fatal(err)
	}
	described := f.Describe().SDP.Media
	for _, tr := range file.Tracks {
		if len(f.tracks) == len(described) || !described[len(f.tracks)].FormatList()[0].Is(string(tr.Codec)) {
			continue // RTP cannot carry it
		}
		if tr.Video && f.lead < 0 {
			f.lead = len(f.tracks)
		}
		f.tracks = append(f.tracks, readTrack(t, tr))
	}
	f.lead = max(f.lead, 0)
	if len(f.tracks) != len(described) {
		t.Fatalf("%d tracks, described are %d", len(f.tracks), len(described))
	}
	return f
}

func readTrack(t *testing.T, tr *container.Track) track {
	t.Helper()
	list := track{Track: tr}
	c := tr.Index.Cursor(0)
	for s, ok := c.Next(); ok; s, ok = c.Next() {
		b, err := tr.Reader.ReadSample(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		list.samples, list.data = append(list.samples, s), append(list.data, b)
	}
	return list
}

// from is the sample at which decoding has to begin for what is shown at a time.
func (tr *track) from(at time.Duration) int {
	shown := -1
	for i, s := range tr.samples {
		if tr.Time(s.PTS) <= at && (shown < 0 || s.PTS >= tr.samples[shown].PTS) {
			shown = i
		}
	}
	for i := max(shown, 0); i >= 0; i-- {
		if tr.samples[i].Key {
			return i
		}
	}
	return 0
}

// want are the units of each track, as a player gets them that begins at a time; and when it really begins.
func (f *film) want(at time.Duration) (units [][][]byte, start time.Duration) {
	lead := &f.tracks[f.lead]
	first := lead.from(at)
	start = lead.Time(lead.samples[first].PTS)
	units = make([][][]byte, len(f.tracks))
	for n := range f.tracks {
		tr, i, floor := &f.tracks[n], 0, start
		switch {
		case n == f.lead:
			i = first
		case tr.Video:
			i, floor = tr.from(max(start, 0)), -time.Hour
		}
		for ; i < len(tr.samples); i++ {
			if tr.Time(tr.samples[i].PTS) >= floor-slackOf(n, f.lead, start) {
				units[n] = append(units[n], unitsOf(tr.Track, tr.data[i])...)
			}
		}
		if sampled(tr.Codec) && len(units[n]) > 0 {
			units[n] = [][]byte{bytes.Join(units[n], nil)}
		}
	}
	return units, max(start, 0)
}

// slackOf is how much earlier than the beginning a sample of a track that does not lead may be; what lies before
// the presentation does not count.
func slackOf(n, lead int, start time.Duration) time.Duration {
	if n == lead {
		return 0
	}
	return time.Millisecond/2 + min(start, 0)
}

// A listener takes the packets of a playback apart again.
type listener struct {
	t     *testing.T
	film  *film
	p     rtspserver.Playback
	now   time.Time
	lanes []*depacketizer
}

func (f *film) listen(t *testing.T) *listener {
	t.Helper()
	p, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{t: t, film: f, p: p, now: time.Unix(1e9, 0)}
	for i := range f.tracks {
		l.lanes = append(l.lanes, newDepacketizer(t, f.tracks[i].Track))
	}
	return l
}

// play begins at a time; less than 0: where the playback stands.
func (l *listener) play(at time.Duration) rtsp.Range {
	l.t.Helper()
	req := &rtspserver.PlayRequest{}
	if at >= 0 {
		req.Range = &rtsp.Range{Start: rtsp.Position{Kind: rtsp.PositionOffset, Offset: at}}
	}
	result, err := l.p.Play(l.now, req)
	if err != nil {
		l.t.Fatalf("PLAY from %v of %v: %v", at, l.film.length, err)
	}
	return result.Range
}

// hear takes as many batches as there are, at most n of them.
func (l *listener) hear(n int) {
	l.t.Helper()
	for range n {
		b, wait, err := l.p.Next(l.now)
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			l.t.Fatal(err)
		case len(b.Packets) == 0:
			l.now = wait
		}
		for i := range b.Packets {
			l.lanes[b.Packets[i].Track].packet(l.t, b.RTP(i))
		}
		if len(b.Packets) > 0 {
			l.p.Advance(len(b.Packets))
		}
	}
}

// compare fails the test where what was heard since the last time is not what is wanted.
func (l *listener) compare(what string, want [][][]byte) {
	l.t.Helper()
	for n, lane := range l.lanes {
		got := lane.take()
		if diff := firstDifference(want[n], got); diff != "" {
			l.t.Errorf("%s, track %d, %s: %s", what, n, l.film.tracks[n].Codec, diff)
		}
	}
}

func firstDifference(want, got [][]byte) string {
	for i := range want {
		if i == len(got) {
			break
		}
		if !bytes.Equal(want[i], got[i]) {
			return fmt.Sprintf("unit %d of %d is another, of %d bytes instead of %d", i, len(want), len(got[i]), len(want[i]))
		}
	}
	if len(want) != len(got) {
		return fmt.Sprintf("%d units, want %d", len(got), len(want))
	}
	return ""
}

const all = 1 << 30

// RNG-09, PLD-01, PLD-02, PLD-08, PLD-14, PLD-19, PLD-22: what a depacketizer that somebody else wrote makes of
// a stored film is what the file has, from its beginning to its end.
func TestWholeFileIsPlayedAsItIs(t *testing.T) {
	forAllFiles(t, func(t *testing.T, f *film) {
		l := f.listen(t)
		l.play(0)
		l.hear(all)
		want, _ := f.want(0)
		l.compare("whole", want)
	})
}

// RNG-17, STA-06: so it is after each of 20 seeks at random, the picture at the time that was asked for among what
// comes; and the answer says where it begins.
func TestSeeksFindWhatTheFileHasThere(t *testing.T) {
	forAllFiles(t, func(t *testing.T, f *film) {
		l, random := f.listen(t), rand.New(rand.NewPCG(7, 9))
		for range 20 {
			at := time.Duration(random.Float64() * float64(f.length) * 0.95).Truncate(time.Millisecond)
			l.play(at)
			l.hear(random.IntN(20) + 1)
			for _, lane := range l.lanes {
				lane.forget() // what was begun before the next seek
			}
			r := l.play(at)
			l.hear(all)
			want, start := f.want(at + time.Millisecond/2)
			if r.Start.Offset != start {
				t.Errorf("npt=%v begins at %v, want %v", at, r.Start.Offset, start)
			}
			l.compare(fmt.Sprintf("npt=%v", at), want)
		}
	})
}

// STA-06: PAUSE and PLAY, over and over, lose nothing and repeat nothing.
func TestPausesLoseNothingOfTheFile(t *testing.T) {
	forAllFiles(t, func(t *testing.T, f *film) {
		l := f.listen(t)
		l.play(0)
		for range len(f.tracks[f.lead].samples) / 4 { // not to the end: PLAY would begin anew there
			l.hear(2)
			if _, stopped, err := l.p.Pause(l.now, nil); err != nil || !stopped {
				t.Fatalf("stopped %v, %v", stopped, err)
			}
			l.now = l.now.Add(3 * time.Second)
			l.play(-1)
		}
		l.hear(all)
		want, _ := f.want(0)
		l.compare("with pauses", want)
	})
}
