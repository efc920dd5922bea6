package folder_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/folder"
)

// A media folder, with what the server knows of it.
type media struct {
	*folder.Folder
	t   *testing.T
	dir string
	log *lines
	end func() // stops Run and waits for it
}

// newMedia makes a media folder with files in it, whose content is their name.
func newMedia(t *testing.T, names ...string) *media {
	t.Helper()
	m := &media{t: t, dir: t.TempDir(), log: new(lines)}
	for _, name := range names {
		m.write(name, name)
	}
	root, err := os.OpenRoot(m.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	m.Folder = folder.New(root, m.dir, slog.New(slog.NewTextHandler(m.log, nil)))
	return m
}

// run follows the folder until the test ends.
func (m *media) run() *media {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { m.Run(ctx) })
	m.end = func() { cancel(); wg.Wait() }
	m.t.Cleanup(m.end)
	return m
}

func (m *media) path(name string) string { return filepath.Join(m.dir, filepath.FromSlash(name)) }

func (m *media) write(name, content string) {
	m.t.Helper()
	m.must(os.MkdirAll(filepath.Dir(m.path(name)), 0o700))
	m.must(os.WriteFile(m.path(name), []byte(content), 0o600))
}

func (m *media) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// link makes a symbolic link, or skips the test where there are none.
func (m *media) link(to, name string) {
	m.t.Helper()
	if err := os.Symlink(to, m.path(name)); err != nil {
		m.t.Skip("no links:", err)
	}
}

// listed are the paths of the list.
func (m *media) Listed() []string {
	var all []string
	for _, e := range m.List() {
		all = append(all, e.Path)
	}
	return all
}

// changed waits for the next change.
func (m *media) changed() {
	m.t.Helper()
	select {
	case <-m.Changes():
	case <-time.After(20 * time.Second):
		m.t.Fatalf("no change; listed are %q", m.Listed())
	}
}

// until waits for changes until these are what is listed.
func (m *media) until(want ...string) {
	m.t.Helper()
	for {
		if cmp.Equal(want, m.Listed()) {
			return
		}
		m.changed()
	}
}

// lines are what was logged.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Count(l.b.Bytes(), []byte("\n"))
}

func TestListHasWhatMayBePlayable(t *testing.T) {
	m := newMedia(t, "b.mp4", "a.MKV", "c.txt", "noext", ".hidden.mp4", "._a.mkv", "d.mp4.part", "e.ts",
		"series/1/x.webm", "series/2.opus", ".trash/y.mp4", "Überraschung/日本語 & 100%.mjpeg", "line\tbreak.wav", "folder.mp4/z.aac")
	if len(m.List()) != 0 {
		t.Errorf("listed before Run: %q", m.Listed())
	}
	at := time.Unix(1_500_000_000, 0)
	m.must(os.Chtimes(m.path("e.ts"), at, at))
	m.run().changed()
	want := []string{"a.MKV", "b.mp4", "e.ts", "folder.mp4/z.aac", "line\tbreak.wav", "series/1/x.webm", "series/2.opus", "Überraschung/日本語 & 100%.mjpeg"}
	if d := cmp.Diff(want, m.Listed()); d != "" {
		t.Error(d)
	}
	if e := m.List()[2]; e.Size != 4 || !e.Modified.Equal(at) {
		t.Errorf("%+v", e)
	}
	if m.log.count() != 0 {
		t.Errorf("logged: %s", &m.log.b)
	}
}

func TestEmptyFolderIsKnownToBeEmpty(t *testing.T) {
	m := newMedia(t).run()
	m.changed()
	m.until()
}

func TestChangesAreNoticed(t *testing.T) {
	m := newMedia(t, "a.mp4").run()
	m.until("a.mp4")
	m.write("b.mp4", "b")
	m.until("a.mp4", "b.mp4")
	m.write("new/deep/c.mp4", "c")
	m.until("a.mp4", "b.mp4", "new/deep/c.mp4")
	m.write("new/deep/d.mp4", "d")
	m.until("a.mp4", "b.mp4", "new/deep/c.mp4", "new/deep/d.mp4")
	m.must(os.Rename(m.path("b.mp4"), m.path("new/b.mp4")))
	m.until("a.mp4", "new/b.mp4", "new/deep/c.mp4", "new/deep/d.mp4")
	m.must(os.Remove(m.path("new/b.mp4")))
	m.must(os.Remove(m.path("a.mp4")))
	m.until("new/deep/c.mp4", "new/deep/d.mp4")
	m.must(os.Rename(m.path("new"), m.path("old")))
	m.until("old/deep/c.mp4", "old/deep/d.mp4")
	m.write("old/deep/e.mp4", "e") // in a folder below the one that was renamed
	m.until("old/deep/c.mp4", "old/deep/d.mp4", "old/deep/e.mp4")
	m.write("new/deep/f.mp4", "f") // in one with a name that there was before
	m.until("new/deep/f.mp4", "old/deep/c.mp4", "old/deep/d.mp4", "old/deep/e.mp4")
	m.must(os.Remove(m.path("old/deep/c.mp4")))
	m.until("new/deep/f.mp4", "old/deep/d.mp4", "old/deep/e.mp4")
	m.must(os.RemoveAll(m.path("old")))
	m.until("new/deep/f.mp4")
	m.must(os.RemoveAll(m.path("new")))
	m.write("new/deep/f.mp4", "other")
	for len(m.List()) != 1 || m.List()[0].Size != 5 {
		m.changed()
	}
}

