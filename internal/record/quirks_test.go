package record_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"

	"github.com/baton-rtsp/baton/internal/record"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/timeline"
)

const (
	avc = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsg==\r\n"
	sps = "\x67\x42\xc0\x1e\xd9\x00\xa0\x3d\xa1\x00\x00\x03\x00\x01\x00\x00\x03\x00\x32\x0f\x16\x2e\x48"
	pps = "\x68\xcb\x8c\xb2"
)

// A sent is a packet of a picture: 40 ms, or 3600 ticks, lie between pictures.
type sent struct {
	picture int
	marker  bool
	payload string
}

// recorded writes packets, of which one may be lost, to a file.
func recorded(t *testing.T, name, sections string, lost int, packets []sent) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	w, _, err := record.Create(file, described(t, sections), never)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range packets {
		if i == lost {
			continue
		}
		b := rtp.AppendHeader(nil, rtp.Header{PayloadType: 96, Marker: p.marker, Sequence: uint16(i), Timestamp: uint32(3600 * p.picture), SSRC: 7})
		data := append(b, p.payload...)
		if err := w.Packet(rtspclient.Packet{Data: data, At: time.Unix(1000, int64(p.picture)*4e7)}); err != nil {
			t.Fatal(err)
		}
		clear(data) // it was valid until the call returned
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// PLD-03, PLD-02: a recording has each picture once, whole and at its time, whatever a camera makes of markers and of the flags of
// fragments; the last one too.
func TestRecordingsOfCamerasWithQuirks(t *testing.T) {
	idr, first, second := "\x65\x88\x80\x01", "\x41\x9a\x02", "\x41\x9a\x03"
	whole := []string{"0 " + idr, "3600 " + first, "7200 " + second}
	for name, test := range map[string]struct {
		packets []sent
		lost    int // -1: none
		want    []string
	}{
		"as it should be":              {[]sent{{0, true, idr}, {1, true, first}, {2, true, second}}, -1, whole},
		"no marker at all":             {[]sent{{0, false, idr}, {1, false, first}, {2, false, second}}, -1, whole},
		"a marker only now":            {[]sent{{0, false, idr}, {1, true, first}, {2, true, second}}, -1, whole},
		"a marker on SPS and PPS":      {[]sent{{0, true, sps}, {0, true, pps}, {0, true, idr}, {1, true, first}, {2, true, second}}, -1, slices.Concat([]string{"0 " + sps + "+" + pps + "+" + idr}, whole[1:])},
		"fragments without markers":    {[]sent{{0, false, "\x7c\x85\x88"}, {0, false, "\x7c\x45\x80\x01"}, {1, false, "\x5c\x81\x9a"}, {1, false, "\x5c\x41\x02"}, {2, false, second}}, -1, whole},
		"fragments that start and end": {[]sent{{0, true, "\x7c\xc5\x88\x80\x01"}, {1, true, "\x5c\xc1\x9a\x02"}, {2, true, "\x5c\xc1\x9a\x03"}}, -1, whole},
		"fragments that do not start": {[]sent{{0, false, pps}, {0, false, "\x7c\x05\x88"}, {0, false, "\x7c\x05\x80"}, {0, true, "\x7c\x45\x01"}, {1, false, "\x5c\x01\x9a"}, {1, true, "\x5c\x41\x02"}, {2, true, second}}, -1,
			slices.Concat([]string{"0 " + pps + "+" + idr}, whole[1:])},
		"and one that is lost": {[]sent{{0, true, idr}, {1, false, "\x5c\x81\x9a"}, {1, false, "\x5c\x01\x01"}, {1, true, "\x5c\x41\x02"}, {2, true, second}}, 1, []string{whole[0], whole[2]}},
	} {
		t.Run(name, func(t *testing.T) {
			got := pictures(t, recorded(t, "a.mp4", avc, test.lost, test.packets))
			if !slices.Equal(got, test.want) {
				t.Errorf("%q\nwant %q", got, test.want)
			}
		})
	}
}

// pictures are those of a file, each with its time in front.
func pictures(t *testing.T, file []byte) (list []string) {
	t.Helper()
	var parts fmp4.Parts
	if err := parts.Unmarshal(after(file)); err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		at := p.Tracks[0].BaseTime
		for _, s := range p.Tracks[0].Samples {
			list = append(list, fmt.Sprintf("%d %s", at, joined(s.Payload)))
			at += uint64(s.Duration)
		}
	}
	return list
}

// Scorecard 12: what is recorded of a live path has every picture at its time, though the camera stamps one of them hours away, and that
// one comes late.
func TestRecordingOfALivePathWithAPictureAstray(t *testing.T) {
	desc := described(t, avc)
	live := timeline.New(desc.Media, nil)
	reader := live.Cursor(1)
	reader.Join()
	file := filepath.Join(t.TempDir(), "a.mp4")
	w, _, err := record.Create(file, desc, never)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	seq := uint16(0)
	for i := range uint32(50) {
		unit, ts, at := "\x41\x9a"+string(rune('0'+i)), 3600*i, time.Unix(1000, int64(i)*4e7)
		if i == 0 {
			unit = sps + "+" + pps + "+\x65\x88\x80\x01"
		}
		want = append(want, fmt.Sprintf("%d %s", ts, unit))
		if i == 30 {
			ts, at = ts+10*3600*90000%(1<<32), at.Add(30*time.Millisecond)
		}
		for nal := range strings.SplitSeq(unit, "+") {
			b := rtp.AppendHeader(nil, rtp.Header{PayloadType: 96, Marker: nal[0]&31 < 6, Sequence: seq, Timestamp: ts, SSRC: 7})
			seq++
			if err := live.Write(0, append(b, nal...), at); err != nil {
				t.Fatal(err)
			}
		}
		b, err := reader.Next()
		if err != nil {
			t.Fatal(err)
		}
		for n := range b.Packets {
			if err := w.Packet(rtspclient.Packet{Data: b.RTP(n), At: at}); err != nil {
				t.Fatal(err)
			}
		}
		reader.Advance(len(b.Packets))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := pictures(t, b); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// PLD-03: images without markers end where the next begins, or the recording does.
func TestImagesWithoutMarkers(t *testing.T) {
	const first, rest = "\x00\x00\x00\x00\x01\x32\x14\x0f\x01\x02", "\x00\x00\x00\x02\x01\x32\x14\x0f\x03\x04"
	var packets []sent
	for i := range 3 {
		packets = append(packets, sent{i, false, first}, sent{i, false, rest})
	}
	b := recorded(t, "a.mjpeg", "m=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\n", -1, packets)
	if n, scans := bytes.Count(b, []byte{0xff, 0xd8}), bytes.Count(b, []byte{1, 2, 3, 4, 0xff, 0xd9}); n != 3 || scans != 3 {
		t.Errorf("%d images, %d whole scans", n, scans)
	}
}

// joined are the NAL units of a sample, whose lengths are in front of them.
func joined(sample []byte) (all string) {
	for len(sample) > 4 {
		n := int(sample[2])<<8 | int(sample[3])
		if all != "" {
			all += "+"
		}
		all += string(sample[4 : 4+n])
		sample = sample[4+n:]
	}
	return all
}

// after is what follows the header of a file.
func after(b []byte) []byte {
	at := bytes.Index(b, []byte("moof"))
	if at < 4 {
		return nil
	}
	return b[at-4:]
}
