package clock

import (
	"testing"
	"time"
)

func TestTimeIsShownInUTC(t *testing.T) {
	a, b := NewPicture(Limited), NewPicture(Limited)
	at, frame := tick(0)
	a.Set(at, frame)
	b.Set(at.In(time.FixedZone("", -5*3600)), frame)
	if !samePicture(a.Image(), b.Image()) {
		t.Error("the zone of the time changes the picture")
	}
}

func TestAnyTimeCanBeShown(t *testing.T) {
	p := NewPicture(Limited)
	for _, at := range []time.Time{
		{}, time.Unix(-1, 0), time.Unix(-1<<40, 0), time.Unix(1<<40, 0), time.UnixMilli(1<<48 - 1),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
	} {
		p.Set(at, 1<<32-1)
	}
}

// A value that changes may not touch what shows another value.
func TestFieldsDoNotOverlap(t *testing.T) {
	p := NewPicture(Limited)
	still := *p
	used := [columns * rows]bool{}
	mark := func(column, row, width, height int) {
		for y := row; y < row+height; y++ {
			for x := column; x < column+width; x++ {
				if used[y*columns+x] {
					t.Errorf("macroblock %d,%d is used twice", x, y)
				}
				used[y*columns+x] = true
			}
		}
	}
	for _, c := range []int{0, 4, 10, 14, 20, 24} {
		mark(timeColumn+c, timeRow, large.columns, large.rows)
	}
	for _, c := range []int{30, 32, 34} {
		mark(timeColumn+c, timeRow+large.rows-small.rows, small.columns, small.rows)
	}
	for _, c := range []int{0, 1, 2, 3, 5, 6, 8, 9} {
		mark(dateColumn+c, dateRow, tiny.columns, tiny.rows)
	}
	mark(frameColumn, frameRow, frameDigits*tiny.columns, tiny.rows)
	mark(barColumn, barRow, barColumns, 1)
	mark(blockColumn, blockRow, blockCells, blockRows)
	p.Set(time.Date(8888, 12, 28, 18, 58, 58, 888e6, time.UTC), 3888888888)
	background := p.grid[0]
	for i, m := range p.grid {
		switch {
		case !used[i] && m != still.grid[i]:
			t.Errorf("macroblock %d,%d changed outside every field", i%columns, i/columns)
		case used[i] && still.grid[i] != background:
			t.Errorf("macroblock %d,%d of a field shows something that stays", i%columns, i/columns)
		}
	}
}
