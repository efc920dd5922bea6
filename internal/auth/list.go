package auth

import (
	"context"
	"slices"

	"github.com/baton-rtsp/baton/internal/config"
)

// A Sight tells what somebody may read, by path; stored: it is played from a file. Nil is all.
type Sight func(path string, stored bool) bool

// List tells what may be read. A service that is asked about others decides of all at once: the path of the question is empty.
func (a *authority) List(ctx context.Context, r *Request) (principal string, sees Sight, err error) {
	r = a.placed(r)
	c := a.taken(credentialsOf(r))
	var rights []config.Right
	decided := false
	switch {
	case c.scheme != none:
		principal, rights, decided, err = a.recognise(ctx, r, c)
	case mayReadSome(a.anonymous, r):
	default:
		principal, err = a.unnamed(ctx, r)
		decided = true
	}
	if err != nil || decided {
		return principal, nil, err
	}
	return principal, func(path string, stored bool) bool {
		q := *r
		q.Path = path
		if q.Action = Read; stored {
			q.Action = Replay
		}
		return may(rights, &q) || may(a.anonymous, &q)
	}, nil
}

// mayReadSome tells whether there is a path that one of the rights lets who asks read.
func mayReadSome(rights []config.Right, r *Request) bool {
	return slices.ContainsFunc(rights, func(right config.Right) bool {
		return within(right.From, r) && (slices.Contains(right.Do, Read) || slices.Contains(right.Do, Replay))
	})
}
