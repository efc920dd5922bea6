package cert

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A folder is one in which a tool puts certificates, as a server sees it.
type folder struct {
	t      *testing.T
	dir    string
	now    time.Time
	log    bytes.Buffer
	source *Source
}

// watched makes a folder, which has to have cert.pem and key.pem by the end of prepare.
func watched(t *testing.T, prepare func(*folder)) *folder {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links need rights on Windows")
	}
	f := &folder{t: t, dir: t.TempDir(), now: time.Now()}
	prepare(f)
	r, err := newReloader(Files{f.path("cert.pem"), f.path("key.pem")}, slog.New(slog.NewTextHandler(&f.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	r.now = func() time.Time { return f.now }
	f.source = &Source{get: r.certificate}
	return f
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

// put writes a file, of the same time as all others.
func (f *folder) put(name string, b []byte) {
	f.t.Helper()
	if err := os.MkdirAll(filepath.Dir(f.path(name)), 0o700); err != nil {
		f.t.Fatal(err)
	}
	write(f.t, f.path(name), b)
	if err := os.Chtimes(f.path(name), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		f.t.Fatal(err)
	}
}

// link has a name lead elsewhere, at once.
func (f *folder) link(name, to string) {
	f.t.Helper()
	if err := os.Symlink(to, f.path("next")); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Rename(f.path("next"), f.path(name)); err != nil {
		f.t.Fatal(err)
	}
}

// shows tells whether handshakes, of which several come, get a certificate.
func (f *folder) shows(b []byte) bool {
	f.t.Helper()
	c, err := parsePair(b)
	if err != nil {
		f.t.Fatal(err)
	}
	good := true
	for range 3 {
		f.now = f.now.Add(time.Hour)
		got, _, _ := shown(f.t, f.source)
		good = good && got == fingerprint(c)
	}
	return good
}

// SEC-08: Kubernetes has one link lead from one folder of both files to the next.
func TestBothFilesAreSwappedByOneLink(t *testing.T) {
	one, two := pair(t), pair(t)
	f := watched(t, func(f *folder) {
		for version, b := range map[string][]byte{"..1": one, "..2": two} {
			f.put(version+"/cert.pem", b)
			f.put(version+"/key.pem", b)
		}
		f.link("..data", "..1")
		f.link("cert.pem", "..data/cert.pem")
		f.link("key.pem", "..data/key.pem")
	})
	if !f.shows(one) {
		t.Error("the first is not shown")
	}
	f.link("..data", "..2")
	if !f.shows(two) {
		t.Error("the second is not shown")
	}
	if got := f.log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "certificate read again") {
		t.Errorf("logged: %s", got)
	}
}

// SEC-08: certbot has one link after the other lead to the next version. In between the certificate and the key do not fit.
func TestFilesAreSwappedOneByOne(t *testing.T) {
	one, two := pair(t), pair(t)
	f := watched(t, func(f *folder) {
		f.put("archive/1.pem", one)
		f.put("archive/2.pem", two)
		f.link("cert.pem", "archive/1.pem")
		f.link("key.pem", "archive/1.pem")
	})
	f.link("cert.pem", "archive/2.pem")
	if !f.shows(one) {
		t.Error("in between the old one is not shown")
	}
	if got := f.log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "cannot be used") {
		t.Errorf("logged in between: %s", got)
	}
	f.link("key.pem", "archive/2.pem")
	if !f.shows(two) {
		t.Error("the new one is not shown")
	}
	os.Remove(f.path("key.pem"))
	if !f.shows(two) {
		t.Error("without a key nothing is shown")
	}
	if got := strings.Count(f.log.String(), "\n"); got != 3 {
		t.Errorf("%d lines:\n%s", got, &f.log)
	}
}
