package mpegts

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

// marks are what tells the samples of a track from each other: the last byte of each.
func marks(t testing.TB, track *container.Track) string {
	t.Helper()
	samples, err := containertest.Bytes(track)
	if err != nil {
		t.Fatal(err)
	}
	var b []byte
	for _, s := range samples {
		b = append(b, s[len(s)-1])
	}
	return string(b)
}

func ptsOf(track *container.Track) (list []int64) {
	for _, s := range containertest.Samples(track) {
		list = append(list, s.PTS)
	}
	return list
}

// movie writes pictures at 25 a second, of which each fifth is a key, from a time on.
func (m *mux) movie(first byte, count int, at int64, size int) {
	for i := range count {
		pts := at + int64(i)*3600
		m.pes(videoPID, videoID, pts, pts, access(i%5 == 0, first+byte(2*i), size))
	}
}

func steps(from, step int64, n int) (list []int64) {
	for i := range n {
		list = append(list, from+int64(i)*step)
	}
	return list
}

// The 33 bits of a time come to their end after 26 hours; the presentation goes on.
func TestTimesWrap(t *testing.T) {
	var m mux
	m.tables(avcElement)
	m.movie('a', 6, 1<<33-2*3600, 300)
	f := m.opened(t)
	if diff := cmp.Diff(steps(0, 3600, 6), ptsOf(f.Tracks[0])); diff != "" {
		t.Error(diff)
	}
	if got := marks(t, f.Tracks[0]); got != "acegik" {
		t.Errorf("got %q", got)
	}
}

// Where recordings were joined times jump, forward or back; all streams go on together.
func TestTimesJump(t *testing.T) {
	for name, to := range map[string]int64{"forward": 500000000, "back": 1000, "a little too far": 2000000 + 12*90000} {
		var m mux
		m.tables(avcElement, aacElement)
		write := func(first byte, at int64) {
			for i := range 5 {
				pts := at + int64(i)*3600
				m.pes(videoPID, videoID, pts, pts, access(i == 0, first+byte(2*i), 100))
				m.pes(audioPID, audioID, pts-900, pts-900, adts(first+byte(2*i), 50))
			}
		}
		write('a', 2000000)
		m.pes(audioPID, audioID, 2000000+4*3600+1020, 2000000+4*3600+1020, adts('z', 50)) // late
		write('k'+'A'-'a', to)
		f := m.opened(t)
		video, audio := ptsOf(f.Tracks[0]), ptsOf(f.Tracks[1])
		const joined = 900 + 4*3600 + 1020 + joint // a picture after the last time before
		if diff := cmp.Diff(append(steps(900, 3600, 5), steps(joined, 3600, 5)...), video); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		want := append(steps(0, 1920, 5), steps(4*1920+1024, 1024, 2)...) // the first after the jump is as good as due
		want = append(want, steps((joined-900+3600)*48/90, 1920, 4)...)
		if diff := cmp.Diff(want, audio); diff != "" {
			t.Errorf("%s, sound (-want +got):\n%s", name, diff)
		}
	}
}

