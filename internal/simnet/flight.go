package simnet

import (
	"container/heap"
	"time"
)

// A flight holds the datagrams under way to one socket, the next to arrive first; of those that
// arrive at the same time, the first sent.
type flight struct {
	queue flightQueue
	sent  uint64
}

func (f *flight) push(d datagram) {
	heap.Push(&f.queue, flying{d, f.sent})
	f.sent++
}

// pop takes out the next datagram if it has arrived by now.
func (f *flight) pop(now time.Time) (datagram, bool) {
	if len(f.queue) == 0 || f.queue[0].at.After(now) {
		return datagram{}, false
	}
	return heap.Pop(&f.queue).(flying).datagram, true
}

// next returns when the next datagram arrives, zero if none is under way.
func (f *flight) next() time.Time {
	if len(f.queue) == 0 {
		return time.Time{}
	}
	return f.queue[0].at
}

type flying struct {
	datagram
	order uint64
}

// A flightQueue is a heap.Interface.
type flightQueue []flying

func (q flightQueue) Len() int { return len(q) }

func (q flightQueue) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].order < q[j].order
}

func (q flightQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

func (q *flightQueue) Push(x any) { *q = append(*q, x.(flying)) }

func (q *flightQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	(*q)[last] = flying{}
	*q = (*q)[:last]
	return x
}
