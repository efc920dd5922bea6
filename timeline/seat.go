package timeline

import (
	"sync/atomic"
	"time"
)

// A Seat is a visitor's place on a shard.
//
// Do, Post and Wake may be called from any goroutine. Join, Want, Leave, At and Close belong to the shard:
// call them from Visit, or from a function given to Do or Post.
type Seat struct {
	shard   *Shard
	visitor Visitor
	woken   atomic.Bool // in the shard's list

	// owned by the shard
	group  *group
	index  int    // in group.seats
	wanted uint64 // tracks, by bit
	heap   int    // in the shard's timers, -1 when not there
	at     time.Time
	left   bool
}

// Do runs f on the shard, between visits, and returns when it is done. f must not call Do. When the
// shard's goroutine has ended f runs at once.
func (s *Seat) Do(f func()) {
	done := make(chan struct{})
	s.Post(func() {
		defer close(done)
		f()
	})
	<-done
}

// Post runs f on the shard, between visits, some time soon.
func (s *Seat) Post(f func()) {
	call := func() {
		defer s.contain()
		f()
	}
	s.shard.mu.Lock()
	ended := s.shard.ended
	if !ended {
		s.shard.calls = append(s.shard.calls, call)
	}
	s.shard.mu.Unlock()
	if ended {
		call()
		return
	}
	s.shard.signal()
}

// Wake asks for a visit soon.
func (s *Seat) Wake() {
	if !s.woken.CompareAndSwap(false, true) {
		return
	}
	s.shard.mu.Lock()
	s.shard.woken = append(s.shard.woken, s)
	s.shard.mu.Unlock()
	s.shard.signal()
}

// Want says which tracks, by bit, the visitor is to be visited for when they grow: from the beginning all. What else is
// new, such as the end, brings a visit at any rate.
func (s *Seat) Want(tracks uint64) { s.wanted = tracks }

// Join has the visitor visited whenever t grows, and no longer when another timeline does.
func (s *Seat) Join(t *Timeline) {
	s.Leave()
	s.group = t.log.group(s.shard)
	s.index = len(s.group.seats)
	s.group.seats = append(s.group.seats, s)
}

// Leave ends what Join began.
func (s *Seat) Leave() {
	g := s.group
	if g == nil {
		return
	}
	last := len(g.seats) - 1
	g.seats[s.index] = g.seats[last]
	g.seats[s.index].index = s.index
	g.seats[last] = nil
	g.seats = g.seats[:last]
	s.group = nil
}

// At asks for a visit at a time, once; it replaces the time that was set before. The visit may come up to [Grain]
// early, when the shard is awake for others then: a visitor that has nothing to do yet asks again. The zero time asks
// for none.
func (s *Seat) At(at time.Time) { s.shard.timers.set(s, at) }

// Close gives the seat up: no visit follows.
func (s *Seat) Close() {
	s.Leave()
	s.At(time.Time{})
	s.left = true
}
