package paths_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/container/mjpeg/film"
	"github.com/baton-rtsp/baton/internal/demo"
	"github.com/baton-rtsp/baton/internal/paths"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtspserver"
)

// library is a media folder with a film, a file that is none, and a film in a folder.
func library(t *testing.T) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	film := make([]byte, film.Open().Size())
	open := demo.Open()
	whole := make([]byte, open.Size())
	open.Read(whole)
	for name, content := range map[string][]byte{"b.mp4": whole, "sub/A.mp4": whole, "bad.mp4": film} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root, dir
}

// shelve runs body with a server on real sockets, whose media folder is followed: what the system says of a folder comes in
// real time.
func shelve(t *testing.T, pc paths.Config, dir string, change func(path string, s *config.PathSettings), body func(w *servertest.World, names *paths.Paths)) {
	t.Helper()
	pc.Settings = func(path string) config.PathSettings {
		s := config.DefaultPathSettings()
		if change != nil {
			change(path, &s)
		}
		return s
	}
	names := paths.New(pc)
	defer names.Close()
	servertest.OnLoopback(t, false, func(cfg *rtspserver.Config) { cfg.Handler = names }, func(_ *testing.T, w *servertest.World) {
		names.Follow(dir)
		body(w, names)
	})
}

// listed are the paths of a list, each with its kind.
func listed(list []paths.Listing) (all []string) {
	for _, l := range list {
		all = append(all, string(l.Kind)+" "+l.Path)
	}
	return all
}

// What is published comes first, then what can be pulled, then the rest by name; each path once, as what it is when it
// is played.
func TestPresentationsAreListedOnce(t *testing.T) {
	root, dir := library(t)
	change := func(path string, s *config.PathSettings) {
		switch path {
		case "camera":
			s.Source = "rtsp://user:secret@camera.example/1"
		case "moved":
			location, _ := config.ParseURL("rtsp://other.example/moved")
			s.Redirect = location
		}
	}
	shelve(t, paths.Config{Media: root, Sources: []string{"camera", "moved"}}, dir, change, func(w *servertest.World, names *paths.Paths) {
		c := w.Dial()
		defer c.Close()
		c.Publish("late.mp4", servertest.Audio, "tcp")
		if err := os.WriteFile(filepath.Join(dir, "late.mp4"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		d := w.Dial()
		defer d.Close()
		d.Publish("aaa", servertest.Audio, "tcp")
		var list []paths.Listing
		var total int
		w.Until(20*time.Second, func() bool {
			list, total = names.Presentations("", nil, 100)
			return len(list) >= 10
		})
		want := []string{"live aaa", "live late.mp4", "source camera", "clock clock", "clock clock.mjpeg", "demo demo.mp4", "demo movie.mjpeg", "stored b.mp4", "stored bad.mp4", "stored sub/A.mp4"}
		if diff := cmp.Diff(want, listed(list)); diff != "" || total != len(want) {
			t.Errorf("%d\n%s", total, diff)
		}
		if list, _ := names.Presentations("clock", nil, 1); len(list) != 1 || len(list[0].Tracks) != 1 || list[0].Tracks[0].FrameRate != 25 || list[0].Tracks[0].Width == 0 {
			t.Errorf("the clock is %+v", list)
		}
		if list, total := names.Presentations("A. SUB", nil, 100); len(list) != 1 || total != 1 || list[0].Path != "sub/A.mp4" {
			t.Errorf("search finds %q", listed(list))
		}
		if list, total := names.Presentations("", nil, 2); len(list) != 2 || total != len(want) {
			t.Errorf("%q of %d", listed(list), total)
		}
	})
}

// What is in a file shows after a moment, and so does that there is nothing in it.
func TestFilesAreLookedInto(t *testing.T) {
	root, dir := library(t)
	shelve(t, paths.Config{Media: root}, dir, nil, func(w *servertest.World, names *paths.Paths) {
		find := func(path string) (found paths.Listing) {
			known := w.Until(20*time.Second, func() bool {
				list, _ := names.Presentations(path, nil, 10)
				if len(list) == 1 {
					found = list[0]
				}
				return found.Broken || found.Tracks != nil
			})
			if !known {
				t.Fatalf("nothing is known of %s", path)
			}
			return found
		}
		good, bad, movie := find("b.mp4"), find("bad.mp4"), find("movie.mjpeg")
		if !bad.Broken || bad.Tracks != nil {
			t.Errorf("%+v", bad)
		}
		if len(good.Tracks) != 2 || good.Duration < 19*time.Second || good.BitRate == 0 || good.Size != demo.Open().Size() {
			t.Errorf("%+v", good)
		}
		if v, a := good.Tracks[0], good.Tracks[1]; v.Codec != "H264" || v.Width == 0 || v.FrameRate < 10 || a.Codec != "mpeg4-generic" || a.SampleRate == 0 || a.Channels == 0 {
			t.Errorf("%+v", good.Tracks)
		}
		if v := movie.Tracks[0]; v.Codec != "JPEG" || v.Width != film.Width || v.Height != film.Height || v.FrameRate != film.Rate {
			t.Errorf("%+v", movie)
		}
	})
}
