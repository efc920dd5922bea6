package auth

import (
	"context"
	"net/netip"
	"sync"
)

// turns has those of one address come one after the other. The zero value is ready.
type turns struct {
	mu sync.Mutex
	of map[netip.Prefix]*turn // those who have theirs, or wait for it
}

// A turn is whose it is, and how many more there are.
type turn struct {
	taken chan struct{} // holds one while it is somebody's
	here  int
}

// take waits until nobody else of an address has a turn. The error is that of ctx.
func (l *turns) take(ctx context.Context, address netip.Addr) (release func(), err error) {
	at := network(address)
	l.mu.Lock()
	t := l.of[at]
	if t == nil {
		if l.of == nil {
			l.of = make(map[netip.Prefix]*turn)
		}
		t = &turn{taken: make(chan struct{}, 1)}
		l.of[at] = t
	}
	t.here++
	l.mu.Unlock()
	select {
	case t.taken <- struct{}{}:
		return func() { <-t.taken; l.leave(at, t) }, nil
	case <-ctx.Done():
		l.leave(at, t)
		return nil, ctx.Err()
	}
}

func (l *turns) leave(at netip.Prefix, t *turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.here--; t.here == 0 {
		delete(l.of, at)
	}
}
