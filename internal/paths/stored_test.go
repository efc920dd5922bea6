package paths_test

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/container/mjpeg/film"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
)

// mediaFolder is a folder with films in it and, beside it, one that must not be reached.
func mediaFolder(t *testing.T) *os.Root {
	t.Helper()
	dir := t.TempDir()
	movie, err := io.ReadAll(film.Open())
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) {
		t.Helper()
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("media/film.mjpeg", movie)
	write("media/sub/film.Mjpeg", movie)
	write("media/garbage.mjpeg", []byte("this is no film"))
	write("media/empty.mjpeg", nil)
	write("media/film.mp4", movie)
	write("media/folder.mjpeg/x", nil)
	write("media-secret/film.mjpeg", movie)
	write("secret.mjpeg", movie)
	write("media/Übung 中文 #1 100%.mjpeg", movie)
	if runtime.GOOS != "windows" {
		write("media/a?b:c&d=e;f.mjpeg", movie)
		for name, target := range map[string]string{
			"out.mjpeg": "../secret.mjpeg", "absolute.mjpeg": filepath.Join(dir, "secret.mjpeg"), "in.mjpeg": "film.mjpeg",
			"outside": "../media-secret", "loop.mjpeg": "loop.mjpeg",
		} {
			if err := os.Symlink(target, filepath.Join(dir, "media", name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	root, err := os.OpenRoot(filepath.Join(dir, "media"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

// SYN-25, DSC-01: films of the media folder are played under their relative path, and nothing else is:
// nothing outside of the folder, by whatever spelling or link; nothing that is no film.
func TestMediaFolder(t *testing.T) {
	names := map[string][]rtsp.StatusCode{
		"film.mjpeg": {200}, "sub/film.Mjpeg": {200}, "/film.mjpeg/": {200}, "sub//film.Mjpeg": {200}, "sub/%66ilm.Mjpeg": {200}, "movie.mjpeg": {200},
		"garbage.mjpeg": {415}, "empty.mjpeg": {415},
		"%C3%9Cbung%20%E4%B8%AD%E6%96%87%20%231%20100%25.mjpeg": {200}, "%C3%9Cbung.mjpeg": {404},
		"nothing.mjpeg": {404}, "film.mp4": {200}, "folder.mjpeg": {404}, "film": {404}, "": {404}, ".mjpeg": {404}, "sub": {404}, "FILM.MJPEG": {404},
		"../secret.mjpeg": {404, 403, 400}, "%2e%2e/secret.mjpeg": {404, 403, 400}, "sub/../../secret.mjpeg": {404, 403, 400},
		"..%2fsecret.mjpeg": {404, 403, 400}, "%2e%2e%2fmedia-secret/film.mjpeg": {404, 403, 400}, "../media-secret/film.mjpeg": {404, 403, 400},
		"..%5csecret.mjpeg": {404, 403, 400}, "film.mjpeg%00": {404, 403, 400}, "film.mjpeg%00.mjpeg": {404, 403, 400}, "%252e%252e/secret.mjpeg": {404},
		strings.Repeat("a", 300) + ".mjpeg": {404},
	}
	if runtime.GOOS != "windows" {
		for name, want := range map[string]rtsp.StatusCode{"in.mjpeg": 200, "a%3Fb:c&d=e;f.mjpeg": 200, "out.mjpeg": 404, "absolute.mjpeg": 404, "outside/film.mjpeg": 404, "loop.mjpeg": 404} {
			names[name] = []rtsp.StatusCode{want}
		}
	}
	serve(t, nil, mediaFolder(t), func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		for name, want := range names {
			got, ok := status(c, name), false
			for _, s := range want {
				ok = ok || got == s
			}
			if !ok {
				t.Errorf("%.40q: %d, want %d", name, got, want)
			}
		}
	})
}

// DSC-01: without a media folder there is the film that Baton brings along, and no other.
func TestWithoutAMediaFolder(t *testing.T) {
	serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		if a, b := status(c, "movie.mjpeg"), status(c, "film.mjpeg"); a != 200 || b != 404 {
			t.Errorf("movie.mjpeg %d, film.mjpeg %d", a, b)
		}
	})
}

// DSC-07: a file that has changed is opened anew: who comes now sees the new one, who plays the old one
// goes on with it. A file that is gone is 404.
func TestChangedFileIsOpenedAnew(t *testing.T) {
	root := mediaFolder(t)
	serve(t, nil, root, func(t *testing.T, w *servertest.World) {
		c, viewer := w.Dial(), w.DialAs(other)
		defer c.Close()
		defer viewer.Close()
		before := c.Do("DESCRIBE", "film.mjpeg")
		lane := viewer.Watch("film.mjpeg", "tcp", 1)[0]
		half, err := io.ReadAll(io.LimitReader(film.Open(), film.Open().Size()/2))
		if err != nil {
			t.Fatal(err)
		}
		replace(t, root, half)
		after := c.Do("DESCRIBE", "film.mjpeg")
		if before.Status != 200 || after.Status != 200 || string(before.Body) == string(after.Body) {
			t.Errorf("%s, then %s", before.Raw, after.Raw)
		}
		if before.Header.Get("Last-Modified") == after.Header.Get("Last-Modified") {
			t.Errorf("Last-Modified stays %q", before.Header.Get("Last-Modified"))
		}
		for range 100 {
			if lane.RTP(time.Second) == nil {
				t.Fatal("the old film ended")
			}
		}
		if err := root.Remove("film.mjpeg"); err != nil {
			t.Fatal(err)
		}
		if got := status(c, "film.mjpeg"); got != rtsp.StatusNotFound {
			t.Errorf("a file that is gone: %d", got)
		}
	})
}

// replace puts another file in the place of film.mjpeg, as programs do that care about readers.
func replace(t *testing.T, root *os.Root, b []byte) {
	t.Helper()
	if err := root.WriteFile("new", b, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := root.Chtimes("new", time.Time{}, time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	if err := root.Rename("new", "film.mjpeg"); err != nil {
		t.Fatal(err)
	}
}
