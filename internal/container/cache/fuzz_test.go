package cache

import (
	"encoding/binary"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
)

// small is a file of one track.
func small(n int) *container.File {
	b := container.NewBuilder()
	for i := range n {
		b.Add(container.Sample{Offset: int64(i * i), Size: i + 1, DTS: int64(i), PTS: int64(i + i%2), Duration: 1, Key: true})
	}
	b.Finish(&container.DamagedError{Offset: 7, Err: errors.New("torn")})
	return &container.File{Tracks: []*container.Track{{ID: 1, Codec: container.MP3, Timescale: 44100, Index: b.Index()}}}
}

func smallID() ID { return ID{file: "path a.mp3", size: 1000, modified: time.Unix(5, 6), rate: 25} }

// Whatever an entry holds: only what is an entry of this file is taken, and memory is bounded by its length. That the
// checksum is right is taken for granted: a fuzzer does not find it.
func FuzzUnmarshal(f *testing.F) {
	for _, n := range []int{0, 1, 130} {
		b, err := marshal(smallID(), small(n))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[headSize:])
		f.Add(b[headSize : len(b)-1])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		b := append(make([]byte, headSize), body...)
		copy(b, magic)
		binary.BigEndian.PutUint64(b[len(magic):], checksum(b))
		file := small(0)
		all, err := unmarshal(b, smallID(), file)
		if err != nil {
			return
		}
		if len(all) != 1 || !all[0].Complete() {
			t.Fatalf("%d indexes", len(all))
		}
		file.Tracks[0].Index = all[0]
		again, err := marshal(smallID(), file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := unmarshal(again, smallID(), small(0)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAllocationIsBoundedByTheEntry(t *testing.T) {
	b, err := marshal(smallID(), small(1<<17))
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := unmarshal(b, smallID(), small(0)); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(4*len(b)+128<<10); got > most {
		t.Errorf("%d bytes allocated for an entry of %d, want at most %d", got, len(b), most)
	}
}
