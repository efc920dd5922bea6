package rtspserver

import (
	"context"

	"github.com/baton-rtsp/baton/rtsp"
)

// A Remote playback is controlled by something that takes its time, such as another server. What has to be waited for is done in
// its own methods, which may block until ctx ends: they run on the goroutine of the request, and hold up neither the shard nor the
// session. [Playback.Play] or Pause follows on the shard, unless an error is returned or the session has changed meanwhile.
type Remote interface {
	Playback
	// PrepareSetup is told of a SETUP of a track, before its transport is settled.
	PrepareSetup(ctx context.Context, track int) error
	// PreparePlay is told of a PLAY of the tracks in the set.
	PreparePlay(ctx context.Context, tracks uint64, p *PlayRequest) error
	// PreparePause is told of a PAUSE of all tracks.
	PreparePause(ctx context.Context, at *rtsp.Range) error
}

// ahead does what a request must wait for when the playback is remote, if the request is valid as things are.
func (s *Session) ahead(x *exchange, m rtsp.Method, prepare func(ctx context.Context, r Remote, scope uint64) error) error {
	if s.remote == nil {
		return nil
	}
	s.mu.Lock()
	scope, err := s.scope(x.name)
	if err == nil {
		_, err = s.next(m)
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return x.ask(func(ctx context.Context, _ *Request) error { return prepare(ctx, s.remote, scope) })
}

// setupAhead does what a SETUP must wait for when the playback is remote, if the request is valid as things are. The session is
// locked, but not while this waits.
func (s *Session) setupAhead(x *exchange) error {
	if s.remote == nil {
		return nil
	}
	if _, err := s.next(rtsp.MethodSetup); err != nil {
		return err
	}
	track, err := s.trackOf(x)
	if err != nil {
		return err
	}
	s.mu.Unlock()
	defer s.mu.Lock()
	return x.ask(func(ctx context.Context, _ *Request) error { return s.remote.PrepareSetup(ctx, track) })
}
