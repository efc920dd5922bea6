package timeline

import (
	"container/heap"
	"context"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// A Visitor is one reader. Its methods run on the goroutine of its shard, or on one that flushes a timeline, one at a
// time with those of all other visitors of that shard: they must not block.
type Visitor interface {
	// Visit is called when the timeline that the seat joined has grown, when the seat was woken, and
	// when the time set by [Seat.At] has come. now is read once for many visitors.
	Visit(now time.Time)
	// Panicked is told that Visit, or a function given to [Seat.Do], panicked. The others go on.
	Panicked(value any, stack []byte)
}

// Shards is the set of sender goroutines, usually one a core. Create it with [NewShards].
type Shards struct {
	all  []*Shard
	next atomic.Uint32
}

// NewShards makes n shards, one a core when n is 0. Nothing runs before [Shards.Run].
func NewShards(n int) *Shards {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	s := &Shards{}
	for range n {
		s.all = append(s.all, &Shard{wake: make(chan struct{}, 1)})
	}
	return s
}

// Run delivers until ctx ends, and returns when the last shard has. Functions given to [Seat.Do] later
// still run, on the caller's goroutine.
func (s *Shards) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, shard := range s.all {
		wg.Go(func() { shard.run(ctx) }) // ends when ctx does
	}
	wg.Wait()
}

// Seat gives a visitor a place on one of the shards, in turn.
func (s *Shards) Seat(v Visitor) *Seat {
	n := s.next.Add(1)
	return &Seat{shard: s.all[int(n)%len(s.all)], visitor: v, wanted: allTracks, heap: -1}
}

// Grain is how much earlier than it asked for a visitor may be visited, so that one wake-up serves all whose times lie
// close together: with some hundred stored films to send, each at its own pace, waking up costs more than sending.
const Grain = 3 * time.Millisecond

// few is up to how many readers of a shard are served by the goroutine that has appended, when their shard has nothing
// else to do: handing over costs as much as sending to them.
const few = 4

// A Shard is one sender goroutine and the readers that it owns.
type Shard struct {
	wake chan struct{} // capacity 1
	turn sync.Mutex    // held by who visits: the shard's goroutine, or one that has appended; taken before mu

	// guarded by mu
	mu    sync.Mutex
	dirty []*group // their timelines have grown
	calls []func()
	woken []*Seat
	ended bool // changes with turn held too

	// guarded by turn
	timers timers
	alarm  time.Time // when run wakes up by itself
	due    []*Seat   // whose time has come, in this round
	rounds work
}

// work is what a shard takes over in one round; the slices swap places with those of the shard.
type work struct {
	dirty []*group
	calls []func()
	woken []*Seat
}

// A group is the readers of one timeline on one shard.
type group struct {
	shard  *Shard
	queued atomic.Bool   // in the shard's dirty list
	fresh  atomic.Uint64 // tracks that have grown since the last visits
	seats  []*Seat       // guarded by the shard's turn
}

// allTracks are the bits of all tracks that there can be.
const allTracks = ^uint64(0)

func (g *group) wake() {
	if g.queued.CompareAndSwap(false, true) {
		g.shard.enqueue(g)
	}
}

func (s *Shard) run(ctx context.Context) {
	defer s.end()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		timer.Reset(s.round(time.Now()))
		select {
		case <-s.wake:
		case <-timer.C:
		case <-ctx.Done():
		}
	}
}

// round does all that has come up since the last one. Calls come first: a PLAY takes effect before the
// packets that arrived with it. It returns how long nothing more is due.
func (s *Shard) round(now time.Time) time.Duration {
	s.turn.Lock()
	defer s.turn.Unlock()
	w := s.take()
	for i, call := range w.calls {
		call()
		w.calls[i] = nil
	}
	for i, g := range w.dirty {
		g.queued.Store(false)
		w.dirty[i] = nil
		s.visitAll(g, now)
	}
	for i, seat := range w.woken {
		seat.woken.Store(false)
		w.woken[i] = nil
		s.visit(seat, now)
	}
	s.due = s.timers.due(now, s.due[:0])
	for i, seat := range s.due {
		s.due[i] = nil
		s.visit(seat, now)
	}
	now = time.Now()
	wait := s.timers.wait(now)
	s.alarm = now.Add(wait)
	return wait
}

