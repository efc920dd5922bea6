package stroke

import "image"

// spacing is the gap between the skeletons of two letters, in heights.
const spacing = 0.30

// A Font is a size of the typeface, in pixels.
type Font struct {
	Height float64 // of a digit's or capital's skeleton, from its top to the baseline
	Weight float64 // of the pen; letters reach half of it beyond their skeleton
}

// Text draws s with the left end of its first skeleton at x and the baseline at y.
func (f Font) Text(dst *image.Alpha, s string, x, y float64) {
	for _, r := range s {
		g := outline(r)
		for _, line := range g.lines {
			placed := make([]Point, len(line))
			for i, p := range line {
				placed[i] = Point{x + p.X*f.Height, y + (p.Y-1)*f.Height}
			}
			Polyline(dst, placed, f.Weight)
		}
		x += (g.width + spacing) * f.Height
	}
}

// Width is how far the skeletons of s reach from the first one's left end to the last one's right end.
func (f Font) Width(s string) float64 {
	width := -spacing
	for _, r := range s {
		width += outline(r).width + spacing
	}
	return max(width, 0) * f.Height
}
