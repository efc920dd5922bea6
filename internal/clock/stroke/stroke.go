// Package stroke draws lines and a small typeface with a round pen into an alpha mask.
//
// The typeface is Baton's own: each letter is a few polylines, so it scales to any size without font files. It has the
// digits, ":", ".", "-", the space and the few letters that Baton's own pictures need; any other rune draws nothing.
// The clock (package clock) and the generator of the demo film use it. Functions keep no state and may be called from
// many goroutines on different masks.
package stroke

import (
	"image"
	"math"
)

// A Point is a place in pixels: X to the right, Y down. Pixel (0,0) covers the square from 0,0 to 1,1.
type Point struct{ X, Y float64 }

// Polyline draws the line through points with a round pen of the given width in pixels, antialiased, and keeps the
// greater coverage where it crosses what dst holds already. One point alone, or two equal ones, make a dot. What lies
// outside dst is cut off.
func Polyline(dst *image.Alpha, points []Point, width float64) {
	for i, p := range points {
		if i > 0 || len(points) == 1 {
			segment(dst, points[max(i-1, 0)], p, width/2)
		}
	}
}

// segment visits only the pixels near the segment, which makes a glyph of many short segments cheap.
func segment(dst *image.Alpha, a, b Point, radius float64) {
	reach := radius + 1
	box := image.Rect(
		int(math.Floor(min(a.X, b.X)-reach)), int(math.Floor(min(a.Y, b.Y)-reach)),
		int(math.Ceil(max(a.X, b.X)+reach)), int(math.Ceil(max(a.Y, b.Y)+reach)),
	).Intersect(dst.Rect)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		row := dst.Pix[dst.PixOffset(box.Min.X, y):]
		for x := box.Min.X; x < box.Max.X; x++ {
			d := distance(Point{float64(x) + 0.5, float64(y) + 0.5}, a, b)
			cover := min(max(radius-d+0.5, 0), 1)
			i := x - box.Min.X
			row[i] = max(row[i], uint8(cover*255+0.5))
		}
	}
}

// distance is from p to the nearest point of the segment a, b.
func distance(p, a, b Point) float64 {
	dx, dy := b.X-a.X, b.Y-a.Y
	t := 0.0
	if n := dx*dx + dy*dy; n > 0 {
		t = min(max(((p.X-a.X)*dx+(p.Y-a.Y)*dy)/n, 0), 1)
	}
	x, y := p.X-a.X-t*dx, p.Y-a.Y-t*dy
	return math.Sqrt(x*x + y*y)
}
