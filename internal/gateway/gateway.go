package gateway

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/baton-rtsp/baton/internal/reach"
	"github.com/baton-rtsp/baton/internal/relay"
	"github.com/baton-rtsp/baton/internal/web"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// maxViewers is how many sessions of the server there can be at a time: pages that are open, and some that were just left.
const maxViewers = 16

// Config says what is played, and how it is had.
type Config struct {
	URL    string            // of the server, with user and password
	Client rtspclient.Config // Trace and FellBack are filled in
	Files  fs.FS             // the pages
	// Explain says what an error of the client means, for the page; nil: the page sees the status alone.
	Explain func(error) string
	Logger  *slog.Logger
}

// A Gateway is one presentation of another server, for browsers that have its key. It must be closed.
type Gateway struct {
	cfg     Config
	name    string // of the page
	server  *rtspserver.Server
	site    *http.Server
	viewers *relay.Viewers
	trace   *trace
	door    *door
}

// New makes a gateway. It connects to nothing yet.
func New(cfg Config) (*Gateway, error) {
	parse := rtsp.ParseURL
	if reach.IsWeb(cfg.URL) {
		parse = reach.ParseWeb
	}
	u, err := parse(cfg.URL)
	if err != nil {
		return nil, err
	}
	g := &Gateway{cfg: cfg, name: nameOf(u), viewers: relay.NewViewers(maxViewers), trace: newTrace(), door: newDoor()}
	g.cfg.Client.Trace, g.cfg.Client.FellBack = g.trace.add, g.trace.fellBack
	if g.server, err = rtspserver.New(&rtspserver.Config{Handler: g, Logger: cfg.Logger}); err != nil {
		return nil, err
	}
	g.site = web.New(web.Config{RTSP: http.HandlerFunc(g.server.ServeWebSocket), Files: cfg.Files, Logger: cfg.Logger})
	mux := http.NewServeMux()
	mux.Handle("GET /trace", g.trace)
	mux.HandleFunc("POST /request", g.request)
	mux.Handle("/", g.site.Handler)
	g.site.Handler = g.door.guard(mux, g.page())
	return g, nil
}

// nameOf is how the page calls what it plays: host and path, without credentials and query.
func nameOf(u *rtsp.URL) string { return u.Hostname() + "/" + strings.Trim(u.Path, "/") }

// page is the path of the page.
func (g *Gateway) page() string {
	parts := strings.Split(g.name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return "/play/" + strings.Join(parts, "/")
}

// Serve serves browsers until Close. URL is what the first of them has to open.
func (g *Gateway) Serve(ln net.Listener) error {
	g.door.host = ln.Addr().String()
	return g.site.Serve(ln)
}

// URL is what a browser opens, once: it has the key to a gateway that listens at an address.
func (g *Gateway) URL(addr net.Addr) string {
	return "http://" + addr.String() + "/?token=" + g.door.token
}

// Close ends all sessions and returns when they have ended.
func (g *Gateway) Close() {
	g.site.Close()
	g.trace.close()
	g.server.Close()
	g.viewers.Close()
}

// Open is the presentation of the server, whatever the page calls it.
func (g *Gateway) Open(ctx context.Context, r *rtspserver.Request) (rtspserver.Presentation, error) {
	p, err := g.viewers.Open(ctx, r, []relay.Config{{URL: g.cfg.URL, Client: g.cfg.Client, Logger: g.cfg.Logger}})
	return p, g.explained(err)
}

// explained has the page say why the server cannot be had: who sees it is who has given the URL, with its user and password.
func (g *Gateway) explained(err error) error {
	var told *rtsp.StatusError
	if !errors.As(err, &told) || told.Err == nil || g.cfg.Explain == nil {
		return err
	}
	why := *told
	why.Text = strings.Join(strings.Fields(g.cfg.Explain(told.Err)), " ") // in one line
	if errors.Is(err, rtspclient.ErrNoWebSocket) {                        // there never will be
		why.Code, why.Header = rtsp.StatusNotFound, nil
	}
	return &why
}

// Publish refuses: the gateway only plays.
func (g *Gateway) Publish(context.Context, *rtspserver.Request, *sdp.Session) (*rtspserver.Publication, error) {
	return nil, &rtsp.StatusError{Code: rtsp.StatusMethodNotAllowed}
}
