package clock_test

import (
	"fmt"
	"time"

	"github.com/baton-rtsp/baton/internal/clock"
)

// The encoder gives access units; the first one is an IDR picture with its parameter sets.
func ExampleH264() {
	h := clock.NewH264(clock.H264Config{GOP: 50})
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	for frame := range uint32(2) {
		for _, nal := range h.Next(now, frame) {
			fmt.Println("NAL type", nal[0]&31)
		}
		now = now.Add(time.Second / clock.FrameRate)
	}
	// Output:
	// NAL type 7
	// NAL type 8
	// NAL type 5
	// NAL type 1
}

// The latency to the picture is the difference between now and the time that the picture shows.
func ExampleRead() {
	p := clock.NewPicture(clock.Full)
	p.Set(time.Date(2026, 11, 23, 14, 5, 59, 560e6, time.UTC), 1234)

	r, err := clock.Read(p.Image())
	fmt.Println(r.Time.Format("15:04:05.000"), r.Frame, err)
	// Output: 14:05:59.560 1234 <nil>
}
