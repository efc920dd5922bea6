package cache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/cache"
	"github.com/baton-rtsp/baton/internal/container/containertest"
	"github.com/baton-rtsp/baton/internal/container/mpa"
)

// A film is a file of two tracks, of which known samples were found on opening.
func film(n, known int) *container.File {
	f := &container.File{Refresh: func(int64) (bool, error) { return false, nil }}
	var builders []*container.Builder
	for id := range 2 {
		b := container.NewBuilder()
		builders = append(builders, b)
		t := &container.Track{ID: id + 256, Codec: container.H264, Timescale: 90000, Index: b.Index()}
		if id == 1 {
			t.Codec, t.Timescale = container.AAC, 48000
		}
		f.Tracks = append(f.Tracks, t)
	}
	add := func(from, to int) {
		for i := from; i < to; i++ {
			for id, b := range builders {
				b.Add(container.Sample{
					Offset: int64(5000*i + 4000*id), Size: 1000 + i*i%1000, DTS: int64(i * 3600), PTS: int64(i*3600 + i%3), Duration: 3600, Key: i%50 == 0,
				})
			}
		}
	}
	add(0, known)
	for _, b := range builders {
		b.Flush()
	}
	f.Scan = func(context.Context) error {
		add(known, n)
		builders[0].Finish(nil)
		builders[1].Finish(&container.DamagedError{Offset: 5, Err: errors.New("worn out")})
		return nil
	}
	return f
}

// scanned is a film of which everything is known.
func scanned(n int) *container.File {
	f := film(n, 0)
	f.Scan(context.Background())
	return f
}

// An info is what Stat says of a file on a system without inodes.
type info struct {
	fs.FileInfo
	size     int64
	modified time.Time
}

func (i info) Size() int64        { return i.size }
func (i info) ModTime() time.Time { return i.modified }
func (i info) Sys() any           { return nil }

// long ago enough that a file is not being written any more.
func longAgo() time.Time { return time.Unix(1_000_000_000, 123456789) }

func id(path string) cache.ID {
	return cache.Identify(path, info{size: 10_000_000, modified: longAgo()}, container.Options{})
}

// folder is an empty folder for a cache.
func folder(t testing.TB) *os.Root {
	t.Helper()
	r, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func save(t testing.TB, c *cache.Cache, id cache.ID, f *container.File) {
	t.Helper()
	if err := c.Save(id, f); err != nil {
		t.Fatal(err)
	}
}

// names are the files in a folder.
func names(t testing.TB, r *os.Root) []string {
	t.Helper()
	list, err := fs.ReadDir(r.FS(), ".")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, d := range list {
		all = append(all, d.Name())
	}
	return all
}

func TestLoadReturnsWhatWasSaved(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 1000} {
		r := folder(t)
		want := scanned(n)
		save(t, cache.New(r, cache.Config{}), id("a.ts"), want)
		got := film(n, min(n, 130)) // another start of the server
		if !cache.New(r, cache.Config{}).Load(id("a.ts"), got) {
			t.Fatalf("%d samples: nothing there", n)
		}
		if got.Scan != nil || got.Refresh != nil {
			t.Error("there is more to come")
		}
		for i, track := range got.Tracks {
			old := want.Tracks[i]
			if d := cmp.Diff(containertest.Samples(old), containertest.Samples(track)); d != "" {
				t.Errorf("track %d: %s", i, d)
			}
			if !track.Index.Complete() || fmt.Sprint(track.Index.Err()) != fmt.Sprint(old.Index.Err()) {
				t.Errorf("track %d ends with %v", i, track.Index.Err())
			}
		}
		if list := names(t, r); len(list) != 1 {
			t.Errorf("in the folder are %q", list)
		}
	}
}

func TestLoadIsOnlyForTheSameFile(t *testing.T) {
	r := folder(t)
	c := cache.New(r, cache.Config{})
	save(t, c, id("a.ts"), scanned(300))
	size, at := int64(10_000_000), longAgo()
	for name, other := range map[string]cache.ID{
		"path":           id("b.ts"),
		"size":           cache.Identify("a.ts", info{size: size + 1, modified: at}, container.Options{}),
		"time":           cache.Identify("a.ts", info{size: size, modified: at.Add(1)}, container.Options{}),
		"other rate":     cache.Identify("a.ts", info{size: size, modified: at}, container.Options{FrameRate: 30}),
		"empty identity": {},
	} {
		if c.Load(other, film(300, 0)) {
			t.Errorf("%s: loaded", name)
		}
	}
	for name, change := range map[string]func(f *container.File){
		"codec":       func(f *container.File) { f.Tracks[0].Codec = container.H265 },
		"timescale":   func(f *container.File) { f.Tracks[1].Timescale = 44100 },
		"number":      func(f *container.File) { f.Tracks[1].ID = 2 },
		"less tracks": func(f *container.File) { f.Tracks = f.Tracks[:1] },
		"more tracks": func(f *container.File) { f.Tracks = append(f.Tracks, f.Tracks[0]) },
		"no tracks":   func(f *container.File) { f.Tracks = nil },
		"index":       func(f *container.File) { f.Scan = nil },
		"longer":      func(f *container.File) { f.Tracks = film(301, 301).Tracks },
		"first samples": func(f *container.File) {
			b := container.NewBuilder()
			b.Add(container.Sample{Size: 5})
			b.Flush()
			f.Tracks[1].Index = b.Index()
		},
	} {
		f := film(300, 10)
		change(f)
		before := slices.Clone(f.Tracks)
		if c.Load(id("a.ts"), f) || !slices.Equal(before, f.Tracks) {
			t.Errorf("%s: loaded", name)
		}
	}
	if !c.Load(id("a.ts"), film(300, 10)) {
		t.Error("not loaded")
	}
}

