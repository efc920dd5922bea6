package vod_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	demo "github.com/baton-rtsp/baton/internal/container/mjpeg/film"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// inMemory runs body with a server that has the demo film at "film".
func inMemory(t *testing.T, cfg vod.FilmConfig, body func(t *testing.T, w *servertest.World)) {
	t.Helper()
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Put("film", demoFilm(t, cfg))
		body(t, w)
	})
}

func demoFilm(t testing.TB, cfg vod.FilmConfig) *vod.Film {
	t.Helper()
	r := demo.Open()
	f, err := vod.OpenFilm(r, r.Size(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A viewer watches the demo film and knows which frame it sees.
type viewer struct {
	*servertest.Client
	lane *servertest.Lane
	film map[string]int // frame numbers by scan data
	seq  uint16         // of the next packet
	seen bool           // there has been a packet
}

// A picture is one frame that came.
type picture struct {
	frame int
	ts    uint32
	first uint16 // sequence number
	at    time.Time
}

// watch sets the film up over "tcp" or "udp".
func watch(t *testing.T, w *servertest.World, lower string, headers ...string) *viewer {
	t.Helper()
	v := &viewer{Client: w.Dial(), film: scans(t)}
	t.Cleanup(v.Close)
	v.lane = v.Setup("film/trackID=0", lower, headers...)
	return v
}

// scans are the numbers of the demo film's frames by the data of their scans, which tell one from another:
// each has its number in it.
func scans(t *testing.T) map[string]int {
	t.Helper()
	list := make(map[string]int)
	for i, img := range images(t, demo.Frames) {
		list[string(img[scanOf(img):len(img)-2])] = i
	}
	return list
}

// scanOf is where the data of an image's scan begins.
func scanOf(img []byte) int {
	sos := bytes.Index(img, []byte{0xFF, 0xDA})
	return sos + 2 + int(img[sos+2])<<8 + int(img[sos+3])
}

// play sends PLAY and fails the test when it is refused.
func (v *viewer) play(headers ...string) *servertest.Response {
	v.W.T.Helper()
	return v.want(rtsp.StatusOK, "PLAY", headers...)
}

// pause sends PAUSE and fails the test when it is refused.
func (v *viewer) pause(headers ...string) *servertest.Response {
	v.W.T.Helper()
	return v.want(rtsp.StatusOK, "PAUSE", headers...)
}

func (v *viewer) want(status rtsp.StatusCode, method string, headers ...string) *servertest.Response {
	v.W.T.Helper()
	resp := v.Do(method, "film", headers...)
	if resp.Status != status {
		v.W.T.Fatalf("%s %q: %d", method, headers, resp.Status)
	}
	return resp
}

// picture waits for the next whole picture; false when none comes within d. It fails the test when a
// sequence number is missing.
func (v *viewer) picture(d time.Duration) (p picture, ok bool) {
	v.W.T.Helper()
	var scan []byte
	for until := time.Now().Add(d); ; {
		pkt := rtp.Packet(v.lane.RTP(time.Until(until)))
		if pkt == nil {
			return picture{}, false
		}
		if v.seen && pkt.Sequence() != v.seq {
			v.W.T.Fatalf("sequence %d, want %d", pkt.Sequence(), v.seq)
		}
		v.seq, v.seen = pkt.Sequence()+1, true
		at, data := jpegData(pkt.Payload())
		if at == 0 {
			p = picture{ts: pkt.Timestamp(), first: pkt.Sequence(), at: time.Now()}
		}
		if at != len(scan) || pkt.Timestamp() != p.ts {
			v.W.T.Fatalf("fragment at %d with timestamp %d, want %d with %d", at, pkt.Timestamp(), len(scan), p.ts)
		}
		scan = append(scan, data...)
		if pkt.Marker() {
			break
		}
	}
	if p.frame, ok = v.film[string(scan)]; !ok {
		v.W.T.Fatal("a picture that is not of the film")
	}
	return p, true
}

// jpegData is the offset and the scan data of one payload of RFC 2435 §3.1, with tables and without
// restart markers.
func jpegData(b []byte) (offset int, data []byte) {
	offset, data = int(b[1])<<16|int(b[2])<<8|int(b[3]), b[8:]
	if offset == 0 {
		data = data[4+int(data[2])<<8+int(data[3]):]
	}
	return offset, data
}

// pictures are the next n pictures; it fails the test when one of them does not come.
func (v *viewer) pictures(n int) []picture {
	v.W.T.Helper()
	list := make([]picture, n)
	for i := range list {
		var ok bool
		if list[i], ok = v.picture(5 * time.Second); !ok {
			v.W.T.Fatalf("picture %d of %d did not come", i+1, n)
		}
	}
	return list
}

// rest are all pictures until none has come for a second.
func (v *viewer) rest() (list []picture) {
	v.W.T.Helper()
	for {
		p, ok := v.picture(time.Second)
		if !ok {
			return list
		}
		list = append(list, p)
	}
}

// frames tells which frames came.
func frames(list []picture) []int {
	numbers := make([]int, len(list))
	for i, p := range list {
		numbers[i] = p.frame
	}
	return numbers
}

// upTo are the numbers from first up to end, exclusive.
func upTo(first, end int) []int {
	var list []int
	for n := first; n < end; n++ {
		list = append(list, n)
	}
	return list
}

// wantFrames compares with the frames from first up to end, exclusive.
func wantFrames(t *testing.T, got []picture, first, end int) {
	t.Helper()
	if n := frames(got); !slices.Equal(n, upTo(first, end)) {
		t.Errorf("got frames %v, want %d up to %d", n, first, end)
	}
}

// bye tells whether a BYE comes on the control lane within d.
func (v *viewer) bye(d time.Duration) bool {
	for until := time.Now().Add(d); ; {
		b := v.lane.RTCP(time.Until(until))
		if b == nil {
			return false
		}
		for p := range rtp.Packets(b) {
			if p.Type() == rtp.BYE {
				return true
			}
		}
	}
}

// rtpInfo is the one entry of a response's RTP-Info.
func rtpInfo(t *testing.T, resp *servertest.Response) rtsp.RTPInfo {
	t.Helper()
	list, err := rtsp.ParseRTPInfo(resp.Header.Values("RTP-Info"))
	if err != nil || len(list) != 1 {
		t.Fatalf("RTP-Info %q: %v", resp.Header.Values("RTP-Info"), err)
	}
	return list[0]
}
