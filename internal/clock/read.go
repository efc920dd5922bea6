package clock

import (
	"errors"
	"image"
	"image/color"
	"time"
)

// ErrNoBlocks says that a picture holds no blocks, or that they are too damaged to be read.
var ErrNoBlocks = errors.New("no readable blocks in the picture")

// leastContrast is how much brighter than black white has to be, of 255.
const leastContrast = 48

// Read reads the blocks of a whole decoded picture, scaled by any factor, even by different ones in width and height,
// as long as a cell keeps about three pixels. It works for the clock and for every other picture that has the blocks
// in their place. A picture that a decoder left padded to whole macroblocks at its lower edge, 368 lines instead of
// 360 or as much at another scale, is read too. The error is ErrNoBlocks. It keeps nothing of img.
func Read(img image.Image) (Reading, error) {
	b := img.Bounds()
	if b.Empty() {
		return Reading{}, ErrNoBlocks
	}
	r, err := readWithin(img, b)
	if err != nil {
		b.Max.Y = b.Min.Y + (b.Dy()*Height+8*rows)/(16*rows)
		r, err = readWithin(img, b)
	}
	return r, err
}

// readWithin reads the blocks of a picture that fills b.
func readWithin(img image.Image, b image.Rectangle) (Reading, error) {
	var mean [blockRows][blockCells]int
	for row := range mean {
		for i := range mean[row] {
			mean[row][i] = brightness(img, middle(b, blockColumn+i, blockRow+row))
		}
	}
	white, black := 0, 0
	for _, cells := range mean {
		white += cells[0] + cells[blockCells-1]
		black += cells[1] + cells[blockCells-2]
	}
	if white-black < leastContrast*2*blockRows {
		return Reading{}, ErrNoBlocks
	}
	threshold := (white + black) / (4 * blockRows)
	var words [blockRows]uint32
	for row, cells := range mean {
		line := uint64(0)
		for _, m := range cells {
			line <<= 1
			if m > threshold {
				line |= 1
			}
		}
		if line>>(blockBits+2) != 0b10 || line&3 != 0b01 {
			return Reading{}, ErrNoBlocks
		}
		words[row] = uint32(line >> 2)
	}
	ms := uint64(words[0])<<16 | uint64(words[1])>>16
	if check(ms, words[2]) != uint16(words[1]) {
		return Reading{}, ErrNoBlocks
	}
	return Reading{Time: time.UnixMilli(int64(ms)).UTC(), Frame: words[2]}, nil
}

// middle is the middle half of a cell in a picture with these bounds, never empty.
func middle(b image.Rectangle, column, row int) image.Rectangle {
	const quarters = 4
	r := image.Rect(
		(quarters*column+1)*CellSize*b.Dx()/(quarters*Width), (quarters*row+1)*CellSize*b.Dy()/(quarters*Height),
		(quarters*column+3)*CellSize*b.Dx()/(quarters*Width), (quarters*row+3)*CellSize*b.Dy()/(quarters*Height),
	)
	r.Max.X = max(r.Max.X, r.Min.X+1)
	r.Max.Y = max(r.Max.Y, r.Min.Y+1)
	return r.Add(b.Min)
}

// brightness is the mean over r, from 0 to 255.
func brightness(img image.Image, r image.Rectangle) int {
	sum := 0
	planar, fast := img.(*image.YCbCr)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if fast {
				sum += int(planar.Y[planar.YOffset(x, y)])
			} else {
				sum += int(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
			}
		}
	}
	return sum / (r.Dx() * r.Dy())
}