// A file keeps its entry under another name, and one that was written anew does not.
func TestInodeIdentifiesFiles(t *testing.T) {
	dir := t.TempDir()
	identify := func(name string) cache.ID {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.Chtimes(path, longAgo(), longAgo()); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Sys() == nil || runtime.GOOS == "windows" {
			t.Skip("this system has no inodes")
		}
		return cache.Identify(name, info, container.Options{})
	}
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("film"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, b := identify("a"), identify("b")
	if err := os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "c")); err != nil {
		t.Fatal(err)
	}
	if a == b || identify("c") != a {
		t.Errorf("%v, %v, %v", a, b, identify("c"))
	}
}

func TestSaveWaitsUntilThereIsSomethingToKeep(t *testing.T) {
	unread := film(5, 5)
	unread.Tracks[0].Index = scanned(5).Tracks[0].Index
	broken := container.NewBuilder()
	broken.Finish(errors.New("the disk is broken"))
	unread.Tracks[1].Index = broken.Index()
	indexed := scanned(5)
	indexed.Scan = nil
	now := cache.Identify("a.ts", info{size: 1, modified: time.Now()}, container.Options{})
	for name, c := range map[string]struct {
		id   cache.ID
		file *container.File
	}{
		"not scanned":            {id("a.ts"), film(5, 5)},
		"could not be read":      {id("a.ts"), unread},
		"complete by itself":     {id("a.ts"), indexed},
		"changed a moment ago":   {now, scanned(5)},
		"changed in the future":  {cache.Identify("a.ts", info{size: 1, modified: time.Now().Add(time.Hour)}, container.Options{}), scanned(5)},
		"same, but of no tracks": {now, &container.File{Scan: unread.Scan}},
	} {
		r := folder(t)
		if err := cache.New(r, cache.Config{}).Save(c.id, c.file); err != nil || len(names(t, r)) != 0 {
			t.Errorf("%s: %v, %q", name, err, names(t, r))
		}
	}
}

func TestDamagedEntryIsNoneAndIsReplaced(t *testing.T) {
	r := folder(t)
	c := cache.New(r, cache.Config{})
	save(t, c, id("a.ts"), scanned(130))
	name := names(t, r)[0]
	whole, err := r.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	wantNone := func(what string, content []byte) {
		t.Helper()
		if err := r.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if c.Load(id("a.ts"), film(130, 0)) {
			t.Errorf("%s: loaded", what)
		}
	}
	for i := range whole {
		wantNone(fmt.Sprintf("cut at %d", i), whole[:i])
		b := bytes.Clone(whole)
		b[i] ^= 1 << (i % 8)
		wantNone(fmt.Sprintf("bit of byte %d", i), b)
	}
	wantNone("longer", append(bytes.Clone(whole), 0))
	wantNone("text", []byte("somebody else's\n"))
	save(t, c, id("a.ts"), scanned(130))
	if !c.Load(id("a.ts"), film(130, 0)) {
		t.Error("not replaced")
	}
	r.Remove(name)
	if err := r.Mkdir(name, 0o700); err != nil {
		t.Fatal(err)
	}
	if c.Load(id("a.ts"), film(130, 0)) || c.Save(id("a.ts"), scanned(130)) == nil {
		t.Error("a folder in the place of an entry")
	}
	if list := names(t, r); !slices.Equal(list, []string{name}) {
		t.Errorf("in the folder are %q", list)
	}
}

