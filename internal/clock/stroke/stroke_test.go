package stroke_test

import (
	"image"
	"math"
	"testing"

	"github.com/baton-rtsp/baton/internal/clock/stroke"
)

// covered is the area that the mask covers, in pixels.
func covered(m *image.Alpha) float64 {
	sum := 0
	for _, a := range m.Pix {
		sum += int(a)
	}
	return float64(sum) / 255
}

func TestPenCoversItsArea(t *testing.T) {
	for _, c := range []struct {
		name   string
		points []stroke.Point
		want   float64
	}{
		{"nothing", nil, 0},
		{"dot", []stroke.Point{{X: 32, Y: 32}}, math.Pi * 100},
		{"dot twice", []stroke.Point{{X: 32, Y: 32}, {X: 32, Y: 32}}, math.Pi * 100},
		{"line", []stroke.Point{{X: 17, Y: 32}, {X: 47, Y: 32}}, 30*20 + math.Pi*100},
		{"there and back", []stroke.Point{{X: 17, Y: 32}, {X: 47, Y: 32}, {X: 17, Y: 32}}, 30*20 + math.Pi*100},
		{"half outside", []stroke.Point{{X: 0, Y: 32}}, math.Pi * 50},
		{"far outside", []stroke.Point{{X: -1e6, Y: 1e6}}, 0},
	} {
		m := image.NewAlpha(image.Rect(0, 0, 64, 64))
		stroke.Polyline(m, c.points, 20)
		if got := covered(m); math.Abs(got-c.want) > 0.01*c.want {
			t.Errorf("%s: got %.1f, want %.1f", c.name, got, c.want)
		}
	}
}

func TestLettersStayInTheirBox(t *testing.T) {
	f := stroke.Font{Height: 80, Weight: 10}
	for _, r := range "0123456789:.-BCTUaefmnort" {
		m := image.NewAlpha(image.Rect(0, 0, 200, 120))
		f.Text(m, string(r), 20, 100)
		if covered(m) == 0 {
			t.Errorf("%q is empty", r)
		}
		box := image.Rect(20-8, 100-80-6, 20+int(f.Width(string(r)))+8, 100+6)
		for y := range 120 {
			for x := range 200 {
				if m.AlphaAt(x, y).A > 0 && !(image.Point{X: x, Y: y}).In(box) {
					t.Fatalf("%q reaches %d,%d, outside %v", r, x, y, box)
				}
			}
		}
	}
}

func TestUnknownRunesDrawNothing(t *testing.T) {
	m := image.NewAlpha(image.Rect(0, 0, 100, 100))
	stroke.Font{Height: 50, Weight: 5}.Text(m, " ?é\x00", 10, 80)
	if covered(m) != 0 {
		t.Error("something was drawn")
	}
}

func TestTextIsAsWideAsItsParts(t *testing.T) {
	f := stroke.Font{Height: 100}
	if got := f.Width(""); got != 0 {
		t.Errorf("empty: %v", got)
	}
	if got, want := f.Width("00"), 2*f.Width("0")+30; math.Abs(got-want) > 1e-9 {
		t.Errorf("got %v, want %v", got, want)
	}
}
