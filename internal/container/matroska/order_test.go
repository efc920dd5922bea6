package matroska

import (
	"slices"
	"testing"
)

// Frames are decoded in order, and none after it is shown, as late as reordering allows.
func TestTimesOfDecoding(t *testing.T) {
	for _, c := range []struct {
		name  string
		learn int // of the times, how many are known from the first blocks
		pts   []int64
		want  []int64
	}{
		{"no reordering", 4, []int64{0, 10, 20, 30}, []int64{0, 10, 20, 30}},
		{"one frame", 4, []int64{0, 20, 10, 40, 30}, []int64{-10, 0, 10, 20, 30}},
		{"pyramid", 5, []int64{0, 40, 20, 10, 30, 80, 60, 50, 70}, []int64{-20, -10, 0, 10, 20, 30, 40, 50, 60}},
		{"deeper than what was learnt", 2, []int64{0, 10, 40, 20, 30, 50}, []int64{0, 10, 40, 40, 40, 40}},
		{"empty", 0, nil, nil},
	} {
		o := newOrder(c.pts[:min(c.learn, len(c.pts))], 0)
		var got []int64
		for _, pts := range c.pts {
			got = append(got, o.dts(pts))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// Rounding to milliseconds does not show in the times of pictures, other differences do.
func TestPictureClockUndoesRounding(t *testing.T) {
	const frame, ms = 1001 * second / 24000, second / 1000
	c := pictureClock{rate: 24000, frame: frame, slack: ms}
	for i := range int64(5000) {
		ns := i * 1001 * second / 24000
		if got := c.at((ns + ms/2) / ms * ms); got != i*1001 {
			t.Fatalf("frame %d is at %d, want %d", i, got, i*1001)
		}
	}
	if got := c.at(300*second + 5*ms); got != 300*24000+120 {
		t.Errorf("behind a gap: %d", got)
	}
}

func TestSampleClockCounts(t *testing.T) {
	const ms = second / 1000
	c := sampleClock{rate: 44100, slack: 88}
	for i := range int64(50000) {
		ns := i * 1024 * second / 44100
		if got := c.at((ns+ms/2)/ms*ms, 1024); got != i*1024 {
			t.Fatalf("frame %d is at %d, want %d", i, got, i*1024)
		}
	}
	if got := c.at(2000*second, 1024); got != 2000*44100 {
		t.Errorf("behind a gap: %d", got)
	}
}

func TestTicksRoundToTheNearest(t *testing.T) {
	for _, c := range []struct{ ns, rate, want int64 }{
		{0, 90000, 0}, {second, 90000, 90000}, {-second, 90000, -90000}, {-6_500_000, 48000, -312}, {11112, 90000, 1}, {5555, 90000, 0}, {1000*second + 5556, 90000, 90_000_001},
	} {
		if got := ticks(c.ns, c.rate); got != c.want {
			t.Errorf("%d ns at %d: got %d, want %d", c.ns, c.rate, got, c.want)
		}
	}
}
