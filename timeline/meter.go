package timeline

import "time"

// meterSpell is over how long a rate is measured at least: a key picture and those that follow it count together.
const meterSpell = 2 * time.Second

// A meter measures a bit rate, in spells that follow each other.
type meter struct {
	began  time.Time // of the spell
	octets int64     // in it
	last   float64   // bits a second, of the spell before
}

// add counts what has come.
//
// hot: 0 allocs.
func (m *meter) add(octets int, at time.Time) {
	switch spell := at.Sub(m.began); {
	case spell < meterSpell:
	case spell < 2*meterSpell:
		m.last = float64(m.octets) * 8 / spell.Seconds()
		m.began, m.octets = at, 0
	default: // a pause is no low rate
		m.began, m.octets, m.last = at, 0, 0
	}
	m.octets += int64(octets)
}

// rate is that of the last spell, 0 if that is long ago.
func (m *meter) rate(now time.Time) float64 {
	if now.Sub(m.began) > 2*meterSpell {
		return 0
	}
	return m.last
}
