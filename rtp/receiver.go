package rtp

import "time"

// How far a sequence number may be from the highest one before it counts as a restart of the source. RFC 3550 §A.1
const (
	maxDropout  = 3000
	maxMisorder = 100
	seqModulo   = 1 << 16
)

// A step of the source's clock is no jitter: transit times that differ by more than this begin anew.
const maxTransitStep = 10 // seconds

// Receiver keeps the reception statistics of one source (SSRC): loss, jitter, and what a report block says. RFC 3550 §6.4.1, §A.1, §A.3, §A.8
//
// Unlike §A.1 it has no probation: the source was negotiated, its first packet counts. Two packets in sequence from elsewhere on the circle of sequence
// numbers are a restart: counting for reports begins anew, while Lost and Packets go on. Not safe for concurrent use.
type Receiver struct {
	clockRate int64

	started      bool
	first        uint16 // counting began here
	highest      uint16
	cycles       int64  // multiples of 65536
	resume       uint32 // the number that, if it comes next, proves a restart; seqModulo: none
	received     int64  // since first
	lostBefore   int64  // in runs that a restart ended
	packetsTotal int64

	expectedPrior int64
	receivedPrior int64

	base     time.Time // arrival times are counted from here
	transit  uint32    // of the packet before, in timestamp units
	measured bool      // transit holds one
	jitter   uint64    // in 1/16 of a timestamp unit

	lsr   uint32
	lsrAt time.Time
}

// NewReceiver returns the statistics of a source of clockRate timestamp units a second; jitter stays zero if that is not known (zero, or
// not from 1 to 10^9).
func NewReceiver(clockRate int) *Receiver {
	if clockRate < 0 || clockRate > maxClockRate {
		clockRate = 0
	}
	return &Receiver{clockRate: int64(clockRate), resume: seqModulo}
}

// Received counts a packet that arrived at the given time, before any reordering.
// hot: 0 allocs.
func (r *Receiver) Received(seq uint16, ts uint32, at time.Time) {
	r.packetsTotal++
	if !r.sequence(seq) {
		return
	}
	r.received++
	r.measure(ts, at)
}

// sequence updates the extended highest number; false for a packet that is not (yet) believed.
func (r *Receiver) sequence(seq uint16) bool {
	if !r.started {
		r.begin(seq)
		return true
	}
	ahead := seq - r.highest
	switch {
	case ahead < maxDropout:
		if seq < r.highest {
			r.cycles += seqModulo
		}
		r.highest = seq
	case int(ahead) <= seqModulo-maxMisorder:
		if uint32(seq) != r.resume {
			r.resume = uint32(seq + 1)
			return false
		}
		r.lostBefore += r.lost()
		r.begin(seq)
	}
	return true
}

// begin starts a run of sequence numbers.
func (r *Receiver) begin(seq uint16) {
	r.started = true
	r.first = seq
	r.highest = seq
	r.cycles = 0
	r.resume = seqModulo
	r.received = 0
	r.expectedPrior = 0
	r.receivedPrior = 0
	r.measured = false
}

// measure updates the jitter: J += (|D| - J)/16. RFC 3550 §A.8
func (r *Receiver) measure(ts uint32, at time.Time) {
	if r.clockRate == 0 {
		return
	}
	if r.base.IsZero() {
		r.base = at
	}
	transit := uint32(ticks(at.Sub(r.base), r.clockRate)) - ts
	step := int64(TimestampDiff(transit, r.transit))
	if step < 0 {
		step = -step
	}
	if r.measured && step <= maxTransitStep*r.clockRate {
		r.jitter += uint64(step) - (r.jitter+8)>>4
	}
	r.transit = transit
	r.measured = true
}

// SenderReport notes that an SR with this NTP time came, for LSR and DLSR.
func (r *Receiver) SenderReport(ntp NTP, at time.Time) {
	r.lsr = ntp.Middle()
	r.lsrAt = at
}

// Report is the report block for now; the caller fills in the SSRC. FractionLost is since the Report before. Leave it out of the RR while Packets has not
// changed since then: a block is for sources that were heard.
func (r *Receiver) Report(now time.Time) ReportBlock {
	expected := r.expected()
	block := ReportBlock{
		FractionLost: fraction(expected-r.expectedPrior, r.received-r.receivedPrior),
		TotalLost:    int32(min(max(r.lost(), minTotalLost), maxTotalLost)),
		HighestSeq:   uint32(r.cycles) + uint32(r.highest),
		Jitter:       uint32(min(r.jitter>>4, 1<<32-1)),
		LSR:          r.lsr,
	}
	r.expectedPrior, r.receivedPrior = expected, r.received
	if !r.lsrAt.IsZero() {
		block.DLSR = uint32(min(max(ticks(now.Sub(r.lsrAt), 1<<16), 0), 1<<32-1))
	}
	return block
}

// fraction is the part of the expected packets that did not come, in 1/256. RFC 3550 §A.3
func fraction(expected, received int64) uint8 {
	lost := expected - received
	if expected <= 0 || lost <= 0 {
		return 0
	}
	return uint8(min(lost<<8/expected, 255))
}

// Lost is the number of packets that are missing since the Receiver was made, over restarts of the source; negative when duplicates outnumber them.
func (r *Receiver) Lost() int64 { return r.lostBefore + r.lost() }

// Packets is the number of packets counted since the Receiver was made, duplicates and those not believed included.
func (r *Receiver) Packets() int64 { return r.packetsTotal }

// Jitter is the interarrival jitter, a smoothed mean deviation.
func (r *Receiver) Jitter() time.Duration {
	if r.clockRate == 0 {
		return 0
	}
	return duration(int64(r.jitter>>4), r.clockRate)
}

func (r *Receiver) expected() int64 {
	if !r.started {
		return 0
	}
	return r.cycles + int64(r.highest) - int64(r.first) + 1
}

func (r *Receiver) lost() int64 { return r.expected() - r.received }
