package rtp_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtp"
)

const (
	ms    = time.Millisecond
	delay = 100 * ms
)

// numbered is a packet with this sequence number and a payload of the given size.
func numbered(seq uint16, size int) []byte {
	b := rtp.AppendHeader(nil, rtp.Header{PayloadType: 96, Sequence: seq, SSRC: 1})
	return append(b, bytes.Repeat([]byte{byte(seq)}, size)...)
}

// line is a Reorderer with what came out of it.
type line struct {
	*rtp.Reorderer
	t   *testing.T
	now time.Time
	got []uint16
}

func newLine(t *testing.T, delay time.Duration, maxPackets int) *line {
	return &line{Reorderer: rtp.NewReorderer(delay, maxPackets), t: t, now: start}
}

func (l *line) out(pkt []byte) {
	seq := rtp.Packet(pkt).Sequence()
	if !bytes.Equal(pkt, numbered(seq, len(pkt)-rtp.HeaderSize)) {
		l.t.Errorf("packet %d is damaged: %x", seq, pkt)
	}
	l.got = append(l.got, seq)
}

// push pushes packets that come at once. Their memory is overwritten afterwards, as a receive buffer's is.
func (l *line) push(seqs ...uint16) {
	for _, seq := range seqs {
		pkt := numbered(seq, 20)
		l.Push(pkt, l.now, l.out)
		clear(pkt)
	}
}

// wait lets time pass, with Expire at each deadline.
func (l *line) wait(d time.Duration) {
	end := l.now.Add(d)
	for due, waiting := l.Deadline(); waiting && !due.After(end); due, waiting = l.Deadline() {
		l.now = due
		l.Expire(l.now, l.out)
	}
	l.now = end
}

func (l *line) want(seqs ...uint16) {
	l.t.Helper()
	if !slices.Equal(l.got, seqs) {
		l.t.Errorf("passed on %v, want %v", l.got, seqs)
	}
	l.got = nil
}

func (l *line) wantStats(want rtp.ReorderStats) {
	l.t.Helper()
	if got := l.Stats(); got != want {
		l.t.Errorf("%+v, want %+v", got, want)
	}
}

// RTP-12: packets in order pass at once, across the wrap.
func TestInOrderPassesAtOnce(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(65534, 65535, 0, 1)
	l.want(65534, 65535, 0, 1)
	if _, waiting := l.Deadline(); waiting {
		t.Error("something waits")
	}
	l.wantStats(rtp.ReorderStats{})
}

// RTP-12: reordered packets come out in order, each as soon as it can.
func TestReorderedPacketsComeOutInOrder(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(65533, 0, 65535)
	l.want(65533)
	l.push(65534)
	l.want(65534, 65535, 0)
	l.push(3, 2, 1)
	l.want(1, 2, 3)
	l.wantStats(rtp.ReorderStats{Reordered: 4})
}

// RTP-12: a loss holds the stream for the delay and not longer.
func TestLossHoldsTheStreamForTheDelayOnly(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(1, 3)
	l.wait(40 * ms)
	l.push(4)
	l.wait(59 * ms)
	l.want(1)
	l.wait(1 * ms)
	l.want(3, 4)
	l.push(5)
	l.want(5)
	l.wantStats(rtp.ReorderStats{Lost: 1})
}

// RTP-12: each gap has its own delay.
func TestEachGapHasItsOwnDelay(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(1, 3)
	l.wait(50 * ms)
	l.push(5)
	l.wait(50 * ms)
	l.want(1, 3)
	if due, waiting := l.Deadline(); !waiting || !due.Equal(start.Add(150*ms)) {
		t.Errorf("deadline %v, %v", due, waiting)
	}
	l.wait(50 * ms)
	l.want(5)
	l.wantStats(rtp.ReorderStats{Lost: 2})
}

