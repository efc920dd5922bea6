package clock

import "time"

// Where the blocks are, in cells of CellSize. The package comment has the whole layout.
const (
	CellSize    = 16 // width and height of a cell in a picture of Width × Height
	blockColumn = 2
	blockRow    = 19
	blockRows   = 3
	blockBits   = 32 // of each row, between two marks of two cells each
	blockCells  = blockBits + 4
)

// A Reading is what the blocks of one picture say.
type Reading struct {
	Time  time.Time // UTC, to the millisecond; from 1970 to the year 10889
	Frame uint32
}

// A Cell is one black or white block; Column and Row count cells of CellSize from the upper left corner of a picture
// of Width × Height.
type Cell struct {
	Column, Row int
	White       bool
}

// Cells calls yield for each of the 108 cells that say r, row by row from left to right; it is an iter.Seq. For those
// who draw blocks into a picture of their own.
func (r Reading) Cells(yield func(Cell) bool) {
	for row, bits := range r.words() {
		// The marks are 10 at the left and 01 at the right.
		line := 0b10<<(blockBits+2) | uint64(bits)<<2 | 0b01
		for i := range blockCells {
			white := line>>(blockCells-1-i)&1 == 1
			if !yield(Cell{blockColumn + i, blockRow + row, white}) {
				return
			}
		}
	}
}

// words are the 32 bits of each row.
func (r Reading) words() [blockRows]uint32 {
	ms := uint64(r.Time.UnixMilli())
	return [blockRows]uint32{
		uint32(ms >> 16),
		uint32(ms<<16) | uint32(check(ms, r.Frame)),
		r.Frame,
	}
}

// check is the CRC-16/CCITT-FALSE of the low 48 bits of ms and of frame.
func check(ms uint64, frame uint32) uint16 {
	crc := uint16(0xFFFF)
	for shift := 40; shift >= 0; shift -= 8 {
		crc = checkByte(crc, byte(ms>>shift))
	}
	for shift := 24; shift >= 0; shift -= 8 {
		crc = checkByte(crc, byte(frame>>shift))
	}
	return crc
}

func checkByte(crc uint16, b byte) uint16 {
	crc ^= uint16(b) << 8
	for range 8 {
		high := crc & 0x8000
		crc <<= 1
		if high != 0 {
			crc ^= 0x1021
		}
	}
	return crc
}
