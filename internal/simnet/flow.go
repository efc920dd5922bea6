package simnet

import (
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"time"
)

// A flow is the fate of the datagrams from one socket to another: its own random numbers, and
// when the last one that was not held back arrives.
type flow struct {
	random *rand.Rand
	last   time.Time
}

// A fate is what a link does to one datagram.
type fate struct {
	lost, twice, late bool
	at                time.Time // of arrival
}

func (c *PacketConn) flow(to netip.AddrPort) *flow {
	f := c.flows[to]
	if f == nil {
		f = &flow{random: newRandom(c.net.options.Seed, c.addr.String()+" "+to.String())}
		c.flows[to] = f
	}
	return f
}

// newRandom returns a source of random numbers for what name stands for.
func newRandom(seed uint64, name string) *rand.Rand {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name)) // never fails
	return rand.New(rand.NewPCG(seed, hash.Sum64()))
}

// next decides about the next datagram. It draws the same random numbers whatever it decides, so
// that the fate of later ones does not depend on the link's figures.
func (f *flow) next(l Link, now time.Time) fate {
	lost, twice, late, jitter := f.random.Float64(), f.random.Float64(), f.random.Float64(), f.random.Float64()
	x := fate{lost: lost < l.Loss || l.Down, twice: twice < l.Duplicate, late: late < l.Reorder}
	x.at = now.Add(l.Delay + time.Duration(jitter*float64(l.Jitter)))
	if x.at.Before(f.last) {
		x.at = f.last
	}
	if !x.late {
		f.last = x.at
		return x
	}
	if l.ReorderBy == 0 {
		l.ReorderBy = 10 * time.Millisecond
	}
	x.at = x.at.Add(l.ReorderBy)
	return x
}
