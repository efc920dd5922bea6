package rtp_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtp"
)

// start is when the tests begin; the code under test knows no other clock.
var start = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// receive feeds sequence numbers to a new 90 kHz Receiver, a picture of one packet every 40 ms.
func receive(seqs ...uint16) *rtp.Receiver {
	r := rtp.NewReceiver(90000)
	for i, seq := range seqs {
		r.Received(seq, uint32(i)*3600, start.Add(time.Duration(i)*40*time.Millisecond))
	}
	return r
}

func sequence(from uint16, n int) (seqs []uint16) {
	for i := range n {
		seqs = append(seqs, from+uint16(i))
	}
	return seqs
}

// RTP-12, ANN-13: loss is counted as RFC 3550 §A.1 and §A.3 say.
func TestReceiverCountsLoss(t *testing.T) {
	for _, test := range []struct {
		name     string
		seqs     []uint16
		lost     int64
		fraction uint8
		highest  uint32
	}{
		{"none", sequence(10, 100), 0, 0, 109},
		{"one packet", []uint16{7}, 0, 0, 7},
		{"one of four", []uint16{1, 2, 4}, 1, 64, 4},
		{"half", []uint16{1, 3, 5, 7}, 3, 109, 7},
		{"reordered", []uint16{1, 3, 2, 4}, 0, 0, 4},
		{"duplicate", []uint16{1, 2, 2, 3}, -1, 0, 3},
		{"wrap", []uint16{65534, 65535, 0, 1}, 0, 0, 65536 + 1},
		{"loss across the wrap", []uint16{65534, 2}, 3, 153, 65536 + 2},
		{"late across the wrap", []uint16{65535, 0, 65534, 1}, -1, 0, 65536 + 1},
		{"one stray", []uint16{100, 101, 40000, 102, 103}, 0, 0, 103},
		{"burst of 2998", []uint16{0, 2999}, 2998, 255, 2999},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := receive(test.seqs...)
			block := r.Report(start)
			if r.Lost() != test.lost || int64(block.TotalLost) != test.lost || block.FractionLost != test.fraction || block.HighestSeq != test.highest {
				t.Errorf("lost %d, block %+v; want lost %d, fraction %d, highest %d", r.Lost(), block, test.lost, test.fraction, test.highest)
			}
			if r.Packets() != int64(len(test.seqs)) {
				t.Errorf("%d packets", r.Packets())
			}
		})
	}
}

// ANN-13: the fraction is of the packets since the report before. RFC 3550 §A.3
func TestFractionLostIsOfTheInterval(t *testing.T) {
	r := receive(1, 2, 4)
	if got := r.Report(start).FractionLost; got != 64 {
		t.Errorf("%d, want 64", got)
	}
	if got := r.Report(start).FractionLost; got != 0 {
		t.Errorf("%d, want 0: nothing was expected", got)
	}
	r.Received(5, 0, start)
	r.Received(7, 0, start)
	block := r.Report(start)
	if block.FractionLost != 85 || block.TotalLost != 2 {
		t.Errorf("%+v, want fraction 85, total 2", block)
	}
	r.Received(6, 0, start)
	if got := r.Report(start).FractionLost; got != 0 {
		t.Errorf("%d, want 0: more came than was expected", got)
	}
}

// RTP-12: two packets in sequence from elsewhere are a restart; what was lost before is not forgotten.
func TestReceiverSurvivesARestart(t *testing.T) {
	r := receive(1, 2, 4, 5, 40000, 40001, 40002, 40004)
	block := r.Report(start)
	if r.Lost() != 2 || block.TotalLost != 1 || block.HighestSeq != 40004 || r.Packets() != 8 {
		t.Errorf("lost %d, packets %d, %+v", r.Lost(), r.Packets(), block)
	}
	// The run began with 40001: 40000 was not believed yet.
	if block.FractionLost != 64 {
		t.Errorf("fraction %d, want 64", block.FractionLost)
	}
}

// ANN-13: the wraps themselves wrap, after 2^32 packets, and loss is still counted.
func TestReceiverCountsPastManyWraps(t *testing.T) {
	r := rtp.NewReceiver(90000)
	const step = 2999
	n := 65600 * 65536 / step
	for i := range n {
		r.Received(uint16(i*step), 0, start)
	}
	if want := int64(n-1) * (step - 1); r.Lost() != want {
		t.Errorf("lost %d, want %d", r.Lost(), want)
	}
	if got, want := r.Report(start).HighestSeq, uint32(n-1)*step; got != want {
		t.Errorf("highest %d, want %d", got, want)
	}
	if got := r.Report(start).TotalLost; got != 1<<23-1 {
		t.Errorf("total lost %d", got)
	}
}

