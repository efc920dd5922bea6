package main

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"time"

	"github.com/baton-rtsp/baton/internal/clock"
	"github.com/baton-rtsp/baton/internal/clock/stroke"
	"github.com/baton-rtsp/baton/internal/container/mjpeg/film"
)

// Colours.
var (
	night = color.RGBA{24, 26, 34, 255}
	staff = color.RGBA{40, 43, 52, 255}
	grey  = color.RGBA{120, 123, 134, 255}
	white = color.RGBA{236, 238, 246, 255}
	amber = color.RGBA{226, 168, 80, 255}
	cork  = color.RGBA{178, 120, 72, 255}
	black = color.RGBA{0, 0, 4, 255}
)

// height is that of the scene; what the film has more is left empty.
const height = 180.0

// Geometry, in parts of the height unless said otherwise.
const (
	middle = 0.45 // of the staff
	spread = 0.085
	penX   = 0.60 // of the width: where the tip draws
	speed  = 0.62 // of the width that the wave runs in a second
	rise   = 0.25 // the greatest swing
	stickX = 0.60 // from the tip to the handle
	stickY = 0.30
)

// A scene draws images of the film into the same memory.
type scene struct {
	img  *image.RGBA
	mask *image.Alpha
}

func newScene() *scene {
	r := image.Rect(0, 0, film.Width, film.Height)
	return &scene{image.NewRGBA(r), image.NewAlpha(r)}
}

// draw returns image i; it is valid until the next call.
func (s *scene) draw(i int) image.Image {
	draw.Draw(s.img, s.img.Rect, image.NewUniform(night), image.Point{}, draw.Src)
	s.staff()
	s.text(i)
	t := float64(i) / film.Rate
	s.wave(t)
	s.baton(t)
	s.blocks(i)
	return s.img
}

// staff draws the five lines of a score, up to the pen.
func (s *scene) staff() {
	for n := -2.0; n <= 2; n++ {
		y := math.Round(height*(middle+n*spread)) + 0.5
		s.line(staff, 1, stroke.Point{X: 0, Y: y}, stroke.Point{X: penX * film.Width, Y: y})
	}
}

func (s *scene) text(i int) {
	const unit = height / 360.0
	stroke.Font{Height: 20 * unit, Weight: 3.2 * unit}.Text(s.mask, "Baton", 36*unit, 42*unit)
	s.paint(white)
	f := stroke.Font{Height: 18 * unit, Weight: 2.6 * unit}
	number := fmt.Sprintf("frame %03d", i)
	f.Text(s.mask, number, film.Width-36*unit-f.Width("frame 000"), 42*unit)
	s.paint(grey)
}

// swing is the height of the tip at second t, from -1 to 1: a beat a second, louder towards the middle of the film. All
// its periods divide the film's length, so that the film can run in a circle.
func swing(t float64) float64 {
	const length = float64(film.Frames) / film.Rate
	wave := func(times float64) float64 { return math.Sin(2 * math.Pi * times * t / length) }
	loud := 0.25 + 0.75*math.Pow(math.Sin(math.Pi*t/length), 2)
	beat := wave(length) * (0.75 + 0.25*wave(4))
	offbeat := 0.35 * wave(2*length) * wave(1)
	return loud * (beat + offbeat + 0.30*wave(3)) / 1.5
}

// tip is where the baton's tip is at second t.
func tip(t float64) stroke.Point {
	return stroke.Point{X: film.Width * penX, Y: height * (middle - rise*swing(t))}
}

// wave is what the tip has drawn; it runs to the left.
func (s *scene) wave(t float64) {
	const step = 1.0 / 200
	var points []stroke.Point
	for ago := 0.0; ; ago += step {
		p := tip(t - ago)
		p.X -= ago * speed * film.Width
		points = append(points, p)
		if p.X < -4 {
			break
		}
	}
	s.line(amber, height/70, points...)
}

// baton draws the stick and its cork handle.
func (s *scene) baton(t float64) {
	from := tip(t)
	sway := swing(t - 0.08)
	to := stroke.Point{X: from.X + height*stickX, Y: height*middle + height*(stickY-0.55*rise*sway)}
	s.line(white, height/75, from, to)
	s.line(white, height/50, between(from, to, 0.45), to)
	s.line(cork, height/22, between(from, to, 0.86), between(from, to, 0.97))
	s.line(cork, height/14, between(from, to, 0.96), between(from, to, 0.98))
}

func between(a, b stroke.Point, part float64) stroke.Point {
	return stroke.Point{X: a.X + (b.X-a.X)*part, Y: a.Y + (b.Y-a.Y)*part}
}

// blocks draws the frame's number and time for programs.
func (s *scene) blocks(i int) {
	r := clock.Reading{Time: time.UnixMilli(int64(i) * 1000 / film.Rate), Frame: uint32(i)}
	for c := range r.Cells {
		ink := black
		if c.White {
			ink = white
		}
		box := image.Rect(
			c.Column*clock.CellSize*film.Width/clock.Width, c.Row*clock.CellSize*height/clock.Height,
			(c.Column+1)*clock.CellSize*film.Width/clock.Width, (c.Row+1)*clock.CellSize*height/clock.Height,
		)
		draw.Draw(s.img, box, image.NewUniform(ink), image.Point{}, draw.Src)
	}
}

func (s *scene) line(ink color.Color, width float64, points ...stroke.Point) {
	stroke.Polyline(s.mask, points, width)
	s.paint(ink)
}

// paint lays ink where the mask is, and clears the mask.
func (s *scene) paint(ink color.Color) {
	draw.DrawMask(s.img, s.img.Rect, image.NewUniform(ink), image.Point{}, s.mask, image.Point{}, draw.Over)
	clear(s.mask.Pix)
}
