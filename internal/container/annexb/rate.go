package annexb

import "math"

// A Rate is a number of pictures in a second, Pictures/Seconds; the zero value is none.
type Rate struct{ Pictures, Seconds int64 }

// Bounds of a rate that is believed.
const (
	slowest = 1.0 / 60
	fastest = 1000
)

// checked is r, or the zero value if r makes no sense.
func (r Rate) checked() Rate {
	if r.Pictures <= 0 || r.Seconds <= 0 {
		return Rate{}
	}
	if f := float64(r.Pictures) / float64(r.Seconds); f < slowest || f > fastest {
		return Rate{}
	}
	return r
}

// rateOf is a rate that somebody wrote as a number: 29.97 means 30000/1001.
func rateOf(f float64) Rate {
	if !(f >= slowest && f <= fastest) {
		return Rate{}
	}
	if n := math.Round(f * 1.001); math.Abs(f*1.001-n) < 0.005 && math.Abs(f-math.Round(f)) > 0.001 {
		return Rate{int64(n) * 1000, 1001}
	}
	return Rate{int64(math.Round(f * 1000)), 1000}
}

// timescale is a number of ticks a second, and how many of them a picture lasts.
func (r Rate) timescale() (scale, duration int64) {
	a, b := r.Pictures, r.Seconds
	for b > 0 {
		a, b = b, a%b
	}
	scale, duration = r.Pictures/a, r.Seconds/a
	if scale > maxTimescale {
		return maxTimescale, max(1, maxTimescale*duration/scale)
	}
	k := max(1, minTimescale/scale)
	return scale * k, duration * k
}

// Bounds of a timescale: finer ones than the clock of MPEG systems are not worth their bytes in an index.
const (
	minTimescale = 1000
	maxTimescale = 27_000_000
)
