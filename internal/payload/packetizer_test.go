package payload

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func packetizer(t testing.TB, track Track) Packetizer {
	t.Helper()
	p, err := NewPacketizer(&track)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// take runs Packetize and copies what it emits.
func take(p Packetizer, sample []byte, max int) ([]sent, error) {
	var list []sent
	err := p.Packetize(sample, max, func(payload []byte, delta uint32, marker bool) {
		list = append(list, sent{bytes.Clone(payload), delta, marker})
	})
	return list, err
}

// checkPacketize tests what holds for every Packetizer.
func checkPacketize(t *testing.T, s *storedTrack, p Packetizer, sample []byte, max int) error {
	t.Helper()
	before := bytes.Clone(sample)
	list, err := take(p, sample, max)
	if !bytes.Equal(before, sample) {
		t.Fatalf("%s: the sample was changed", s.name)
	}
	want, ok := s.units(sample)
	if err != nil {
		if len(list) > 0 || !errors.Is(err, ErrSample) && !errors.Is(err, ErrSize) || errors.Is(err, ErrSample) && ok {
			t.Fatalf("%s: %v and %d payloads of %.60x", s.name, err, len(list), sample)
		}
		return err
	}
	sound := strings.ToLower(s.track.Encoding)
	marks := sound != "opus" && sound != "mpa" && !strings.HasPrefix(sound, "pcm") && sound != "l16"
	for i, e := range list {
		if len(e.payload) > max || len(e.payload) == 0 || e.last != (marks && i == len(list)-1) {
			t.Fatalf("%s: payload %d of %d has %d bytes, max %d, marker %v", s.name, i, len(list), len(e.payload), max, e.last)
		}
	}
	got, whole := s.join(list)
	if diff := sameUnits(want, got); !ok || !whole || diff != "" {
		t.Fatalf("%s, max %d: %v %v: what comes out is not what went in (-want +got):\n%s", s.name, max, ok, whole, diff)
	}
	return nil
}

// PLD-02, PLD-07, PLD-14, PLD-18, PLD-19, PLD-22, RTP-15: payloads fit the
// datagram, and put together again they are the sample.
func TestSamplesComeBackAsTheyWere(t *testing.T) {
	for _, s := range storedTracks() {
		p := packetizer(t, s.track)
		for i, sample := range s.samples {
			for _, max := range []int{1400, 1188, 300, 64, 20, 65000} {
				if err := checkPacketize(t, &s, p, sample, max); err != nil && !(s.name == "opus" && max < 160) && !(s.name == "ac3" && max < 20) {
					t.Errorf("%s: sample %d, max %d: %v", s.name, i, max, err)
				}
			}
		}
	}
}

// Every cut of every sample, and every small max: no panic, and all or nothing.
func TestSamplesTruncated(t *testing.T) {
	for _, s := range storedTracks() {
		p := packetizer(t, s.track)
		for _, sample := range s.samples {
			for n := 0; n <= len(sample); n += 1 + n/128*37 {
				_ = checkPacketize(t, &s, p, sample[:n], 100)
			}
			for max := -1; max < 12; max++ {
				_ = checkPacketize(t, &s, p, sample[:min(len(sample), 200)], max)
			}
		}
		if _, err := take(p, nil, 1400); !errors.Is(err, ErrSample) {
			t.Errorf("%s: nothing: %v", s.name, err)
		}
		if _, err := take(p, s.samples[0], 0); !errors.Is(err, ErrSize) {
			t.Errorf("%s: max 0: %v", s.name, err)
		}
	}
}

func TestPacketizersAllocateNothing(t *testing.T) {
	emit := func([]byte, uint32, bool) {}
	for _, s := range storedTracks() {
		track := s.track
		track.Config = configs()[strings.ToLower(track.Encoding)]
		p := packetizer(t, track)
		for i, sample := range s.samples {
			if n := testing.AllocsPerRun(20, func() { _ = p.Packetize(sample, 1400, emit) }); n != 0 {
				t.Errorf("%s: %v allocations for sample %d", s.name, n, i)
			}
		}
	}
}

func configs() map[string][][]byte {
	return map[string][][]byte{
		"h264": {testSPS, testPPS}, "h265": {testVPS265, testSPS265, testPPS265}, "av1": {testSequence},
		"mp4v-es": {testVOL}, "mpeg4-generic": {{0x11, 0x90}},
	}
}

// RTP-16: what a decoder needs is in front of each key picture that lacks it, and
// of no other.
func TestParametersGoInFrontOfKeyPictures(t *testing.T) {
	aud, sei, recovery := []byte{9, 0x10}, []byte{6, 5, 1, 1, 0x80}, []byte{6, 6, 1, 0xC4, 0x80}
	idr, intra, slice := cat([]byte{0x65, 0x88}, fill(50)), []byte{0x41, 0x88, 0x84, 1}, cat([]byte{0x41, 0x9A}, fill(50))
	aud265 := []byte{0x46, 1, 0x10}
	idr265, cra, slice265 := cat([]byte{0x26, 0x01, 0xAF}, fill(50)), cat([]byte{0x2A, 0x01, 0xAF}, fill(50)), cat([]byte{0x02, 0x01, 0xD0}, fill(50))
	key, inter := cat([]byte{0x30, 0x10}, fill(50)), cat([]byte{0x30, 0x30}, fill(50))
	vop, pvop := cat([]byte{0, 0, 1, 0xB6, 0x10}, fill(50)), cat([]byte{0, 0, 1, 0xB6, 0x50}, fill(50))
	for name, c := range map[string]struct {
		encoding string
		sample   []byte
		want     [][]byte
	}{
		"IDR":                       {"H264", lengths(idr), [][]byte{testSPS, testPPS, idr}},
		"IDR behind AUD and SEI":    {"H264", lengths(aud, sei, idr), [][]byte{aud, testSPS, testPPS, sei, idr}},
		"IDR with its own":          {"H264", lengths(aud, testSPS, testPPS, idr), [][]byte{aud, testSPS, testPPS, idr}},
		"IDR with an SPS alone":     {"H264", lengths(testSPS, idr), [][]byte{testSPS, testPPS, testSPS, idr}},
		"recovery point":            {"H264", lengths(recovery, intra), [][]byte{testSPS, testPPS, recovery, intra}},
		"picture that needs others": {"H264", lengths(aud, slice), [][]byte{aud, slice}},
		"H.265 IDR":                 {"H265", lengths(aud265, idr265), [][]byte{aud265, testVPS265, testSPS265, testPPS265, idr265}},
		"CRA":                       {"H265", lengths(cra), [][]byte{testVPS265, testSPS265, testPPS265, cra}},
		"H.265 IDR with its own":    {"H265", lengths(testVPS265, testSPS265, testPPS265, idr265), [][]byte{testVPS265, testSPS265, testPPS265, idr265}},
		"H.265 that needs others":   {"H265", lengths(slice265), [][]byte{slice265}},
		"AV1 key frame":             {"AV1", obus(key), [][]byte{testSequence, key}},
		"AV1 key frame with it":     {"AV1", obus(testSequence, key), [][]byte{testSequence, key}},
		"AV1 that needs others":     {"AV1", obus(inter), [][]byte{inter}},
		"I-VOP":                     {"MP4V-ES", vop, [][]byte{cat(testVOL, vop)}},
		"I-VOP with headers":        {"MP4V-ES", cat(testVOL, vop), [][]byte{cat(testVOL, vop)}},
		"P-VOP":                     {"MP4V-ES", pvop, [][]byte{pvop}},
	} {
		for _, s := range storedTracks() {
			if s.name != c.encoding {
				continue
			}
			p := packetizer(t, Track{Encoding: c.encoding, Config: configs()[strings.ToLower(c.encoding)]})
			for range 2 { // nothing is remembered
				list, err := take(p, c.sample, 1400)
				got, ok := s.join(list)
				if diff := sameUnits(c.want, got); err != nil || !ok || diff != "" {
					t.Errorf("%s: %v %v (-want +got):\n%s", name, err, ok, diff)
				}
			}
		}
	}
}

// PLD-19: N is set in the first packet of a coded video sequence, and only there.
func TestAV1SequenceBegins(t *testing.T) {
	key, inter := cat([]byte{0x30, 0x10}, fill(3000)), cat([]byte{0x30, 0x30}, fill(3000))
	for name, c := range map[string]struct {
		config, sample []byte
		want           bool
	}{
		"key frame":                     {nil, obus([]byte{0x10}, testSequence, key), true},
		"key frame, header of the file": {testSequence, obus(key), true},
		"key frame without header":      {nil, obus(key), false},
		"header without key frame":      {nil, obus(testSequence, inter), false},
		"inter frame":                   {testSequence, obus(inter), false},
	} {
		list, err := take(packetizer(t, Track{Encoding: "AV1", Config: [][]byte{c.config}}), c.sample, 1000)
		if err != nil || len(list) < 3 {
			t.Fatalf("%s: %v, %d payloads", name, err, len(list))
		}
		for i, e := range list {
			if got := e.payload[0]&8 != 0; got != (c.want && i == 0) {
				t.Errorf("%s: payload %d has N %v", name, i, got)
			}
		}
	}
}

// Files have lengths of one and two bytes too.
func TestNALLengths(t *testing.T) {
	for length, sample := range map[int][]byte{
		1: cat([]byte{25}, testSPS, []byte{6}, testPPS), 2: cat([]byte{0, 25}, testSPS, []byte{0, 6}, testPPS, []byte{0}),
		3: cat([]byte{0, 0, 25}, testSPS, []byte{0, 0, 6}, testPPS), 4: lengths(testSPS, testPPS),
	} {
		list, err := take(packetizer(t, Track{Encoding: "H264", NALLength: length}), sample, 1400)
		if diff := cmp.Diff([]sent{{stap(testSPS, testPPS), 0, true}}, list, cmp.AllowUnexported(sent{})); err != nil || diff != "" {
			t.Errorf("%d: %v\n%s", length, err, diff)
		}
	}
}

// RFC 7798 §4.4.2: an aggregation packet has the lowest layer and temporal id, F
// if any unit has it.
func TestAggregationPacketHeader(t *testing.T) {
	list, err := take(packetizer(t, Track{Encoding: "H265"}), lengths([]byte{0x02, 0x13, 1}, []byte{0x83, 0x0A, 1}, []byte{0x02, 0x0B, 1}), 100)
	if err != nil || len(list) != 1 || !bytes.Equal(list[0].payload[:2], []byte{0x80 | 48<<1, 0x0A}) {
		t.Errorf("got %+v, %v", list, err)
	}
}

func TestTracksThatRTPCannotCarry(t *testing.T) {
	for _, track := range []Track{{Encoding: "vorbis"}, {}, {Encoding: "opus", Channels: 6}, {Encoding: "H264", NALLength: 5}, {Encoding: "H265", NALLength: -1}} {
		if p, err := NewPacketizer(&track); !errors.Is(err, ErrTrack) || p != nil {
			t.Errorf("%+v: %v", track, err)
		}
	}
}

// RELIABILITY: a sample of ever so many units costs no memory.
func TestUnitsAreBounded(t *testing.T) {
	for encoding, unit := range map[string][]byte{"H264": {0, 0, 0, 1, 0x41}, "H265": {0, 0, 0, 2, 2, 1}, "AV1": {0x32, 0}} {
		p := packetizer(t, Track{Encoding: encoding})
		if _, err := take(p, bytes.Repeat(unit, maxUnits+1), 1400); !errors.Is(err, ErrSample) {
			t.Errorf("%s: %v", encoding, err)
		}
		if _, err := take(p, bytes.Repeat(unit, maxUnits), 1400); err != nil {
			t.Errorf("%s: %v", encoding, err)
		}
	}
}

func FuzzPacketize(f *testing.F) {
	all := storedTracks()
	for i, s := range all {
		for _, sample := range s.samples {
			f.Add(uint8(i), uint16(1400), sample)
			f.Add(uint8(i), uint16(60), sample[:min(len(sample), 200)])
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, max uint16, sample []byte) {
		s := &all[int(which)%len(all)]
		_ = checkPacketize(t, s, packetizer(t, s.track), sample, int(max))
		track := s.track
		track.Config = [][]byte{sample[:len(sample)/2], sample[len(sample)/2:]}
		p := packetizer(t, track)
		_, _ = take(p, sample, int(max))
		DescribeTrack(&track, 96)
	})
}

func BenchmarkPacketize(b *testing.B) {
	emit := func([]byte, uint32, bool) {}
	for _, s := range storedTracks() {
		b.Run(s.name, func(b *testing.B) {
			p, sample := packetizer(b, s.track), s.samples[0]
			b.SetBytes(int64(len(sample)))
			b.ReportAllocs()
			for b.Loop() {
				_ = p.Packetize(sample, 1400, emit)
			}
		})
	}
}
