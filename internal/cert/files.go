package cert

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/baton-rtsp/baton/internal/samefile"
)

// Files are the names of two PEM files: the certificate, with those between it and the authority, and its key. They may be one.
type Files struct {
	Cert, Key string
}

// lookEvery is how often handshakes look whether the files have changed.
const lookEvery = time.Second

// maxPEM bounds what is read of a file, in bytes.
const maxPEM = 1 << 20

// A reloader holds the certificate of two files, and reads them again when a handshake comes and they have changed. That works
// where news of the file system do not come: over networks, and through the symbolic links by which tools swap both files at
// once. Nobody notices on connections that are there. What is half written is no pair: the one before goes on.
type reloader struct {
	files  Files
	logger *slog.Logger
	now    func() time.Time

	// guarded by mu
	mu      sync.Mutex
	current *tls.Certificate
	seen    [2]fs.FileInfo // of the files that were tried last; nil: it was not there
	looked  time.Time
}

func newReloader(f Files, logger *slog.Logger) (*reloader, error) {
	r := &reloader{files: f, logger: logger, now: time.Now}
	r.seen = f.look()
	c, err := f.load()
	if err != nil {
		return nil, err
	}
	r.current, r.looked = c, r.now()
	return r, nil
}

// certificate is called by each handshake.
func (r *reloader) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.now(); now.Sub(r.looked) >= lookEvery {
		r.looked = now
		r.look()
	}
	return r.current, nil
}

func (r *reloader) fingerprint() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return fingerprint(r.current)
}

// look reads the files if they have changed.
func (r *reloader) look() {
	found := r.files.look()
	if samefile.Unchanged(found[0], r.seen[0]) && samefile.Unchanged(found[1], r.seen[1]) {
		return
	}
	r.seen = found
	c, err := r.files.load()
	if err != nil {
		r.logger.Warn("the new certificate cannot be used, the one before is", "err", err)
		return
	}
	r.current = c
	r.logger.Info("certificate read again", "file", r.files.Cert, "sha256", fingerprint(c))
}

// look finds the files to which the names lead now.
func (f Files) look() (found [2]fs.FileInfo) {
	for i, name := range []string{f.Cert, f.Key} {
		if info, err := os.Stat(name); err == nil {
			found[i] = info
		}
	}
	return found
}

func (f Files) load() (*tls.Certificate, error) {
	cert, err := readPEM(f.Cert)
	if err != nil {
		return nil, err
	}
	key, err := readPEM(f.Key)
	if err != nil {
		return nil, err
	}
	c, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%s and %s are no certificate and its key: %w", f.Cert, f.Key, err)
	}
	return &c, nil
}

func readPEM(name string) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such file", name)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxPEM:
		return nil, fmt.Errorf("%s: not a file of PEM", name)
	}
	return os.ReadFile(name)
}
