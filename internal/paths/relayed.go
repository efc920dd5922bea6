package paths

import (
	"context"
	"strings"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/relay"
	"github.com/baton-rtsp/baton/rtspserver"
)

// relayed is the source of a path as one viewer sees it.
func (p *Paths) relayed(ctx context.Context, r *rtspserver.Request, settings config.PathSettings) (rtspserver.Presentation, error) {
	if name := settings.Source.File(); name != "" { // which is for each viewer by itself anyway
		return p.stored(ctx, name, settings)
	}
	ctx, cancel := context.WithTimeout(ctx, settings.StartTimeout)
	defer cancel()
	var sources []relay.Config
	for _, location := range settings.Source.Locations() {
		sources = append(sources, relay.Config{URL: withQuery(location, r.Query), Client: p.client(settings), Logger: p.cfg.Logger.With("path", r.Path)})
	}
	return p.viewers.Open(ctx, r, sources)
}

// withQuery passes the viewer's query on, to a source that has none of its own: recorders are told by it what to play. Tokens are
// for this server alone.
func withQuery(location, query string) string {
	var passed []string
	for part := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(part, "="); part != "" && name != "token" && name != "jwt" {
			passed = append(passed, part)
		}
	}
	if len(passed) == 0 || strings.Contains(location, "?") {
		return location
	}
	return location + "?" + strings.Join(passed, "&")
}
