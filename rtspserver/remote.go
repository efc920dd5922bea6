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
