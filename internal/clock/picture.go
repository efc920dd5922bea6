package clock

import (
	"image"
	"time"
)

// A Picture is the clock's face at one instant. Make it with NewPicture; not safe for concurrent use.
type Picture struct {
	face *face
	grid [columns * rows]*macroblock
}

// NewPicture returns a face with sample values in the range r; it shows nothing until Set is called.
func NewPicture(r Range) *Picture {
	p := &Picture{face: newFace(r)}
	copy(p.grid[:], p.face.still)
	return p
}

// Set makes the picture show t, in UTC and cut to the millisecond, and frame. It allocates nothing.
func (p *Picture) Set(t time.Time, frame uint32) {
	t = t.UTC()
	p.setDate(t.Date())
	p.setTime(t)
	p.setBar(t)
	for i, n := frameDigits-1, frame; i >= 0; i, n = i-1, n/10 {
		p.put(&p.face.tiny, tiny, int(n%10), frameColumn+i, frameRow)
	}
	for c := range (Reading{Time: t, Frame: frame}).Cells {
		white := 0
		if c.White {
			white = 1
		}
		p.grid[c.Row*columns+c.Column] = p.face.block[white]
	}
}

func (p *Picture) setDate(year int, month time.Month, day int) {
	n := max(year, 0)%10000*10000 + int(month)*100 + day
	for _, column := range [...]int{9, 8, 6, 5, 3, 2, 1, 0} {
		p.put(&p.face.tiny, tiny, n%10, dateColumn+column, dateRow)
		n /= 10
	}
}

func (p *Picture) setTime(t time.Time) {
	n := t.Hour()*10000 + t.Minute()*100 + t.Second()
	for _, column := range [...]int{24, 20, 14, 10, 4, 0} {
		p.put(&p.face.large, large, n%10, timeColumn+column, timeRow)
		n /= 10
	}
	n = t.Nanosecond() / int(time.Millisecond)
	for _, column := range [...]int{34, 32, 30} {
		p.put(&p.face.small, small, n%10, timeColumn+column, timeRow+large.rows-small.rows)
		n /= 10
	}
}

// setBar fills the bar in even seconds and empties it in odd ones, so that no picture has to change all of it.
func (p *Picture) setBar(t time.Time) {
	phase := t.Unix() & 1
	done := int(int64(t.Nanosecond()) * barColumns * barSteps / int64(time.Second))
	for c := range barColumns {
		n := min(max(done-c*barSteps, 0), barSteps)
		p.grid[barRow*columns+barColumn+c] = p.face.bar[phase][c][n]
	}
}

// put places a digit with the upper left corner of its box at column, row.
func (p *Picture) put(d *digits, s size, digit, column, row int) {
	for i, m := range d[digit] {
		p.grid[(row+i/s.columns)*columns+column+i%s.columns] = m
	}
}

// Image returns a copy of the picture, Width by Height, 4:2:0. The samples keep the picture's range, while Go's image
// packages take all of them as Full.
func (p *Picture) Image() *image.YCbCr {
	img := newImage()
	for i, m := range p.grid {
		m.paste(img, i)
	}
	return img.SubImage(image.Rect(0, 0, Width, Height)).(*image.YCbCr)
}

// newImage has room for whole macroblocks.
func newImage() *image.YCbCr {
	return image.NewYCbCr(image.Rect(0, 0, 16*columns, 16*rows), image.YCbCrSubsampleRatio420)
}

// paste copies m to its place in an image made by newImage.
func (m *macroblock) paste(img *image.YCbCr, place int) {
	row, column := place/columns, place%columns
	for y := range 16 {
		copy(img.Y[(16*row+y)*img.YStride+16*column:], m.pix[16*y:][:16])
	}
	for y := range 8 {
		i := (8*row+y)*img.CStride + 8*column
		copy(img.Cb[i:], m.pix[mbLuma+8*y:][:8])
		copy(img.Cr[i:], m.pix[mbLuma+mbChroma+8*y:][:8])
	}
}