// What was used last stays, and nothing that is not the cache's goes.
func TestOldestEntriesGo(t *testing.T) {
	size := func() int64 {
		r := folder(t)
		save(t, cache.New(r, cache.Config{}), id("0.ts"), scanned(500))
		info, _ := r.Stat(names(t, r)[0])
		return info.Size()
	}()
	for name, cfg := range map[string]cache.Config{"entries": {Entries: 3}, "bytes": {Bytes: 3*size + size/2}} {
		t.Run(name, func(t *testing.T) {
			r := folder(t)
			foreign := []string{"README", "notes.index", strings.Repeat("g", 32) + ".index", "writing-0"}
			for _, name := range foreign {
				r.WriteFile(name, make([]byte, 10*size), 0o600)
			}
			r.WriteFile("writing-1", nil, 0o600)
			r.Chtimes("writing-1", longAgo(), longAgo())
			c := cache.New(r, cfg)
			for i := range 4 {
				save(t, c, id(fmt.Sprintf("%d.ts", i)), scanned(500))
				age(t, r)
				if i == 2 && !c.Load(id("0.ts"), film(500, 5)) {
					t.Fatal("0.ts is not there")
				}
			}
			for i, want := range []bool{true, false, true, true} {
				if got := c.Load(id(fmt.Sprintf("%d.ts", i)), film(500, 5)); got != want {
					t.Errorf("%d.ts is there: %v", i, got)
				}
			}
			list := names(t, r)
			for _, name := range foreign {
				if !slices.Contains(list, name) {
					t.Errorf("%s is gone", name)
				}
			}
			if len(list) != len(foreign)+3 {
				t.Errorf("in the folder are %q", list)
			}
		})
	}
	r := folder(t)
	if err := cache.New(r, cache.Config{Bytes: size - 1}).Save(id("0.ts"), scanned(500)); err == nil || len(names(t, r)) != 0 {
		t.Errorf("larger than the cache: %v, %q", err, names(t, r))
	}
}

// age makes all files an hour older.
func age(t *testing.T, r *os.Root) {
	t.Helper()
	for _, name := range names(t, r) {
		info, err := r.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		at := info.ModTime().Add(-10 * time.Minute)
		if err := r.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFolderThatCannotBeUsed(t *testing.T) {
	r := folder(t)
	c := cache.New(r, cache.Config{})
	r.Close()
	if c.Load(id("a.ts"), film(5, 0)) {
		t.Error("loaded")
	}
	if err := c.Save(id("a.ts"), scanned(5)); err == nil {
		t.Error("saved")
	}
}

// Of a file that a demuxer walks through, the samples are the same and can be read.
func TestLoadInsteadOfScan(t *testing.T) {
	frames, err := os.ReadFile(filepath.Join("..", "mpa", "testdata", "plain.mp3"))
	if err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat(frames, 50)
	reopen := func() (*container.File, cache.ID) {
		f, err := mpa.Open(bytes.NewReader(content), int64(len(content)), container.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return f, cache.Identify("a.mp3", info{size: int64(len(content)), modified: longAgo()}, container.Options{})
	}
	c := cache.New(folder(t), cache.Config{})
	scanned, id := reopen()
	if err := scanned.Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	save(t, c, id, scanned)
	loaded, id := reopen()
	known := loaded.Tracks[0].Index.Len()
	if !c.Load(id, loaded) || loaded.Tracks[0].Index.Len() <= known {
		t.Fatalf("%d samples were known, and %d are", known, loaded.Tracks[0].Index.Len())
	}
	want, _ := containertest.Bytes(scanned.Tracks[0])
	got, err := containertest.Bytes(loaded.Tracks[0])
	if d := cmp.Diff(want, got); d != "" || err != nil || scanned.Duration() != loaded.Duration() {
		t.Errorf("%v, lasts %v, want %v: %s", err, loaded.Duration(), scanned.Duration(), d)
	}
}

func TestConcurrentUse(t *testing.T) {
	r := folder(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			c := cache.New(r, cache.Config{Entries: 2}) // each like a process of its own
			for j := range 20 {
				id := id(fmt.Sprint((i + j) % 3))
				if err := c.Save(id, scanned(200)); err != nil {
					t.Error(err)
				}
				c.Load(id, film(200, 10))
			}
		})
	}
	wg.Wait()
	if list := names(t, r); len(list) == 0 || len(list) > 3 {
		t.Errorf("in the folder are %q", list)
	}
}

func BenchmarkLoad(b *testing.B) {
	c := cache.New(folder(b), cache.Config{})
	const n = 1 << 17
	save(b, c, id("a.ts"), scanned(n))
	b.ReportAllocs()
	for b.Loop() {
		if !c.Load(id("a.ts"), film(n, 10)) {
			b.Fatal("not loaded")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(2*n), "ns/sample")
}

func ExampleCache() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	root, err := os.OpenRoot(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer root.Close()
	c := cache.New(root, cache.Config{})
	for range 2 { // two starts of the server
		f := film(1000, 10)
		id := cache.Identify("film.ts", info{size: 1 << 30, modified: longAgo()}, container.Options{})
		if c.Load(id, f) {
			fmt.Println("known:", f.Tracks[0].Index.Len(), "samples")
			continue
		}
		if err := f.Scan(context.Background()); err != nil {
			fmt.Println(err)
		}
		if err := c.Save(id, f); err != nil {
			fmt.Println(err)
		}
	}
	// Output: known: 1000 samples
}