// ANN-13: jitter as RFC 3550 §A.8 has it, against the same in floating point.
func TestJitterIsThatOfTheRFC(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	r := rtp.NewReceiver(90000)
	want, before := 0.0, 0.0
	for i := range 5000 {
		delay := time.Duration(random.IntN(30_000_000))
		at := start.Add(time.Duration(i)*40*time.Millisecond + delay)
		r.Received(uint16(i), 0xfffff000+uint32(i)*3600, at)
		transit := delay.Seconds() * 90000
		if i > 0 {
			want += (math.Abs(transit-before) - want) / 16
		}
		before = transit
	}
	if got := float64(r.Report(start).Jitter); math.Abs(got-want) > 2 {
		t.Errorf("jitter %v, want %v", got, want)
	}
	if got := r.Jitter().Seconds() * 90000; math.Abs(got-want) > 2 {
		t.Errorf("Jitter() %v, want %v", got, want)
	}
}

// RTP-12: a timestamp hours off, as one bad frame or a restarted encoder has it, is no jitter.
func TestTimestampJumpIsNoJitter(t *testing.T) {
	r := rtp.NewReceiver(90000)
	for i := range 100 {
		ts := uint32(i) * 3600
		if i == 50 {
			ts += 10 * 3600 * 90000 % (1 << 32)
		}
		if i > 70 {
			ts += 1 << 30
		}
		r.Received(uint16(i), ts, start.Add(time.Duration(i)*40*time.Millisecond))
	}
	if r.Jitter() != 0 {
		t.Errorf("jitter %v", r.Jitter())
	}
}

// RTP-12: without a clock rate loss is still counted.
func TestReceiverWithoutClockRate(t *testing.T) {
	for _, rate := range []int{0, -1, math.MaxInt} {
		r := rtp.NewReceiver(rate)
		r.Received(1, 5, start)
		r.Received(3, 500000, start.Add(time.Second))
		if r.Lost() != 1 || r.Jitter() != 0 {
			t.Errorf("rate %d: lost %d, jitter %v", rate, r.Lost(), r.Jitter())
		}
	}
}

// ANN-13: LSR and DLSR name the last sender report and how long ago it came. RFC 3550 §6.4.1
func TestReportNamesTheLastSenderReport(t *testing.T) {
	r := receive(1, 2)
	if block := r.Report(start); block.LSR != 0 || block.DLSR != 0 {
		t.Errorf("%+v before any sender report", block)
	}
	ntp := rtp.NTP(0x0123456789abcdef)
	r.SenderReport(ntp, start)
	block := r.Report(start.Add(5250 * time.Millisecond))
	if block.LSR != ntp.Middle() || block.DLSR != 5<<16+1<<14 {
		t.Errorf("LSR %#x, DLSR %#x", block.LSR, block.DLSR)
	}
	if got := r.Report(start.Add(48 * time.Hour)).DLSR; got != 1<<32-1 {
		t.Errorf("DLSR %#x after two days", got)
	}
	if got := r.Report(start.Add(-time.Second)).DLSR; got != 0 {
		t.Errorf("DLSR %#x before it came", got)
	}
}

// RTP-12: nothing received, nothing reported.
func TestReportOfNothing(t *testing.T) {
	r := rtp.NewReceiver(90000)
	if r.Report(start) != (rtp.ReportBlock{}) || r.Lost() != 0 || r.Packets() != 0 {
		t.Errorf("%+v", r.Report(start))
	}
}

// SEC-01: whatever comes, the figures stay within what is possible.
func FuzzReceiver(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 1, 0, 1}, 90000)
	f.Add([]byte{0xff, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0x80, 0, 1, 1, 1, 1, 0xff, 0xff}, 8000)
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, data []byte, rate int) {
		r := rtp.NewReceiver(rate)
		now, pushed := start, int64(0)
		for ; len(data) >= 8; data = data[8:] {
			now = now.Add(time.Duration(int16(binary.BigEndian.Uint16(data[6:]))) * time.Millisecond)
			r.Received(binary.BigEndian.Uint16(data), binary.BigEndian.Uint32(data[2:]), now)
			pushed++
			if data[7] == 7 {
				r.SenderReport(rtp.NTP(binary.BigEndian.Uint64(data)), now)
			}
			if data[7]&3 == 3 {
				r.Report(now)
			}
		}
		if r.Packets() != pushed || r.Lost() < -pushed || r.Lost() > pushed*3000 || r.Jitter() < 0 {
			t.Errorf("%d pushed: packets %d, lost %d, jitter %v", pushed, r.Packets(), r.Lost(), r.Jitter())
		}
	})
}