// A time holds for the first sample that begins in its PES packet; others are counted on.
func TestSeveralSamplesInAPESPacket(t *testing.T) {
	var m mux
	m.tables(avcElement, aacElement)
	m.pes(videoPID, videoID, 90000, 90000, cat(access(true, 'a', 300), access(false, 'c', 300)))
	m.pes(audioPID, audioID, 90000, 90000, cat(adts('a', 100), adts('c', 200), adts('e', 300)[:100]))
	m.pes(audioPID, audioID, 90000+3*1920, 90000+3*1920, cat(adts('e', 300)[100:], adts('g', 50)))
	m.pes(videoPID, videoID, 97200, 97200, cat(access(false, 'e', 300), access(false, 'g', 300)[:200]))
	m.pes(videoPID, videoID, -1, -1, access(false, 'g', 300)[200:])
	f := m.opened(t)
	if got, sound := marks(t, f.Tracks[0]), marks(t, f.Tracks[1]); got != "aceg" || sound != "aceg" {
		t.Errorf("%q, %q", got, sound)
	}
	if diff := cmp.Diff(steps(0, 3600, 4), ptsOf(f.Tracks[0])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(steps(0, 1024, 4), ptsOf(f.Tracks[1])); diff != "" {
		t.Errorf("sound (-want +got):\n%s", diff)
	}
}

// A packet may come twice (ISO/IEC 13818-1 §2.4.3.3); there are encoders whose counter stands still.
func TestPacketsThatComeTwice(t *testing.T) {
	for name, counted := range map[string]bool{"counted": true, "not counted": false} {
		var m mux
		m.tables(avcElement)
		m.movie('a', 6, 0, 400)
		var b []byte
		for i := 0; i < len(m.b); i += packetSize {
			p := bytes.Clone(m.b[i : i+packetSize])
			if !counted {
				p[3] &= 0xF0
			}
			b = append(append(b, p...), p...)
		}
		f := openBytes(t, b)
		if got := marks(t, f.Tracks[0]); got != "acegik" {
			t.Errorf("%s: %q", name, got)
		}
		for i, s := range containertest.Samples(f.Tracks[0]) {
			if want := len(access(i%5 == 0, 0, 400)); s.Size != want {
				t.Errorf("%s: sample %d has %d bytes, want %d", name, i, s.Size, want)
			}
		}
	}
}

// A frame of sound that packets are missing of is left out; a picture is what there is of it.
func TestPacketsAreLost(t *testing.T) {
	var m mux
	m.tables(avcElement, aacElement)
	for i := range 6 {
		pts := int64(i) * 1920
		m.pes(videoPID, videoID, pts, pts, access(i == 0, 'a'+byte(2*i), 900))
		m.pes(audioPID, audioID, pts, pts, adts('a'+byte(2*i), 900))
	}
	packets := 0
	var b []byte
	for i := 0; i < len(m.b); i += packetSize {
		p := packet(m.b[i : i+packetSize])
		if p[4+100] == 'e' {
			if packets++; packets == 2 || packets == 7 { // one of the third picture, one of the third frame
				continue
			}
		}
		b = append(b, p...)
	}
	f := openBytes(t, b)
	if got, sound := marks(t, f.Tracks[0]), marks(t, f.Tracks[1]); got != "acegik" || sound != "acgik" {
		t.Errorf("%q, %q of %d packets", got, sound, packets)
	}
	if diff := cmp.Diff(append(steps(0, 1024, 2), steps(3*1024, 1024, 3)...), ptsOf(f.Tracks[1])); diff != "" {
		t.Errorf("sound (-want +got):\n%s", diff)
	}
}

// What cannot be read is not there: damaged and scrambled packets, padding, PES packets without times or contents.
func TestPacketsThatAreNotRead(t *testing.T) {
	var m mux
	m.tables(avcElement, aacElement)
	m.packet(0x1FFF, false, bytes.Repeat([]byte{0xFF}, 184))
	for i := range 3 {
		pts := int64(i) * 3600
		m.pes(videoPID, videoID, pts, pts, access(i == 0, 'a'+byte(2*i), 400))
		m.packet(videoPID, true, bytes.Repeat([]byte{'z'}, 184), damage)
		m.counter[videoPID]--
		m.pes(audioPID, audioID, pts, pts, adts('a'+byte(2*i), 400))
		m.packet(audioPID, true, bytes.Repeat([]byte{'z'}, 184), scramble)
		m.counter[audioPID]--
		m.pieces(audioPID, append([]byte{0, 0, 1, 0xBE, 0, 0}, bytes.Repeat([]byte{0xFF}, 300)...), 184) // padding
		m.packet(audioPID, true, nil)
	}
	f := m.opened(t)
	if got, sound := marks(t, f.Tracks[0]), marks(t, f.Tracks[1]); got != "ace" || sound != "ace" {
		t.Errorf("%q, %q", got, sound)
	}
}

// The header of a PES packet may take several packets, and a start code or a header of a frame may be cut.
func TestEverythingIsCut(t *testing.T) {
	for _, size := range []int{1, 2, 3, 5, 8, 11, 19, 100, 183} {
		var m mux
		m.tables(avcElement, aacElement)
		for i := range 7 {
			pts := 10000 + int64(i)*1920
			m.pieces(videoPID, append(header(videoID, pts+1920, pts, 30), access(i == 0, 'a'+byte(2*i), 40)...), size)
			m.pieces(audioPID, append(header(audioID, pts, pts, 3), adts('a'+byte(2*i), 40)...), size)
		}
		f := m.opened(t)
		if got, sound := marks(t, f.Tracks[0]), marks(t, f.Tracks[1]); got != "acegikm" || sound != "acegikm" {
			t.Errorf("pieces of %d: %q, %q", size, got, sound)
		}
		if diff := cmp.Diff(steps(1920, 1920, 7), ptsOf(f.Tracks[0])); diff != "" {
			t.Errorf("pieces of %d (-want +got):\n%s", size, diff)
		}
	}
}

// Sound that does not begin with a frame, and has something else between frames.
func TestFramesAreFound(t *testing.T) {
	var m mux
	m.tables(aacElement)
	junk := cat([]byte{0xFF, 0xF1, 0x4C, 0x80}, bytes.Repeat([]byte{0xFF, 0xF1}, 50))
	m.pes(audioPID, audioID, 0, 0, cat(adts('x', 300)[100:], adts('a', 100), adts('c', 100)))
	m.pes(audioPID, audioID, 2*1920, 2*1920, cat(junk, adts('e', 100), junk, adts('g', 100), adts('i', 20)))
	f := m.opened(t)
	if got := marks(t, f.Tracks[0]); got != "acegi" {
		t.Errorf("%q", got)
	}
	if diff := cmp.Diff(steps(0, 1024, 5), ptsOf(f.Tracks[0])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Times of PES packets that are rounded, as those of other containers are, do not shake those of frames; what is off by
// more is taken over.
func TestRoundedTimesDoNotShake(t *testing.T) {
	var m mux
	m.tables(aacElement)
	for i := range 20 {
		pts := int64(i) * 1920 / 90 * 90 // milliseconds
		if i >= 10 {
			pts += 4500 // 50 ms are missing
		}
		m.pes(audioPID, audioID, pts, pts, adts('a', 100))
	}
	f := m.opened(t)
	got := ptsOf(f.Tracks[0])
	if diff := cmp.Diff(steps(0, 1024, 10), got[:10]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if from := got[10]; from < 10*1024+2352 || from > 10*1024+2400 {
		t.Errorf("after the gap %d", from)
	}
	if diff := cmp.Diff(steps(got[10], 1024, 10), got[10:]); diff != "" {
		t.Errorf("after the gap (-want +got):\n%s", diff)
	}
}

// Packets may have a time in front or a checksum behind, and files something before the first of them.
func TestLayouts(t *testing.T) {
	for name, b := range small(t) {
		want := openBytes(t, b)
		for _, c := range []struct{ junk, before, after int }{{0, 4, 0}, {0, 0, 16}, {1000, 0, 0}, {77, 4, 0}, {maxJunk - 10, 0, 16}, {188 * 3, 0, 0}} {
			out := bytes.Repeat([]byte{0x46}, c.junk)
			for i := 0; i < len(b); i += packetSize {
				out = cat(out, make([]byte, c.before), b[i:i+packetSize], make([]byte, c.after))
			}
			same(t, fmt.Sprintf("%s %v", name, c), want, openBytes(t, out))
		}
	}
}

// same compares two files in all but the places of samples.
func same(t *testing.T, name string, want, got *container.File) {
	t.Helper()
	if len(got.Tracks) != len(want.Tracks) {
		t.Fatalf("%s: %d tracks, want %d", name, len(got.Tracks), len(want.Tracks))
	}
	for i, track := range got.Tracks {
		a, b := containertest.Samples(want.Tracks[i]), containertest.Samples(track)
		if len(a) != len(b) {
			t.Fatalf("%s: %d samples, want %d", name, len(b), len(a))
		}
		for n := range a {
			if hash := containertest.Hash(track, b[n]); hash != containertest.Hash(want.Tracks[i], a[n]) || a[n].PTS != b[n].PTS || a[n].Size != b[n].Size {
				t.Fatalf("%s: track %d sample %d is %+v, want %+v", name, i, n, b[n], a[n])
			}
		}
	}
}

// What is not of packets, anywhere in the file, costs only what it is in.
func TestLayoutIsLost(t *testing.T) {
	var m mux
	m.tables(avcElement)
	m.movie('a', 5, 0, 500)
	m.b = append(m.b, bytes.Repeat([]byte{0x47, 1, 2, 3, 4}, 777)...)
	m.movie('k', 5, 5*3600, 500)
	m.b = append(m.b, make([]byte, 100)...)
	m.movie('u', 3, 10*3600, 500)
	f := m.opened(t)
	if got := marks(t, f.Tracks[0]); !strings.HasPrefix(got, "aceg") || !strings.Contains(got, "mo") || !strings.HasSuffix(got, "wy") {
		t.Errorf("%q", got)
	}
}

// Programs and streams that are not played are said.
func TestOnlyOneProgramIsPlayed(t *testing.T) {
	var m mux
	m.table(patPID, 0, 1, []byte{
		0, 0, 0xE0, 0x10, 0, 1, 0xE0 | mapPID>>8, mapPID & 0xFF, 0, 2, 0xF0, 0x01, 0, 3, 0xF0, 0x02,
	}, 184)
	long := bytes.Repeat([]byte{0x52, 1, 0}, 100) // in two packets
	m.table(mapPID, 2, 1, programMap(element{0x02, 0x90, nil}, element{0x06, 0x91, []byte{0x59, 0}}), 184)
	m.table(0x1001, 2, 2, programMap(element{0x1B, videoPID, long}, element{0x87, 0x93, nil}, element{0x11, 0x94, nil},
		element{0x06, 0x95, []byte{0x05, 4, 'O', 'p', 'u', 's', 0x7F, 2, 0x80, 6}}, element{0x06, 0x96, []byte{0x05, 4, 'K', 'L', 'V', 'A'}}, element{0x0F, 0x97, nil}), 184)
	m.table(0x1002, 2, 3, programMap(element{0x0F, 0x98, nil}), 184)
	m.movie('a', 3, 0, 100)
	f := m.opened(t)
	want := []string{
		"program 3: only program 2 is played", "track 147: E-AC-3", "track 148: AAC in LATM", "track 149: Opus of 6 channels",
		`track 150: private data "KLVA"`, "track 151: mpeg4-generic that has no data at the beginning",
	}
	if diff := cmp.Diff(want, f.Skipped); diff != "" || len(f.Tracks) != 1 || f.Tracks[0].ID != videoPID {
		t.Errorf("%d tracks (-want +got):\n%s", len(f.Tracks), diff)
	}
}

// What descriptors say of private data.
func TestPrivateStreamsAreIdentified(t *testing.T) {
	for name, c := range map[string]struct {
		descriptors []byte
		want        container.Codec
		channels    int
	}{
		"Opus, stereo":      {[]byte{0x05, 4, 'O', 'p', 'u', 's', 0x7F, 2, 0x80, 2}, container.Opus, 2},
		"Opus, other order": {[]byte{0x7F, 2, 0x80, 1, 0x0A, 4, 'e', 'n', 'g', 0, 0x05, 4, 'O', 'p', 'u', 's'}, container.Opus, 1},
		"AC-3 of DVB":       {[]byte{0x6A, 1, 0}, container.AC3, 0},
		"AC-3 of ATSC":      {[]byte{0x05, 4, 'A', 'C', '-', '3'}, container.AC3, 0},
		"H.265":             {[]byte{0x05, 4, 'H', 'E', 'V', 'C'}, container.H265, 0},
		"E-AC-3":            {[]byte{0x7A, 1, 0}, "", 0},
		"cut":               {[]byte{0x05, 40, 'A', 'C', '-', '3'}, container.AC3, 0},
		"nothing":           {nil, "", 0},
	} {
		var e entry
		if e.identify(0x06, c.descriptors); e.codec != c.want || e.channels != c.channels || (e.what == "") != (c.want != "") {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// Tables whose checksum is wrong, or that are of something else, are not believed; they come again.
func TestTablesComeAgain(t *testing.T) {
	var m mux
	m.tables(aacElement)
	m.b[len(m.b)-10] ^= 1
	m.table(mapPID, 3, 1, programMap(aacElement), 184)
	m.table(mapPID, 2, 7, programMap(aacElement), 184)
	m.table(mapPID, 2, 1, programMap(avcElement), 10)
	m.movie('a', 3, 0, 100)
	f := m.opened(t)
	if len(f.Tracks) != 1 || f.Tracks[0].Codec != container.H264 || marks(t, f.Tracks[0]) != "ace" {
		t.Errorf("%+v", f)
	}
}
