// Package web is the HTTP side of the product, for browsers: RTSP over WebSocket (RFC 6455), the home page, and the page
// that plays a path. cmd/baton serves it. It knows no media, and lists no folders.
package web

import (
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/internal/origin"
)

// Limits on what a client may do before it is answered.
const (
	headerTimeout  = 5 * time.Second
	requestTimeout = 10 * time.Second
	answerTimeout  = time.Minute
	idleTimeout    = time.Minute
	maxHeader      = 16 << 10
)

// policy lets a page load from its own server only, and run no script that is written in it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; " +
	"media-src 'self' blob:; connect-src 'self' ws: wss:; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// Config is what a server needs.
type Config struct {
	Hosts   []string     // names of this server besides those that it knows itself, see internal/origin; "*" is any
	Origins []string     // pages of others that may use it
	Gate    *Gate        // bounds the connections; nil: one of its own
	RTSP    http.Handler // RTSP over WebSocket
	API     http.Handler // what is below /api/; nil: nothing, and no home page, which asks it
	Files   fs.FS        // index.html and play.html, and what they need below assets
	Logger  *slog.Logger
}

// New makes the HTTP server. It starts nothing.
func New(cfg Config) *http.Server {
	if cfg.Gate == nil {
		cfg.Gate = NewGate(0, 0, cfg.Logger)
	}
	mux := http.NewServeMux()
	mux.Handle("/rtsp", cfg.RTSP)
	mux.Handle("/rtsp-over-websocket", cfg.RTSP)
	if cfg.API != nil {
		mux.Handle("/api/", cfg.API)
		mux.Handle("GET /{$}", page(cfg.Files, "index.html"))
	}
	mux.Handle("GET /play/", page(cfg.Files, "play.html"))
	mux.Handle("GET /assets/", assets(cfg.Files))
	return &http.Server{
		Handler: known(origin.New(cfg.Hosts, cfg.Origins), guarded(mux)), ConnState: cfg.Gate.State,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: requestTimeout, WriteTimeout: answerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelDebug),
	}
}

// known refuses a request for a host that this server does not know itself as: it may be a name that a page of somebody else has led
// here, to look like this server's own (DNS rebinding). RTSP looks for itself: only where a page comes in.
func known(names *origin.Guard, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !names.Knows(r.Host) && !strings.HasPrefix(r.URL.Path, "/rtsp") {
			http.Error(w, "This server does not know itself by this name. Use its address, or add the name to hosts in its configuration.",
				http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// guarded has every answer carry the headers that keep a page to itself.
func guarded(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if strings.HasPrefix(r.URL.Path, "/play/") && r.Method == http.MethodGet {
			// not by the mux: it would redirect a PATH with // or .. in it, which only the page interprets
			r.URL.Path, r.URL.RawPath = "/play/", ""
		}
		mux.ServeHTTP(w, r)
	})
}

// page is a file. That of /play/ is the same for every PATH: it finds in its own address what to play.
func page(files fs.FS, name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		http.ServeFileFS(w, r, files, name)
	})
}

// assets are files, never folders. Pages of others may have them: they are what <baton-player> is made of, and no secret.
func assets(files fs.FS) http.Handler {
	serve := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info, err := fs.Stat(files, strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil || info.IsDir() {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		serve.ServeHTTP(w, r)
	})
}
