package hostile

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/sdp"
)

// A Recording is one track as it was sent.
type Recording struct {
	Name        string
	Description string // SDP of the one track
	Packets     []rtp.Packet
}

// recorded is the folder of the recordings: those that the player in the page is tested with.
const recorded = "web/player/test/recorded"

// Recordings are all there are, in the order of their names.
func Recordings(t testing.TB) []Recording {
	t.Helper()
	dir := filepath.Join(root(t), filepath.FromSlash(recorded))
	descriptions, err := filepath.Glob(filepath.Join(dir, "*.sdp"))
	if err != nil || len(descriptions) == 0 {
		t.Fatalf("no recordings in %s: %v", dir, err)
	}
	var list []Recording
	for _, name := range descriptions {
		description, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base := strings.TrimSuffix(name, ".sdp")
		b, err := os.ReadFile(base + ".rtp")
		if err != nil {
			t.Fatal(err)
		}
		r := Recording{Name: filepath.Base(base), Description: string(description)}
		for len(b) > 2 { // each behind its length
			n := int(binary.BigEndian.Uint16(b))
			r.Packets = append(r.Packets, b[2:2+n])
			b = b[2+n:]
		}
		list = append(list, r)
	}
	return list
}

// root is the folder of the module.
func root(t testing.TB) string {
	dir, err := os.Getwd()
	for ; err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the test")
	return ""
}

// Media is the track, described anew with each call.
func (r *Recording) Media(t testing.TB) *sdp.Media {
	t.Helper()
	s, err := sdp.Parse([]byte(r.Description))
	if err != nil || len(s.Media) != 1 {
		t.Fatalf("%s: %v", r.Name, err)
	}
	return s.Media[0]
}

// Script is the first n packets as a script, all when there are fewer.
func (r *Recording) Script(n int) []byte {
	var b []byte
	last := uint32(0)
	for i, p := range r.Packets[:min(n, len(r.Packets))] {
		f := byte(0)
		if p.Marker() {
			f |= marker
		}
		if i == 0 || p.Timestamp() != last {
			f |= next
		}
		last = p.Timestamp()
		b = append(b, f)
		b = binary.BigEndian.AppendUint16(b, uint16(len(p.Payload())))
		b = append(b, p.Payload()...)
	}
	return b
}
