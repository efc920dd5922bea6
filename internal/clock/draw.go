package clock

import "github.com/baton-rtsp/baton/internal/clock/stroke"

// A size is that of the digits of one kind: the pen that draws them and the box in macroblocks that one of them has to
// itself. The pen's reach stays inside the box.
type size struct {
	stroke.Font
	columns, rows int
	baseline      float64 // from the upper edge of the box
}

// Sizes; read only.
var (
	large = size{stroke.Font{Height: 84, Weight: 11}, 4, 6, 90}
	small = size{stroke.Font{Height: 38, Weight: 6}, 2, 3, 42} // same baseline when the lower edges meet
	tiny  = size{stroke.Font{Height: 16, Weight: 2.4}, 1, 2, 24}
)

// edge is how far a text's skeleton stays from the edge of its first or last macroblock.
const edge = 4

// drawStill draws the whole picture with nothing that changes in it.
func (p *palette) drawStill() *canvas {
	c := newCanvas(columns, rows, p.background)
	c.text(stroke.Font{Height: 18, Weight: 3}, "Baton", 16*nameColumn+edge, 16*nameRow+tiny.baseline, 0, p.ink)
	for _, column := range [2]int{4, 7} {
		c.text(tiny.Font, "-", 16*float64(dateColumn+column)+8, 16*dateRow+tiny.baseline, 0.5, p.faint)
	}
	c.text(tiny.Font, "UTC", 16*(barColumn+barColumns)-edge, 16*dateRow+tiny.baseline, 1, p.faint)
	c.text(tiny.Font, "frame", 16*barColumn+edge, 16*frameRow+tiny.baseline, 0, p.faint)
	for _, column := range [2]int{8, 18} {
		c.text(large.Font, ":", 16*float64(timeColumn+column+1), 16*timeRow+large.baseline, 0.5, p.faint)
	}
	c.text(small.Font, ".", 16*(timeColumn+28)+16, 16*timeRow+large.baseline, 0.5, p.accent)
	return c
}

// drawDigit draws a digit into a box of its own.
func (p *palette) drawDigit(s size, digit int, ink colour) *canvas {
	c := newCanvas(s.columns, s.rows, p.background)
	c.text(s.Font, string(rune('0'+digit)), 8*float64(s.columns), s.baseline, 0.5, ink)
	return c
}

// drawBar draws the whole bar in one ink.
func (p *palette) drawBar(ink colour) *canvas {
	c := newCanvas(barColumns, 1, p.background)
	c.line(edge, 16*barColumns-edge, 8, 4, ink)
	return c
}
