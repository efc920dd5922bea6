package clock

// Values of mb_type in I slices, ITU-T H.264 table 7-11; in P slices they are intraInP more, table 7-13.
const (
	mbIntraDC = 3 // I_16x16_2_0_0: DC prediction, no AC coefficients, no chroma coefficients
	mbPCM     = 25
	intraInP  = 5
)

// macroblock writes the macroblock at place i of the grid, in the cheaper way that is exact.
func (s *slice) macroblock(i int) {
	m := s.grid[i]
	up, left := s.neighbours(i)
	if !m.flat || !chromaPredicted(m, up, left) {
		s.coded[i] = plain
		s.ue(mbPCM + s.intra)
		s.align()
		s.out = append(s.out, m.pix[:]...)
		return
	}
	s.coded[i] = even
	s.ue(mbIntraDC + s.intra)
	s.ue(0) // intra_chroma_pred_mode: DC
	s.se(0) // mb_qp_delta
	s.dc(int(m.pix[0])-predictLuma(up, left), s.context(i))
}

// neighbours are the macroblocks above and to the left, nil outside the picture.
func (s *slice) neighbours(i int) (up, left *macroblock) {
	if i >= columns {
		up = s.grid[i-columns]
	}
	if i%columns > 0 {
		left = s.grid[i-1]
	}
	return up, left
}

// predictLuma is Intra_16x16_DC, ITU-T H.264 §8.3.3.3.
func predictLuma(up, left *macroblock) int {
	switch {
	case up != nil && left != nil:
		return (up.below + left.right + 16) >> 5
	case up != nil:
		return (up.below + 8) >> 4
	case left != nil:
		return (left.right + 8) >> 4
	default:
		return 128
	}
}

// chromaPredicted tells whether Intra_Chroma_DC, ITU-T H.264 §8.3.4, makes the chroma of the flat m without residual.
func chromaPredicted(m, up, left *macroblock) bool {
	c := m.colour()
	return (up != nil || left != nil) &&
		(up == nil || up.chroma == c) && (left == nil || left.chroma == c)
}

// context is nC of the macroblock's first luma block, ITU-T H.264 §9.2.1: an I_PCM neighbour counts as 16 coefficients,
// any other one here as none.
func (s *slice) context(i int) int {
	n, sum := 0, 0
	if i >= columns {
		n++
		sum += s.coded[i-columns].coefficients()
	}
	if i%columns > 0 {
		n++
		sum += s.coded[i-1].coefficients()
	}
	if n == 2 {
		return (sum + 1) >> 1
	}
	return sum
}

func (c coding) coefficients() int {
	if c == plain {
		return 16
	}
	return 0
}

// dc writes the Intra16x16DCLevel block, ITU-T H.264 §7.3.5.3.2, whose only coefficient adds d to every pixel.
//
// At QP 28 the level is d itself: the 4×4 transform of §8.5.10 gives all 16 blocks the level, scales it by
// LevelScale(4,0,0) = 16·16 and shifts it by 6-28/6 = 2, which is 64·d; the inverse transform of §8.5.12 divides by 64.
func (s *slice) dc(d, nC int) {
	if d == 0 {
		s.coeffToken(nC, 1, 1, 0b000011) // TotalCoeff 0
		return
	}
	if d == 1 || d == -1 {
		s.coeffToken(nC, 2, 0b01, 0b000001) // TotalCoeff 1, TrailingOnes 1
		if d < 0 {
			s.put(1, 1)
		} else {
			s.put(1, 0)
		}
	} else {
		s.coeffToken(nC, 6, 0b000101, 0b000000) // TotalCoeff 1, TrailingOnes 0
		s.level(d)
	}
	s.put(1, 1) // total_zeros 0: the coefficient is the first, DC
}

// coeffToken writes a coeff_token of ITU-T H.264 table 9-5. Of its columns only those for nC 0 and 1, with the n bits of
// low, and for nC from 8, always 6 bits, occur here.
func (s *slice) coeffToken(nC, n int, low, high uint32) {
	if nC >= 8 {
		s.put(6, high)
	} else {
		s.put(n, low)
	}
}

// level writes level_prefix and level_suffix of a first coefficient that is neither 0 nor ±1, ITU-T H.264 §9.2.2.1,
// with suffixLength 0.
func (s *slice) level(v int) {
	code := 2*v - 4
	if v < 0 {
		code = -2*v - 3
	}
	switch {
	case code < 14:
		s.put(code+1, 1)
	case code < 30:
		s.put(15, 1)
		s.put(4, uint32(code-14))
	default:
		s.put(16, 1)
		s.put(12, uint32(code-30))
	}
}
