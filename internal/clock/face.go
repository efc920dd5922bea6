package clock

// Size and pace of the pictures.
const (
	Width     = 640
	Height    = 360
	FrameRate = 25 // pictures a second, nominal: the caller's ticks decide

	columns = Width / 16
	rows    = (Height + 15) / 16 // the lower half of the last row is cut off
)

// Where things are, in macroblocks.
const (
	nameColumn, nameRow   = 2, 1
	dateColumn, dateRow   = 24, 1
	timeColumn, timeRow   = 2, 5
	barColumn, barRow     = 2, 12
	barColumns            = 36
	frameColumn, frameRow = 7, 15
	frameDigits           = 10
)

// A face is all that the clock can show, drawn once: what never changes, and every digit in every size.
type face struct {
	still []*macroblock  // the whole picture without what changes
	large digits         // hours, minutes, seconds
	small digits         // milliseconds
	tiny  digits         // date and frame counter
	block [2]*macroblock // black, white

	// bar[0][c][n] is column c of the bar with its left n/barSteps lit and the rest dark; bar[1] has light and dark
	// exchanged.
	bar [2][barColumns][barSteps + 1]*macroblock
}

// digits are the macroblocks of 0 to 9, row by row.
type digits [10][]*macroblock

// barSteps is how many steps the bar makes in a macroblock: two pixels each, the width of a chroma sample.
const barSteps = 8

func newFace(r Range) *face {
	p, s, f := newPalette(r), shop{}, &face{}
	f.still = p.drawStill().cut(s)
	for i := range 10 {
		f.large[i] = p.drawDigit(large, i, p.ink).cut(s)
		f.small[i] = p.drawDigit(small, i, p.accent).cut(s)
		f.tiny[i] = p.drawDigit(tiny, i, p.faint).cut(s)
	}
	f.block[0] = newCanvas(1, 1, p.black).cut(s)[0]
	f.block[1] = newCanvas(1, 1, p.white).cut(s)[0]
	dark, light := p.drawBar(p.unlit).cut(s), p.drawBar(p.accent).cut(s)
	for c := range barColumns {
		for n := range barSteps + 1 {
			f.bar[0][c][n] = s.join(light[c], dark[c], n*16/barSteps)
			f.bar[1][c][n] = s.join(dark[c], light[c], n*16/barSteps)
		}
	}
	return f
}
