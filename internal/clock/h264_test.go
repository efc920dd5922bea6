package clock

import (
	"bytes"
	"image"
	"testing"
	"time"
)

// start is shortly before a full hour, where most digits change.
func start() time.Time { return time.Date(2026, 11, 23, 13, 59, 57, 120e6, time.UTC) }

// tick is the time and the counter of picture i.
func tick(i int) (time.Time, uint32) {
	return start().Add(time.Duration(i) * time.Second / FrameRate), ^uint32(60) + uint32(i)
}

// decode feeds an access unit to the decoder.
func (d *decoder) decode(t *testing.T, unit [][]byte) {
	t.Helper()
	for _, nal := range unit {
		if _, err := d.unit(nal); err != nil {
			t.Fatal(err)
		}
	}
}

func samePicture(a, b *image.YCbCr) bool {
	for y := range Height {
		if !bytes.Equal(a.Y[y*a.YStride:][:Width], b.Y[y*b.YStride:][:Width]) {
			return false
		}
	}
	for y := range Height / 2 {
		if !bytes.Equal(a.Cb[y*a.CStride:][:Width/2], b.Cb[y*b.CStride:][:Width/2]) ||
			!bytes.Equal(a.Cr[y*a.CStride:][:Width/2], b.Cr[y*b.CStride:][:Width/2]) {
			return false
		}
	}
	return true
}

func TestEveryPictureDecodesToWhatWasDrawn(t *testing.T) {
	h, p, d := NewH264(H264Config{}), NewPicture(Limited), &decoder{}
	for i := range 120 {
		at, frame := tick(i)
		d.decode(t, h.Next(at, frame))
		p.Set(at, frame)
		if !samePicture(d.img, p.Image()) {
			t.Fatalf("picture %d differs from the one drawn", i)
		}
		got, err := Read(d.img)
		if want := (Reading{at, frame}); err != nil || got != want {
			t.Fatalf("picture %d reads %v, %v; want %v", i, got, err, want)
		}
	}
}

func TestParametersDescribeThePicture(t *testing.T) {
	h, d := NewH264(H264Config{}), &decoder{}
	sps, pps := h.Parameters()
	d.decode(t, [][]byte{sps, pps})
	want := sequence{
		profile: 66, constraints: 0xC0, level: 30, log2FrameNum: 16, orderType: 2,
		columns: 40, rows: 23, cropBottom: 8, tick: 1, scale: 50,
		reorder: 0, buffering: 1, // players need not hold back anything
	}
	if d.sps != want {
		t.Errorf("got %+v, want %+v", d.sps, want)
	}
	unit := h.Next(tick(0))
	if len(unit) != 3 || !bytes.Equal(unit[0], sps) || !bytes.Equal(unit[1], pps) {
		t.Error("the parameter sets are not in front of the IDR picture")
	}
}

// ITU-T H.264 §7.4.3: frame_num counts the reference pictures since the IDR picture, and two IDR pictures in a row
// differ in idr_pic_id.
func TestPicturesAreNumbered(t *testing.T) {
	h, d := NewH264(H264Config{GOP: 3}), &decoder{}
	for i, want := range []sliceHeader{
		{true, 7, 0, 0}, {false, 5, 1, 0}, {false, 5, 2, 0},
		{true, 7, 0, 1}, {false, 5, 1, 0}, {false, 5, 2, 0},
		{true, 7, 0, 0},
	} {
		d.decode(t, h.Next(tick(i)))
		if d.header != want {
			t.Errorf("picture %d: got %+v, want %+v", i, d.header, want)
		}
	}
}

func TestGOPHasBounds(t *testing.T) {
	for _, c := range []struct{ gop, want int }{
		{0, DefaultGOP}, {-1, DefaultGOP}, {1, 1}, {100, 100}, {1 << 30, 65536},
	} {
		if h := NewH264(H264Config{GOP: c.gop}); h.gop != c.want {
			t.Errorf("GOP %d: got %d, want %d", c.gop, h.gop, c.want)
		}
	}
}

func TestOnlyWhatChangedIsCoded(t *testing.T) {
	h, d := NewH264(H264Config{}), &decoder{}
	at, frame := tick(0)
	d.decode(t, h.Next(at, frame))
	unit := h.Next(at, frame)
	d.decode(t, unit)
	if d.changed != 0 || len(unit[0]) > 16 {
		t.Errorf("the same picture again: %d macroblocks, %d bytes", d.changed, len(unit[0]))
	}
	// A new frame number: its last digit, and of the blocks some of row 21 and of the check in row 20.
	d.decode(t, h.Next(at, frame+1))
	if plain := d.changed - d.flatCoded; plain > 2 || d.flatCoded == 0 || d.flatCoded > 18 {
		t.Errorf("one digit: %d plain and %d flat macroblocks", plain, d.flatCoded)
	}
}

func TestPredictedPicturesAreSmall(t *testing.T) {
	h := NewH264(H264Config{})
	idr, idrs, sum, largest := 0, 0, 0, 0
	const n = 1500
	for i := range n {
		size := 0
		unit := h.Next(tick(i))
		for _, nal := range unit {
			size += len(nal)
		}
		if len(unit) == 3 {
			idr, idrs = idr+size, idrs+1
			continue
		}
		sum, largest = sum+size, max(largest, size)
	}
	mean := sum / (n - idrs)
	t.Logf("IDR %d bytes; P %d bytes in the mean, %d at most", idr/idrs, mean, largest)
	if mean > 6500 || largest > 80_000 || idr/idrs > 125_000 {
		t.Error("too large")
	}
}

func TestHotPathAllocs(t *testing.T) {
	h := NewH264(H264Config{})
	i := 0
	next := func() {
		h.Next(tick(i))
		i++
	}
	for range DefaultGOP {
		next()
	}
	if n := testing.AllocsPerRun(5*DefaultGOP, next); n != 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

func BenchmarkH264(b *testing.B) {
	for name, gop := range map[string]int{"idr": 1, "predicted": maxGOP} {
		b.Run(name, func(b *testing.B) {
			h := NewH264(H264Config{GOP: gop})
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				h.Next(tick(i))
			}
		})
	}
}

func BenchmarkNewH264(b *testing.B) {
	for b.Loop() {
		NewH264(H264Config{})
	}
}
