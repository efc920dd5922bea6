package clock

import "testing"

func TestBitsComeBack(t *testing.T) {
	values := []int{0, 1, 2, 3, 6, 7, 8, 100, 255, 256, 1000, 32767}
	var w bitWriter
	for _, v := range values {
		w.put(3, uint32(v&7))
		w.ue(uint32(v))
		w.se(v)
		w.se(-v)
		w.put(32, 0xDEAD0000|uint32(v))
	}
	w.end()
	r := newBitReader(append([]byte{0}, w.out...))
	for _, v := range values {
		if got := r.u(3); got != uint32(v&7) {
			t.Errorf("u: got %d, want %d", got, v&7)
		}
		if got := r.ue(); got != uint32(v) {
			t.Errorf("ue: got %d, want %d", got, v)
		}
		if got := r.se(); got != v {
			t.Errorf("se: got %d, want %d", got, v)
		}
		if got := r.se(); got != -v {
			t.Errorf("se: got %d, want %d", got, -v)
		}
		if got := r.u(32); got != 0xDEAD0000|uint32(v) {
			t.Errorf("u: got %#x", got)
		}
	}
	if !r.ended() {
		t.Error("there is more")
	}
}

// ITU-T H.264 §9.2.2.1, for every difference that two luma samples can have.
func TestLevelsComeBack(t *testing.T) {
	for v := -255; v <= 255; v++ {
		if v >= -1 && v <= 1 {
			continue
		}
		var s slice
		s.level(v)
		s.end()
		r := newBitReader(append([]byte{0}, s.out...))
		if got := r.level(); got != v || !r.ended() {
			t.Errorf("got %d, want %d", got, v)
		}
	}
}
