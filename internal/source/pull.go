package source

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// When a source is gone.
const (
	firstRetry = time.Second // at most, between the loss of a source and the first try to have it back
	lastRetry  = 10 * time.Second
	// silence is how long nothing may come from a source.
	silence = 5 * time.Second
	// better is how often it is tried whether a source that is preferred has come back.
	better = 15 * time.Second
)

// A Pull has the media of a camera, or of another server, as a source. Where there are several, the first that works counts,
// and is gone back to when it returns.
type Pull struct {
	URLs   []string
	Client rtspclient.Config // Packet, Flush, Described and Silence are filled in
	Path   string            // for the log
	Logger *slog.Logger
	// Described is told of what the source sends whenever it begins, and returns the presentation to write to.
	Described func(*sdp.Session) *rtspserver.Live
	// Failed is told why, each time that no source could be reached. May be nil.
	Failed func(error)
}

// Run pulls until ctx ends.
func (p *Pull) Run(ctx context.Context) {
	var retry time.Duration
	for ctx.Err() == nil {
		s, n, err := p.first(ctx, len(p.URLs))
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			if p.Failed != nil {
				p.Failed(err)
			}
			retry = min(max(2*retry, firstRetry/2), lastRetry)
			p.Logger.Warn("source cannot be reached", "path", p.Path, "source", p.shown(0), "why", err, "retry", retry.Round(time.Millisecond))
			sleep(ctx, jittered(retry))
			continue
		}
		retry = 0
		p.follow(ctx, s, n)
		sleep(ctx, jittered(firstRetry/2))
	}
}

// first starts the first of n sources that works.
func (p *Pull) first(ctx context.Context, n int) (*session, int, error) {
	var errs []error
	for i := range n {
		s, err := p.start(ctx, p.URLs[i], p.Client)
		if err == nil {
			return s, i, nil
		}
		errs = append(errs, err)
	}
	return nil, 0, errors.Join(errs...)
}

// start plays one source; what comes is kept until the session is adopted.
func (p *Pull) start(ctx context.Context, url string, cfg rtspclient.Config) (*session, error) {
	s := newSession(url, cfg)
	cfg.Packet, cfg.Flush, cfg.Described, cfg.Silence = s.packet, s.flush, s.described, silence
	c, err := rtspclient.Play(ctx, url, &cfg)
	if err != nil {
		return nil, err
	}
	s.client = c
	return s, nil
}

// follow brings what a session sends to the presentation, until it ends and no better one has taken its place. Redirections of
// the server are followed.
func (p *Pull) follow(ctx context.Context, s *session, n int) {
	for s != nil {
		began := time.Now()
		live := p.Described(s.describe())
		s.adopt(live)
		p.Logger.Info("source plays", "path", p.Path, "source", p.shown(n), "transport", s.client.Tracks()[0].Lower())
		next, at, err := p.watch(ctx, s, n)
		s.client.Close()
		live.Interrupt()
		var redirected *rtspclient.RedirectError
		switch {
		case next != nil:
			p.Logger.Info("source is back", "path", p.Path, "source", p.shown(at))
		case ctx.Err() != nil:
			return
		case errors.As(err, &redirected) && redirected.Location != "":
			p.Logger.Info("source redirects", "path", p.Path, "to", err)
			if time.Since(began) < lastRetry { // perhaps in circles, or at somebody who has not asked for it
				sleep(ctx, jittered(firstRetry))
			}
			if next, err = p.redirected(ctx, s, redirected.Location); err != nil {
				p.Logger.Warn("source cannot be reached", "path", p.Path, "source", p.shown(n), "why", err)
			}
			at = n
		default:
			p.Logger.Warn("source is gone", "path", p.Path, "source", p.shown(n), "why", err)
		}
		s, n = next, at
	}
}

// redirected starts what a session was sent to, by the rules that hold for every redirection (RED-05).
func (p *Pull) redirected(ctx context.Context, s *session, location string) (*session, error) {
	cfg := s.cfg
	url, err := cfg.Redirect(s.client, s.url, location)
	if err != nil {
		return nil, err
	}
	return p.start(ctx, url, cfg)
}

// watch waits for the end of a session, or for a source that is preferred to it. Those are tried beside it: one that cannot be
// reached may take long to say so.
func (p *Pull) watch(ctx context.Context, s *session, n int) (next *session, at int, err error) {
	look := time.NewTicker(better)
	defer look.Stop()
	ctx, cancel := context.WithCancel(ctx)
	var tried chan found // not nil while some are tried
	defer func() {
		cancel()
		if tried == nil {
			return
		}
		if f := <-tried; f.session != nil {
			f.session.client.Close()
		}
	}()
	for {
		select {
		case <-s.client.Done():
			return nil, 0, s.client.Err()
		case <-ctx.Done():
			return nil, 0, context.Cause(ctx)
		case f := <-tried:
			if tried = nil; f.session != nil {
				return f.session, f.at, nil
			}
		case <-look.C:
			if n > 0 && tried == nil {
				result := make(chan found, 1)
				tried = result
				go func() { // ends with ctx, which ends with this call, or when it has tried
					s, at, _ := p.first(ctx, n)
					result <- found{s, at}
				}()
			}
		}
	}
}

// A found is the source that works, or none.
type found struct {
	session *session
	at      int
}

// shown is a source as the log may have it.
func (p *Pull) shown(n int) string { return rtsp.Redacted(p.URLs[n]) }

// jittered is between half of d and d, so that sources that went together do not all come back at one instant.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