// RTP-12: the packet that waits for the longest need not be the first in order.
func TestAnEarlierPacketThatCameLaterGoesAlong(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(1, 5)
	l.wait(90 * ms)
	l.push(3)
	l.wait(10 * ms)
	l.want(1, 3, 5)
	l.wantStats(rtp.ReorderStats{Lost: 2, Reordered: 1})
}

// RTP-12: without a timer of the owner, the next packet brings out what has waited long enough; a missing one that comes then is still in time.
func TestPushExpiresToo(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(1, 3)
	l.now = l.now.Add(200 * ms)
	l.push(6)
	l.want(1, 3)
	l.now = l.now.Add(200 * ms)
	l.push(4)
	l.want(4, 6)
	l.wantStats(rtp.ReorderStats{Lost: 2, Reordered: 1})
}

// RTP-12: what comes after its turn, or twice, is dropped and counted.
func TestLateAndDuplicatePacketsAreDropped(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(1, 1, 3, 3)
	l.wait(delay)
	l.push(3, 2, 2, 4)
	l.want(1, 3, 4)
	l.wantStats(rtp.ReorderStats{Lost: 1, Late: 1, Duplicates: 4})
}

// RTP-12: no more packets wait than allowed; the oldest gap is given up for a new one.
func TestWaitingPacketsAreBounded(t *testing.T) {
	l := newLine(t, delay, 3)
	l.push(1, 3, 5, 7)
	l.want(1)
	l.push(9)
	l.want(3)
	l.push(4) // full again, but it is the next
	l.want(4, 5)
	l.push(12, 15, 8) // 7 and 9 are not apart any more
	l.want(7, 8, 9)
	l.wantStats(rtp.ReorderStats{Lost: 2, Reordered: 2})
}

// RTP-12: a full buffer and a packet before all that wait: it goes first.
func TestFullBufferAndAnEarlyPacket(t *testing.T) {
	l := newLine(t, delay, 2)
	l.push(1, 10, 11, 5)
	l.want(1, 5)
	l.wait(delay)
	l.want(10, 11)
}

// RTP-12: no more bytes wait than allowed; a packet beyond all limits does not wait at all.
func TestWaitingBytesAreBounded(t *testing.T) {
	l := newLine(t, delay, 8)
	large := func(seq uint16, size int) { l.Push(numbered(seq, size), l.now, l.out) }
	l.push(1)
	large(3, 9000)
	l.want(1)
	large(5, 9000)
	l.want(3)
	large(7, 60000)
	l.want(5, 7)
	if _, waiting := l.Deadline(); waiting {
		t.Error("something waits")
	}
	l.wantStats(rtp.ReorderStats{Lost: 3})
}

// RTP-12: with no delay nothing waits, but order is kept.
func TestNoDelay(t *testing.T) {
	l := newLine(t, 0, 64)
	l.push(1, 3, 2, 4)
	l.want(1, 3, 4)
	l.wantStats(rtp.ReorderStats{Lost: 1, Late: 1})
}

// RTP-12, SEC-06: one packet from elsewhere on the circle is dropped and disturbs nothing.
func TestAStrayIsDropped(t *testing.T) {
	for _, stray := range []uint16{1000 + 3000, 40000, 60000} {
		l := newLine(t, delay, 64)
		l.push(999, stray, 1000, stray+500, 1001)
		l.want(999, 1000, 1001)
		l.wantStats(rtp.ReorderStats{Strays: 2})
	}
}

// RTP-12: strays that are far from each other prove nothing.
func TestStraysApartAreNoRestart(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(1, 20000, 30000, 40000, 40000, 50000, 2)
	l.want(1, 2)
	l.wantStats(rtp.ReorderStats{Strays: 4, Duplicates: 1})
}

