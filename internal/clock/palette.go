package clock

// A Range is the span of values of a picture's luma and chroma samples.
type Range uint8

// Ranges.
const (
	Limited Range = iota // luma 16 to 235, chroma 16 to 240: video
	Full                 // 0 to 255: JPEG
)

// A palette is the colours of the face (BT.601). All but accent have one chroma: then a flat macroblock's chroma is
// predicted exactly from its neighbours, and H.264 needs no residual for it.
type palette struct {
	background, ink, faint, accent colour
	unlit                          colour // the dark part of the bar
	white, black                   colour // of the blocks
}

func newPalette(r Range) palette {
	const cb, cr = 133, 126 // a cool grey
	return palette{
		background: r.colour(26, cb, cr),
		ink:        r.colour(238, cb, cr),
		faint:      r.colour(122, cb, cr),
		accent:     r.colour(176, 74, 164),
		unlit:      r.colour(58, cb, cr),
		white:      r.colour(255, cb, cr),
		black:      r.colour(2, cb, cr),
	}
}

// colour turns full-range values into those of r.
func (r Range) colour(y, cb, cr int) colour {
	if r == Full {
		return colour{byte(y), byte(cb), byte(cr)}
	}
	return colour{
		byte(16 + (y*219+127)/255),
		byte(128 + (cb-128)*224/255),
		byte(128 + (cr-128)*224/255),
	}
}
