package clock

const (
	mbLuma   = 16 * 16
	mbChroma = 8 * 8
	mbBytes  = mbLuma + 2*mbChroma
)

// A macroblock is 16×16 pixels of the face, never changed once made: Y, Cb and Cr one after the other, as I_PCM
// carries them. The other fields are what intra prediction wants to know, worked out once. A shop makes each content
// only once, so that two macroblocks look the same exactly when their pointers are equal.
type macroblock struct {
	pix    [mbBytes]byte
	flat   bool // all pixels are the same
	below  int  // sum of the lowest row of luma
	right  int  // sum of the right column of luma
	chroma int  // colour of the lowest row and the right column when that is one colour, else mixed
}

const mixed = -1

// colour is that of the first pixel, Cb and Cr in one number.
func (m *macroblock) colour() int { return m.colourAt(0) }

func (m *macroblock) colourAt(i int) int {
	return int(m.pix[mbLuma+i])<<8 | int(m.pix[mbLuma+mbChroma+i])
}

// A shop gives equal macroblocks for equal pixels.
type shop map[[mbBytes]byte]*macroblock

func (s shop) get(pix [mbBytes]byte) *macroblock {
	if m, ok := s[pix]; ok {
		return m
	}
	m := &macroblock{pix: pix, flat: true, chroma: int(pix[mbLuma+7])<<8 | int(pix[mbLuma+mbChroma+7])}
	for i := range 16 {
		m.below += int(pix[15*16+i])
		m.right += int(pix[i*16+15])
	}
	for i := range 8 {
		if m.colourAt(7*8+i) != m.chroma || m.colourAt(i*8+7) != m.chroma {
			m.chroma = mixed
			break
		}
	}
	for i, v := range pix {
		plane := min(i/mbLuma*mbLuma+max(i-mbLuma, 0)/mbChroma*mbChroma, mbLuma+mbChroma)
		if v != pix[plane] {
			m.flat = false
			break
		}
	}
	s[pix] = m
	return m
}

// join returns a macroblock whose left x pixels are left's and whose others are right's; x is even.
func (s shop) join(left, right *macroblock, x int) *macroblock {
	pix := right.pix
	for y := range 16 {
		copy(pix[16*y:][:x], left.pix[16*y:])
	}
	for y := range 2 * 8 {
		i := mbLuma + 8*y
		copy(pix[i:][:x/2], left.pix[i:])
	}
	return s.get(pix)
}