// lend has the caller visit the readers of g, when they are few and nobody else visits. Otherwise it is false.
//
// hot: 0 allocs, 1 lock.
func (s *Shard) lend(g *group) bool {
	if !s.turn.TryLock() {
		return false
	}
	defer s.turn.Unlock()
	if s.ended || len(g.seats) > few {
		return false
	}
	s.visitAll(g, time.Now())
	if len(s.timers) > 0 && s.timers[0].at.Before(s.alarm) {
		s.signal() // run does not know yet
	}
	return true
}

// visitAll visits those who want what is new.
func (s *Shard) visitAll(g *group, now time.Time) {
	fresh := g.fresh.Swap(0)
	for j := len(g.seats) - 1; j >= 0; j-- { // backwards: a visitor may leave during its visit
		if j < len(g.seats) && (fresh == allTracks || g.seats[j].wanted&fresh != 0) {
			s.visit(g.seats[j], now)
		}
	}
}

// take swaps the lists that others fill for the empty ones of the last round.
func (s *Shard) take() *work {
	w := &s.rounds
	s.mu.Lock()
	s.dirty, w.dirty = w.dirty[:0], s.dirty
	s.calls, w.calls = w.calls[:0], s.calls
	s.woken, w.woken = w.woken[:0], s.woken
	s.mu.Unlock()
	return w
}

func (s *Shard) visit(seat *Seat, now time.Time) {
	if seat.left {
		return
	}
	defer seat.contain()
	seat.visitor.Visit(now)
}

// end runs the calls that came too late for a round; later ones run on their caller's goroutine.
func (s *Shard) end() {
	s.turn.Lock()
	s.mu.Lock()
	s.ended = true
	calls := s.calls
	s.calls = nil
	s.mu.Unlock()
	s.turn.Unlock()
	for _, call := range calls {
		call()
	}
}

func (s *Shard) enqueue(g *group) {
	s.mu.Lock()
	s.dirty = append(s.dirty, g)
	s.mu.Unlock()
	s.signal()
}

func (s *Shard) signal() {
	select {
	case s.wake <- struct{}{}:
	default: // a signal is on its way already
	}
}

// timers is a heap of seats by the time at which they want a visit (container/heap).
type timers []*Seat

func (t timers) Len() int           { return len(t) }
func (t timers) Less(i, j int) bool { return t[i].at.Before(t[j].at) }
func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].heap, t[j].heap = i, j
}
func (t *timers) Push(x any) {
	seat := x.(*Seat)
	seat.heap = len(*t)
	*t = append(*t, seat)
}
func (t *timers) Pop() any {
	last := len(*t) - 1
	seat := (*t)[last]
	(*t)[last] = nil
	*t = (*t)[:last]
	seat.heap = -1
	return seat
}

// due takes out the seats whose time has come, and when there is one also those whose time comes within the grain.
func (t *timers) due(now time.Time, list []*Seat) []*Seat {
	if len(*t) == 0 || (*t)[0].at.After(now) {
		return list
	}
	for now = now.Add(Grain); len(*t) > 0 && !(*t)[0].at.After(now); {
		list = append(list, heap.Pop(t).(*Seat))
	}
	return list
}

// wait is how long until the first seat is due.
func (t timers) wait(now time.Time) time.Duration {
	if len(t) == 0 {
		return time.Hour
	}
	return max(t[0].at.Sub(now), 0)
}

// set moves a seat to another time; the zero time takes it out.
func (t *timers) set(seat *Seat, at time.Time) {
	switch {
	case at.IsZero() && seat.heap >= 0:
		heap.Remove(t, seat.heap)
	case at.IsZero():
	case seat.heap >= 0:
		seat.at = at
		heap.Fix(t, seat.heap)
	default:
		seat.at = at
		heap.Push(t, seat)
	}
}

// contain keeps a visitor's panic from the others of the shard.
func (s *Seat) contain() {
	if v := recover(); v != nil {
		s.visitor.Panicked(v, debug.Stack())
	}
}