func TestGrowingFileIsAChange(t *testing.T) {
	m := newMedia(t, "a.ts").run()
	m.until("a.ts")
	m.write("a.ts", strings.Repeat("x", 1000))
	for m.List()[0].Size != 1000 {
		m.changed()
	}
}

// Links that lead out of the folder are not there; those within it are the files that they lead to.
func TestLinks(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret.mp4"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m := newMedia(t, "a/b/film.mp4", "x.mp4")
	m.link(filepath.Join(outside, "secret.mp4"), "absolute.mp4")
	m.link(filepath.Join("..", filepath.Base(outside), "secret.mp4"), "up.mp4")
	m.link(outside, "out")
	m.link(filepath.Join("..", "..", "x.mp4"), "a/b/within.mp4")
	m.link(filepath.Join("..", "a"), "a/loop")
	m.link(".", "self")
	m.link("circle.mp4", "circle.mp4")
	m.link("nothing.mp4", "dangling.mp4")
	m.link("a", "folder.mp4")
	m.run().changed()
	m.until("a/b/film.mp4", "a/b/within.mp4", "x.mp4")
	if e := m.List()[1]; e.Size != int64(len("x.mp4")) {
		t.Errorf("%+v", e)
	}
}

func TestNamesThatAreNotUTF8AreSkippedWithOneLine(t *testing.T) {
	m := newMedia(t, "a.mp4", "z.mp4")
	for _, name := range []string{"\xFF.mp4", "b\xC3.mp4"} {
		if err := os.WriteFile(m.path(name), nil, 0o600); err != nil || runtime.GOOS == "windows" {
			t.Skip("this system has no such names:", err)
		}
	}
	m.must(os.Mkdir(m.path("caf\xE9"), 0o700))
	m.run().changed()
	m.until("a.mp4", "z.mp4")
	m.write("b.mp4", "b")
	m.until("a.mp4", "b.mp4", "z.mp4")
	if n := m.log.count(); n != 1 {
		t.Errorf("%d lines in the log: %s", n, &m.log.b)
	}
}

func TestListIsBounded(t *testing.T) {
	for name, c := range map[string]struct{ entries, names, folders, depth, want int }{
		"nothing":     {100, 100, 100, 100, 10},
		"as many":     {10, 14, 5, 4, 10},
		"entries":     {9, 100, 100, 100, 9},
		"names":       {100, 6, 100, 100, 4},
		"no folders":  {100, 100, 1, 100, 2},
		"two folders": {100, 100, 2, 100, 4},
		"depth":       {100, 100, 100, 1, 4},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMedia(t)
			for depth := range 5 {
				for i := range 2 {
					m.write(strings.Repeat("x/", depth)+fmt.Sprintf("%d.mp4", i), "")
				}
			}
			m.SetLimits(c.entries, c.names, c.folders, c.depth)
			m.run().changed()
			if n := len(m.List()); n != c.want || (m.log.count() == 1) != (c.want < 10) {
				t.Errorf("%d listed, want %d; logged: %s", n, c.want, &m.log.b)
			}
		})
	}
}

func TestFolderThatIsGone(t *testing.T) {
	m := newMedia(t, "a.mp4").run()
	m.until("a.mp4")
	if err := os.RemoveAll(m.dir); err != nil {
		t.Skip("this system keeps open folders:", err)
	}
	m.until()
	m.end()
}

// All that Run starts has ended when it returns: the bubble would not end otherwise.
func TestRunLeavesNothingBehind(t *testing.T) {
	m := newMedia(t, "a.mp4", "b/c.mp4")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { // ends with Run
			m.Run(ctx)
			close(done)
		}()
		<-m.Changes()
		cancel()
		<-done
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		m.Run(ctx)
	})
}

// A fake watcher can be told what to do.
type fake struct {
	refuse  error  // to be made
	full    string // what cannot be added
	added   atomic.Int32
	open    atomic.Int32
	changed func()
}