// RTP-12: two packets near to each other, far from the others, are a restarted source; nothing that waited is lost.
func TestRestart(t *testing.T) {
	for _, test := range []struct {
		name   string
		pushed []uint16
		want   []uint16
	}{
		{"in order", []uint16{40000, 40001, 40002}, []uint16{1, 3, 40000, 40001, 40002}},
		{"reordered", []uint16{40001, 40000, 40002}, []uint16{1, 3, 40000, 40001, 40002}},
		{"with a loss, made good", []uint16{40000, 40002, 40001}, []uint16{1, 3, 40000, 40001, 40002}},
		{"first one twice", []uint16{40000, 40000, 40001}, []uint16{1, 3, 40000, 40001}},
		{"across the wrap", []uint16{65535, 0, 1}, []uint16{1, 65535, 0, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLine(t, delay, 64)
			if test.name == "across the wrap" {
				l.push(20000, 20001, 20003)
				test.want = append([]uint16{20000, 20001, 20003}, test.pushed...)
			} else {
				l.push(1, 3)
			}
			l.push(test.pushed...)
			l.want(test.want...)
			if got := l.Stats().Restarts; got != 1 {
				t.Errorf("%d restarts", got)
			}
		})
	}
}

// RTP-12: the first packet after a restart does not come out when it has waited for longer than the delay.
func TestRestartOfASlowSource(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(1, 40000)
	l.wait(time.Second)
	l.push(40001)
	l.want(1, 40001)
	l.wantStats(rtp.ReorderStats{Strays: 1, Restarts: 1})
}

// RTP-12: a source that restarts a little behind where it was is heard again soon.
func TestRestartJustBehind(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(sequence(5000, 200)...)
	l.got = nil
	for seq := uint16(4000); seq < 4020; seq++ {
		l.push(seq)
		l.wait(20 * ms)
	}
	l.want(sequence(4010, 10)...)
	l.wantStats(rtp.ReorderStats{Late: 10, Restarts: 1})
}

// RTP-12: late packets among others are no restart, however long they go on.
func TestLatePacketsAmongOthersAreNoRestart(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(5000)
	for i := range uint16(50) {
		l.push(5001+i, 4000+i)
		l.wait(20 * ms)
	}
	l.want(sequence(5000, 51)...)
	l.wantStats(rtp.ReorderStats{Late: 50})
}

// RTP-12: what is no RTP packet is dropped.
func TestShortPacketsAreDropped(t *testing.T) {
	l := newLine(t, delay, 64)
	l.Push(nil, l.now, l.out)
	l.Push(make([]byte, 11), l.now, l.out)
	l.want()
	l.wantStats(rtp.ReorderStats{Strays: 2})
}

// RTP-12: at the end of a stream all comes out.
func TestFlush(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(1, 3, 5)
	l.Flush(l.out)
	l.want(1, 3, 5)
	l.push(6)
	l.want(6)
}

// RTP-12: after Reset the next packet is the first, whatever it is.
func TestReset(t *testing.T) {
	l := newLine(t, delay, 64)
	l.push(1, 3, 40000)
	l.Reset()
	if _, waiting := l.Deadline(); waiting {
		t.Error("something waits")
	}
	l.push(2, 3)
	l.want(1, 2, 3)
}

// RTP-12: 5 % reordered by up to 50 ms, 1 % duplicated, none lost: every packet comes out once and in order.
func TestNothingIsLostInReordering(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 1))
	type arrival struct {
		at  time.Duration
		seq uint16
	}
	var arrivals []arrival
	const n = 100_000
	for i := range n {
		at := time.Duration(i) * ms / 2
		if random.IntN(100) == 0 {
			arrivals = append(arrivals, arrival{at, uint16(i)})
		}
		if i > 0 && random.IntN(20) == 0 {
			at += time.Duration(random.Int64N(int64(50 * ms)))
		}
		arrivals = append(arrivals, arrival{at, uint16(i)})
	}
	slices.SortStableFunc(arrivals, func(a, b arrival) int { return cmp.Compare(a.at, b.at) })
	l := newLine(t, delay, 512)
	for _, a := range arrivals {
		l.wait(start.Add(a.at).Sub(l.now))
		l.push(a.seq)
	}
	if !slices.Equal(l.got, sequence(0, n)) {
		t.Errorf("%d packets of %d: %+v", len(l.got), n, l.Stats())
	}
	if stats := l.Stats(); stats.Lost != 0 || stats.Duplicates+stats.Late != int64(len(arrivals)-n) || stats.Restarts != 0 {
		t.Errorf("%+v", stats)
	}
}

