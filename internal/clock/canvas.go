package clock

import (
	"image"

	"github.com/baton-rtsp/baton/internal/clock/stroke"
)

// A colour is Y, Cb, Cr in the range that the picture has.
type colour struct{ y, cb, cr byte }

// A canvas is a piece of the face while it is drawn, a whole number of macroblocks in size.
type canvas struct {
	img  *image.YCbCr
	mask *image.Alpha // scratch for paint
}

func newCanvas(columns, rows int, background colour) *canvas {
	r := image.Rect(0, 0, columns*16, rows*16)
	c := &canvas{image.NewYCbCr(r, image.YCbCrSubsampleRatio420), image.NewAlpha(r)}
	fill(c.img.Y, background.y)
	fill(c.img.Cb, background.cb)
	fill(c.img.Cr, background.cr)
	return c
}

func fill(plane []byte, v byte) {
	for i := range plane {
		plane[i] = v
	}
}

// text draws s so that it begins (align 0), is centred (½) or ends (1) at x.
func (c *canvas) text(f stroke.Font, s string, x, baseline, align float64, ink colour) {
	f.Text(c.mask, s, x-align*f.Width(s), baseline)
	c.paint(ink)
}

// line draws a round-ended line.
func (c *canvas) line(x0, x1, y, width float64, ink colour) {
	stroke.Polyline(c.mask, []stroke.Point{{X: x0, Y: y}, {X: x1, Y: y}}, width)
	c.paint(ink)
}

// paint lays ink over the canvas where the mask is, and clears the mask.
func (c *canvas) paint(ink colour) {
	w := c.mask.Stride
	for y := range c.mask.Rect.Dy() / 2 {
		upper, lower := c.mask.Pix[2*y*w:][:w], c.mask.Pix[(2*y+1)*w:][:w]
		for x := range w / 2 {
			cover := [4]byte{upper[2*x], upper[2*x+1], lower[2*x], lower[2*x+1]}
			if cover != [4]byte{} {
				c.blend(x, y, cover, ink)
			}
		}
	}
	clear(c.mask.Pix)
}

// blend lays ink over the chroma sample at x, y and the four pixels that share it.
func (c *canvas) blend(x, y int, cover [4]byte, ink colour) {
	sum := 0
	for i, a := range cover {
		p := &c.img.Y[(2*y+i/2)*c.img.YStride+2*x+i%2]
		*p = blend(*p, ink.y, int(a), 255)
		sum += int(a)
	}
	i := y*c.img.CStride + x
	c.img.Cb[i] = blend(c.img.Cb[i], ink.cb, sum, 4*255)
	c.img.Cr[i] = blend(c.img.Cr[i], ink.cr, sum, 4*255)
}

func blend(under, over byte, part, whole int) byte {
	return byte((int(under)*(whole-part) + int(over)*part + whole/2) / whole)
}

// cut returns the canvas as macroblocks, row by row.
func (c *canvas) cut(s shop) []*macroblock {
	columns, rows := c.img.Rect.Dx()/16, c.img.Rect.Dy()/16
	out := make([]*macroblock, 0, columns*rows)
	for row := range rows {
		for column := range columns {
			var pix [mbBytes]byte
			for y := range 16 {
				copy(pix[16*y:][:16], c.img.Y[(16*row+y)*c.img.YStride+16*column:])
			}
			for y := range 8 {
				i := (8*row+y)*c.img.CStride + 8*column
				copy(pix[mbLuma+8*y:][:8], c.img.Cb[i:])
				copy(pix[mbLuma+mbChroma+8*y:][:8], c.img.Cr[i:])
			}
			out = append(out, s.get(pix))
		}
	}
	return out
}
