package clock

import (
	"bytes"
	"image"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// ffmpeg runs it over in and returns what it writes. It runs only with BATON_INTEROP=1, and is required then.
func ffmpeg(t *testing.T, in []byte, args ...string) []byte {
	t.Helper()
	if os.Getenv("BATON_INTEROP") != "1" {
		t.Skip("BATON_INTEROP is not 1")
	}
	var out, log bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-v", "warning", "-nostdin"}, args...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, log.Bytes())
	}
	if log.Len() > 0 {
		t.Logf("ffmpeg says: %s", log.Bytes())
	}
	return out.Bytes()
}

// stream is n pictures in the byte stream format of ITU-T H.264 annex B.
func stream(n int) []byte {
	var out []byte
	h := NewH264(H264Config{})
	for i := range n {
		for _, nal := range h.Next(tick(i)) {
			out = append(out, 0, 0, 0, 1)
			out = append(out, nal...)
		}
	}
	return out
}

// pictures cuts raw 4:2:0 video into pictures.
func pictures(t *testing.T, raw []byte, w, h int) (all []*image.YCbCr) {
	t.Helper()
	for r := bytes.NewReader(raw); r.Len() > 0; {
		img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
		for _, plane := range [][]byte{img.Y, img.Cb, img.Cr} {
			if _, err := io.ReadFull(r, plane); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, img)
	}
	return all
}

const interopPictures = 120

func TestFFmpegDecodesEveryPictureExactly(t *testing.T) {
	raw := ffmpeg(t, stream(interopPictures), "-xerror", "-err_detect", "explode", "-f", "h264", "-i", "-",
		"-f", "rawvideo", "-pix_fmt", "yuv420p", "-")
	all := pictures(t, raw, Width, Height)
	if len(all) != interopPictures {
		t.Fatalf("got %d pictures, want %d", len(all), interopPictures)
	}
	p := NewPicture(Limited)
	for i, img := range all {
		at, frame := tick(i)
		p.Set(at, frame)
		if !samePicture(img, p.Image()) {
			t.Errorf("picture %d differs from the one drawn", i)
		}
		got, err := Read(img)
		if want := (Reading{at, frame}); err != nil || got != want {
			t.Errorf("picture %d reads %v, %v; want %v", i, got, err, want)
		}
	}
}

// A viewer's chain: coded anew at a low rate, made smaller or larger.
func TestBlocksSurviveFFmpeg(t *testing.T) {
	for _, size := range []image.Point{{320, 180}, {640, 360}, {854, 480}, {1280, 720}} {
		scale := "scale=" + strconv.Itoa(size.X) + ":" + strconv.Itoa(size.Y)
		coded := ffmpeg(t, stream(interopPictures), "-f", "h264", "-i", "-",
			"-vf", scale, "-c:v", "mpeg4", "-q:v", "20", "-g", "50", "-f", "matroska", "-")
		raw := ffmpeg(t, coded, "-i", "-", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-fps_mode", "passthrough", "-")
		all := pictures(t, raw, size.X, size.Y)
		if len(all) != interopPictures {
			t.Fatalf("%v: got %d pictures, want %d", size, len(all), interopPictures)
		}
		for i, img := range all {
			at, frame := tick(i)
			got, err := Read(img)
			if want := (Reading{at, frame}); err != nil || got != want {
				t.Errorf("%v: picture %d reads %v, %v; want %v", size, i, got, err, want)
			}
		}
		t.Logf("%v: %d bytes a picture", size, len(coded)/interopPictures)
	}
}