// RTP-12, SEC-01: output goes up between restarts, nothing is invented, damaged or doubled, nothing is held for longer than the delay.
func FuzzReorderer(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 3, 10, 0, 2, 0, 0, 4, 255}, uint8(8), uint8(100))
	f.Add([]byte{0xff, 0xff, 0, 0x90, 0, 1, 0x90, 1, 1, 0, 0, 60}, uint8(2), uint8(50))
	f.Add([]byte{20, 0, 0, 19, 0, 101, 19, 1, 101, 19, 2, 101, 19, 3, 101}, uint8(0), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, maxPackets, delayMS uint8) {
		c := checker{t: t, r: rtp.NewReorderer(time.Duration(delayMS)*ms, int(maxPackets)), delay: time.Duration(delayMS) * ms, now: start}
		for ; len(data) >= 3; data = data[3:] {
			c.wait(time.Duration(data[2]>>1) * ms)
			c.push(binary.BigEndian.Uint16(data), int(data[2]&1)*3000)
		}
		c.wait(time.Hour)
		if _, waiting := c.r.Deadline(); waiting {
			t.Error("something waits for ever")
		}
		c.account()
	})
}

// checker is a Reorderer whose properties are checked with every packet. Each packet carries its number of arrival.
type checker struct {
	t        *testing.T
	r        *rtp.Reorderer
	delay    time.Duration
	now      time.Time
	came     []time.Time // by number of arrival
	passed   []bool
	last     uint16
	restarts int64
	out      int64
}

func (c *checker) push(seq uint16, size int) {
	pkt := binary.BigEndian.AppendUint32(rtp.AppendHeader(nil, rtp.Header{Sequence: seq}), uint32(len(c.came)))
	c.came, c.passed = append(c.came, c.now), append(c.passed, false)
	pkt = append(pkt, make([]byte, size)...)
	c.r.Push(pkt, c.now, c.pass)
	clear(pkt)
}

func (c *checker) wait(d time.Duration) {
	end := c.now.Add(d)
	for due, waiting := c.r.Deadline(); waiting && !due.After(end); due, waiting = c.r.Deadline() {
		c.now = due
		c.r.Expire(c.now, c.pass)
	}
	c.now = end
}

func (c *checker) pass(pkt []byte) {
	number, seq := binary.BigEndian.Uint32(pkt[rtp.HeaderSize:]), rtp.Packet(pkt).Sequence()
	if int(number) >= len(c.came) || c.passed[number] {
		c.t.Fatalf("packet %d (seq %d) is invented or doubled", number, seq)
	}
	c.passed[number] = true
	if held := c.now.Sub(c.came[number]); held > c.delay {
		c.t.Fatalf("packet %d (seq %d) was held for %v", number, seq, held)
	}
	restarts := c.r.Stats().Restarts
	if c.out > 0 && restarts == c.restarts && !rtp.SeqLess(c.last, seq) {
		c.t.Fatalf("%d after %d", seq, c.last)
	}
	c.last, c.restarts = seq, restarts
	c.out++
}

// account checks that every packet was passed on or counted as dropped; one stray may still be in doubt.
func (c *checker) account() {
	s := c.r.Stats()
	if rest := int64(len(c.came)) - c.out - s.Late - s.Duplicates - s.Strays; rest < 0 || rest > 1 {
		c.t.Errorf("%d came, %d passed on, %+v", len(c.came), c.out, s)
	}
}
