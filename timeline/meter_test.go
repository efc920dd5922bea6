package timeline

import (
	"math"
	"testing"
	"time"
)

// A steady source has its rate after the first spell; one that stops has none, and one that comes back begins anew.
func TestRateIsThatOfTheLastSeconds(t *testing.T) {
	var m meter
	at := time.Unix(1000, 0)
	send := func(n int, octets int) {
		for range n {
			m.add(octets, at)
			at = at.Add(10 * time.Millisecond)
		}
	}
	send(100, 1250)
	if got := m.rate(at); got != 0 {
		t.Errorf("%v after a second", got)
	}
	send(400, 1250)
	if got := m.rate(at); math.Abs(got-1e6) > 1e4 {
		t.Errorf("%v, want 1 Mb/s", got)
	}
	send(600, 2500)
	if got := m.rate(at); math.Abs(got-2e6) > 2e4 {
		t.Errorf("%v, want 2 Mb/s", got)
	}
	if got := m.rate(at.Add(time.Minute)); got != 0 {
		t.Errorf("%v a minute later", got)
	}
	at = at.Add(time.Minute)
	send(1, 1250)
	if got := m.rate(at); got != 0 {
		t.Errorf("%v when it comes back", got)
	}
}
