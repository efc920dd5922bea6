package timeline

import "sync/atomic"

// A Budget caps the memory of many timelines together. Its zero value has no limit. It is safe for
// concurrent use.
type Budget struct {
	limit int64
	used  atomic.Int64
}

// NewBudget makes a budget of limit bytes.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Used is the number of bytes that all timelines of the budget hold.
func (b *Budget) Used() int64 { return b.used.Load() }

func (b *Budget) add(n int) { b.used.Add(int64(n)) }

func (b *Budget) exceeded() bool { return b.limit > 0 && b.used.Load() > b.limit }
