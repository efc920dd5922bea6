package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/baton-rtsp/baton/internal/paths"
	"github.com/baton-rtsp/baton/rtspserver"
)

// Limits on what a client may do before it is answered.
const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 5 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = time.Minute
	maxHeader     = 16 << 10
	maxBody       = 16 << 10
)

// Config is what the API tells of.
type Config struct {
	// Server has the sessions. Required.
	Server *rtspserver.Server
	// Presentations lists what whoever asks may play, see [paths.Paths.Presentations]. The context is that of the request. Required.
	Presentations func(ctx context.Context, search string, limit int) (list []paths.Listing, total int)
	// HTTPRefused is how many connections of HTTP were too many. Required for [Admin].
	HTTPRefused func() uint64
	// Version is that of the program.
	Version string
	// Names are those, besides localhost and IP addresses, under which [Admin] is reached.
	Names []string
	// Admit lets only those through to what [Admin] answers who may use it. Pages of other hosts do not get as far. Nil: all may.
	Admit func(http.Handler) http.Handler
	// Logger gets a line for each session that is ended or redirected; nil: none.
	Logger *slog.Logger
}

// Public answers below /api/v1/ what may be known to who may read.
func Public(cfg Config) http.Handler {
	s := newService(cfg)
	s.presentations()
	return s.handler()
}

// Admin answers below /api/v1/ what the operator may know and do, to no page of another host.
func Admin(cfg Config) http.Handler {
	s := newService(cfg)
	s.presentations()
	s.sessions()
	s.stats()
	h := s.handler()
	if cfg.Admit != nil {
		h = cfg.Admit(h)
	}
	return guarded(h, cfg.Names)
}

// Server serves [Admin] over HTTP. It starts nothing.
func Server(cfg Config) *http.Server {
	s := &http.Server{
		Handler: Admin(cfg), ReadHeaderTimeout: headerTimeout, ReadTimeout: headerTimeout + bodyTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
	}
	if cfg.Logger != nil {
		s.ErrorLog = slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelDebug)
	}
	return s
}

// A service is one of the two handlers.
type service struct {
	Config
	began time.Time
	mux   *http.ServeMux
	api   huma.API
	allow map[string][]string // methods by path
}

func newService(cfg Config) *service {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	document := huma.DefaultConfig("Baton", cfg.Version)
	document.OpenAPIPath = "/api/v1/openapi"
	document.DocsPath, document.SchemasPath = "", "" // the pages would load scripts from elsewhere
	document.CreateHooks = nil                       // no links to schemas in answers
	document.RejectUnknownQueryParameters = true
	s := &service{Config: cfg, began: time.Now(), mux: http.NewServeMux(), allow: map[string][]string{}}
	s.api = humago.New(s.mux, document)
	return s
}

// register adds what answers one method of one path.
func register[I, O any](s *service, op huma.Operation, answer func(ctx context.Context, r *I) (*O, error)) {
	op.MaxBodyBytes, op.BodyReadTimeout = maxBody, bodyTimeout
	s.allow[op.Path] = append(s.allow[op.Path], op.Method)
	huma.Register(s.api, op, answer)
}

// handler has what no operation answers refused as JSON too, with the methods that a path has.
func (s *service) handler() http.Handler {
	for path, methods := range s.allow {
		s.mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", strings.Join(methods, ", "))
			problem(w, http.StatusMethodNotAllowed, "this path has other methods")
		})
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusNotFound, "there is no such path in the API")
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		s.mux.ServeHTTP(w, r)
	})
}

// problem answers with an error (RFC 9457).
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(&huma.ErrorModel{Title: http.StatusText(status), Status: status, Detail: detail})
}
