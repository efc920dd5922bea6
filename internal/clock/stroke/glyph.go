package stroke

import "math"

// A glyph is drawn in a box one high, y from 0 (top of a digit) to 1 (baseline), x from 0 to width.
type glyph struct {
	lines [][]Point
	width float64
}

func (g *glyph) move(x, y float64) *glyph {
	g.lines = append(g.lines, []Point{{x, y}})
	return g
}

func (g *glyph) line(x, y float64) *glyph {
	last := len(g.lines) - 1
	g.lines[last] = append(g.lines[last], Point{x, y})
	return g
}

// arc goes on along an ellipse from one angle to another, in degrees: 0 is right, 90 down.
func (g *glyph) arc(cx, cy, rx, ry, from, to float64) *glyph {
	steps := math.Ceil(math.Abs(to-from) / 8)
	for i := 0.0; i <= steps; i++ {
		sin, cos := math.Sincos((from + (to-from)*i/steps) * math.Pi / 180)
		g.line(cx+rx*cos, cy+ry*sin)
	}
	return g
}

// oval is a closed ellipse, a line of its own.
func (g *glyph) oval(cx, cy, rx, ry float64) *glyph {
	return g.move(cx+rx, cy).arc(cx, cy, rx, ry, 0, 360)
}

// bend goes on along a quadratic curve pulled to cx, cy and ending in x, y.
func (g *glyph) bend(cx, cy, x, y float64) *glyph {
	line := g.lines[len(g.lines)-1]
	from := line[len(line)-1]
	const steps = 10
	for i := 1.0; i <= steps; i++ {
		t := i / steps
		u := 1 - t
		g.line(u*u*from.X+2*u*t*cx+t*t*x, u*u*from.Y+2*u*t*cy+t*t*y)
	}
	return g
}

// turned is g upside down: a nine is a six turned.
func (g *glyph) turned() *glyph {
	for _, line := range g.lines {
		for i, p := range line {
			line[i] = Point{g.width - p.X, 1 - p.Y}
		}
	}
	return g
}

// outline returns the glyph of r; it is empty for a rune that the typeface does not have.
func outline(r rune) *glyph {
	if r >= '0' && r <= '9' {
		return digit(r)
	}
	return letter(r)
}

func digit(r rune) *glyph {
	g := &glyph{width: 0.56}
	switch r {
	case '0':
		return g.move(0, 0.28).arc(0.28, 0.28, 0.28, 0.28, 180, 360).arc(0.28, 0.72, 0.28, 0.28, 0, 180).line(0, 0.28)
	case '1':
		return g.move(0.10, 0.20).line(0.34, 0).line(0.34, 1)
	case '2':
		return g.move(0.014, 0.223).arc(0.28, 0.27, 0.27, 0.27, 190, 400).line(0.01, 1).line(0.56, 1)
	case '3':
		g.move(0.048, 0.16).arc(0.27, 0.25, 0.24, 0.25, 201, 450).line(0.2, 0.5)
		return g.move(0.27, 0.5).arc(0.27, 0.74, 0.28, 0.26, 270, 521)
	case '4':
		return g.move(0.36, 0).line(0, 0.72).line(0.58, 0.72).move(0.43, 0.44).line(0.43, 1)
	case '5':
		return g.move(0.50, 0).line(0.09, 0).line(0.05, 0.45).arc(0.27, 0.68, 0.28, 0.32, 222, 510)
	case '6':
		return g.oval(0.28, 0.69, 0.28, 0.31).move(0, 0.69).bend(0.01, 0.42, 0.38, 0)
	case '7':
		return g.move(0, 0).line(0.56, 0).line(0.20, 1)
	case '8':
		return g.oval(0.28, 0.245, 0.235, 0.245).oval(0.28, 0.745, 0.28, 0.255)
	default:
		return digit('6').turned()
	}
}

func letter(r rune) *glyph {
	g := &glyph{width: 0.54}
	switch r {
	case ':':
		g.width = 0
		return g.move(0, 0.30).move(0, 0.74)
	case '.':
		g.width = 0
		return g.move(0, 1)
	case '-':
		g.width = 0.36
		return g.move(0, 0.5).line(0.36, 0.5)
	case 'B':
		g.move(0.25, 0.48).line(0, 0.48).move(0, 1).line(0, 0).line(0.25, 0)
		return g.arc(0.25, 0.24, 0.22, 0.24, 270, 450).arc(0.25, 0.74, 0.28, 0.26, 270, 450).line(0, 1)
	case 'C':
		return g.move(0.51, 0.16).arc(0.30, 0.5, 0.30, 0.5, -45, -315)
	case 'T':
		return g.move(0, 0).line(0.54, 0).move(0.27, 0).line(0.27, 1)
	case 'U':
		return g.move(0, 0).arc(0.27, 0.73, 0.27, 0.27, 180, 0).line(0.54, 0)
	case 'a':
		return g.oval(0.27, 0.66, 0.27, 0.34).move(0.54, 0.32).line(0.54, 1)
	case 'e':
		return g.move(0.01, 0.66).line(0.55, 0.66).arc(0.28, 0.66, 0.27, 0.34, 0, -312)
	case 'f':
		g.width = 0.36
		return g.move(0.38, 0).arc(0.34, 0.19, 0.19, 0.19, 270, 180).line(0.15, 1).move(0, 0.34).line(0.34, 0.34)
	case 'm':
		g.width = 0.80
		g.move(0, 0.32).line(0, 1).move(0, 0.56).arc(0.20, 0.56, 0.20, 0.24, 180, 360).line(0.40, 1)
		return g.move(0.40, 0.56).arc(0.60, 0.56, 0.20, 0.24, 180, 360).line(0.80, 1)
	case 'n':
		g.width = 0.48
		return g.move(0, 0.32).line(0, 1).move(0, 0.58).arc(0.24, 0.58, 0.24, 0.26, 180, 360).line(0.48, 1)
	case 'o':
		return g.oval(0.27, 0.66, 0.27, 0.34)
	case 'r':
		g.width = 0.34
		return g.move(0, 0.32).line(0, 1).move(0, 0.58).arc(0.24, 0.58, 0.24, 0.26, 180, 295)
	case 't':
		g.width = 0.38
		return g.move(0.15, 0.06).line(0.15, 0.80).arc(0.35, 0.80, 0.20, 0.20, 180, 95).move(0, 0.34).line(0.36, 0.34)
	default:
		g.width = 0.2
		return g
	}
}
