package rtspserver

import (
	"fmt"
	"runtime/debug"
)

// contained runs f. A panic in it becomes an error: it ends what it happened in and nothing else. All
// code of others that the server calls, and all that peers send, is worked on under it or under the
// like of it on the shards of the timeline.
func (s *Server) contained(where string, f func() error, about ...any) (err error) {
	defer func() {
		if v := recover(); v != nil {
			s.panicked(where, v, debug.Stack(), about...)
			err = fmt.Errorf("%w: %v", errPanic, v)
		}
	}()
	return f()
}

// panicked counts a panic and tells of it.
func (s *Server) panicked(where string, v any, stack []byte, about ...any) {
	s.stats.panics.Add(1)
	s.cfg.Logger.Error("panic in "+where, append(about, "panic", fmt.Sprint(v), "stack", string(stack))...)
}
