package seldom_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/seldom"
)

// The first line comes at once, then one a second, each with the number of those that did not.
func TestOneLineASecond(t *testing.T) {
	var l seldom.Lines
	now, lines, left := time.Unix(1, 0), 0, 0
	for range 1000 {
		if untold, due := l.Due(now); due {
			lines++
			left += untold
		}
		now = now.Add(10 * time.Millisecond)
	}
	if lines != 10 || left != 9*99 {
		t.Errorf("%d lines, %d left out", lines, left)
	}
}
