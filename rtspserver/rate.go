package rtspserver

import "time"

// rateStore is for how long a publisher may send at twice its limit before it is ended: key pictures, and what a connection that
// hung has kept back, come in bursts.
const rateStore = 2 * time.Second

// A rateMeter finds out whether a publisher sends more than it may. It is asked once a second.
type rateMeter struct {
	limit int64 // bits a second; 0: none
	level float64
	at    time.Time
}

// over takes the bits that have come since it was asked last.
func (m *rateMeter) over(bits float64, now time.Time) bool {
	if m.limit <= 0 {
		return false
	}
	limit := float64(m.limit)
	if !m.at.IsZero() {
		m.level = max(0, m.level+bits-limit*now.Sub(m.at).Seconds())
	}
	m.at = now
	return m.level > limit*rateStore.Seconds()
}
