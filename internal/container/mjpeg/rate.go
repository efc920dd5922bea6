package mjpeg

import "math"

// defaultRate is the images a second when nobody says.
const defaultRate = 25

// Bounds of a frame rate that makes sense: a picture in a quarter of an hour, high-speed film.
const (
	minRate = 1.0 / 1000
	maxRate = 10_000
)

// ticks returns a timescale in which an image lasts a whole number of ticks at a frame rate, and that number. The rates of
// NTSC are known by what people write for them: 29.97 is 30000/1001. Others are exact to a thousandth.
func ticks(rate float64) (timescale, frame int) {
	if !(rate >= minRate && rate <= maxRate) { // nor NaN
		rate = defaultRate
	}
	const slack = 5e-4
	if n := math.Round(rate * 1.001); n > 0 && math.Abs(rate-n/1.001) < slack {
		return int(n) * 1000, 1001
	}
	timescale, frame = int(math.Round(rate*1000)), 1000
	for _, p := range [...]int{2, 2, 2, 5, 5, 5} {
		if timescale%p == 0 && frame%p == 0 {
			timescale, frame = timescale/p, frame/p
		}
	}
	return timescale, frame
}
