package rtspserver

import (
	"sync"
	"testing"
)

// Records are filled with whole frames: no more than a record holds, unless one frame alone is larger.
func TestRecordsAreOfWholeFrames(t *testing.T) {
	frames := func(sizes ...int) (b []byte) {
		for _, n := range sizes {
			b = append(append(b, '$', 0, byte(n>>8), byte(n)), make([]byte, n)...)
		}
		return b
	}
	for _, test := range []struct {
		sizes  []int
		framed bool
		want   int
	}{
		{[]int{100}, false, 104},
		{[]int{8188, 8188}, false, 16384},
		{[]int{8188, 8188}, true, 8192},
		{[]int{8188, 8188, 1}, false, 16384},
		{[]int{8188, 8189, 1}, false, 8192},
		{[]int{60000, 1}, false, 60004},
		{[]int{1, 60000}, false, 5},
	} {
		o := &tlsOutput{}
		if test.framed {
			o.records = &sync.Pool{}
		}
		if got := o.fitting(frames(test.sizes...)); got != test.want {
			t.Errorf("%v: %d bytes, want %d", test.sizes, got, test.want)
		}
	}
}