func (f *fake) watcher(changed func()) (interface {
	Add(dir string) error
	Close() error
}, error) {
	f.changed = changed
	if f.refuse != nil {
		return nil, f.refuse
	}
	f.open.Add(1)
	return f, nil
}

func (f *fake) Add(dir string) error {
	f.added.Add(1)
	if f.full != "" && strings.HasSuffix(dir, f.full) {
		return errors.New("no space left on device")
	}
	return nil
}

func (f *fake) Close() error {
	f.open.Add(-1)
	return nil
}

// bubble runs a folder in virtual time with a watcher that is not the system's.
func bubble(t *testing.T, m *media, f *fake, test func(t *testing.T)) {
	synctest.Test(t, func(t *testing.T) {
		// The channel of changes has to be of the bubble.
		root, err := os.OpenRoot(m.dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		m.Folder = folder.New(root, m.dir, slog.New(slog.NewTextHandler(m.log, nil)))
		m.SetWatcher(f.watcher)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { m.Run(ctx) })
		<-m.Changes()
		test(t)
		cancel()
		wg.Wait()
		if n := f.open.Load(); n != 0 {
			t.Errorf("%d watchers are open", n)
		}
	})
}

// next is how long it takes until the next change is noticed.
func (m *media) next() time.Duration {
	m.t.Helper()
	began := time.Now()
	<-m.Changes()
	return time.Since(began).Round(time.Millisecond)
}

func TestFolderIsPolledWhereItCannotBeWatched(t *testing.T) {
	for name, c := range map[string]struct {
		fake *fake
		want time.Duration
		logs int
	}{
		"no watcher":        {&fake{refuse: errors.New("too many open files")}, 10 * time.Second, 1},
		"too many folders":  {&fake{full: "sub"}, 10 * time.Second, 1},
		"watched, silently": {&fake{}, time.Minute, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMedia(t, "sub/a.mp4")
			bubble(t, m, c.fake, func(t *testing.T) {
				for i := range 3 {
					m.write(fmt.Sprintf("sub/%d.mp4", i), "")
					if got := m.next(); got < c.want || got > c.want+time.Second {
						t.Errorf("noticed after %v, want %v", got, c.want)
					}
				}
				if m.log.count() != c.logs {
					t.Errorf("logged: %s", &m.log.b)
				}
			})
		})
	}
}

func TestWalksAreLimitedInRate(t *testing.T) {
	m, f := newMedia(t, "a.mp4"), &fake{}
	bubble(t, m, f, func(t *testing.T) {
		synctest.Wait()
		before := f.added.Load()
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for range 1000 { // 10 s of writing
			<-ticker.C
			f.changed()
		}
		synctest.Wait()
		if n := f.added.Load() - before; n < 10 || n > 21 {
			t.Errorf("%d walks in 10 s", n)
		}
		m.write("b.mp4", "")
		f.changed()
		if got := m.next(); got > time.Second {
			t.Errorf("noticed after %v", got)
		}
	})
}

// What is not listed does not change the list.
func TestOtherFilesAreNoChange(t *testing.T) {
	m, f := newMedia(t, "a.mp4"), &fake{}
	bubble(t, m, f, func(t *testing.T) {
		m.write("notes.txt", "x")
		f.changed()
		select {
		case <-m.Changes():
			t.Errorf("changed: %q", m.Listed())
		case <-time.After(5 * time.Minute):
		}
	})
}

// A folder that is gone may be one that was renamed and is still watched by its old name.
func TestWatcherBeginsAnewWhenAFolderIsGone(t *testing.T) {
	m, f := newMedia(t, "a.mp4", "sub/b.mp4"), &fake{}
	bubble(t, m, f, func(t *testing.T) {
		synctest.Wait()
		m.must(os.RemoveAll(m.path("sub")))
		before := f.added.Load()
		f.changed()
		m.next()
		synctest.Wait()
		if n := f.added.Load() - before; n != 2 || f.open.Load() != 1 {
			t.Errorf("%d folders were added, %d watchers are open", n, f.open.Load())
		}
	})
}

func BenchmarkWalk(b *testing.B) {
	dir := b.TempDir()
	for i := range 2000 {
		sub := filepath.Join(dir, fmt.Sprint(i/100))
		os.MkdirAll(sub, 0o700)
		os.WriteFile(filepath.Join(sub, fmt.Sprintf("%d.mp4", i)), nil, 0o600)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	for b.Loop() {
		f := folder.New(root, dir, nil)
		ctx, cancel := context.WithCancel(b.Context())
		var wg sync.WaitGroup
		wg.Go(func() { f.Run(ctx) })
		<-f.Changes()
		cancel()
		wg.Wait()
	}
}
