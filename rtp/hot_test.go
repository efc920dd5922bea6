package rtp_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtp"
)

// compound is what a reader sends: RR with a block, CNAME, a NACK.
func compound() []byte {
	b := rtp.AppendReceiverReport(nil, 1, rtp.ReportBlock{SSRC: 2, TotalLost: -1})
	b = rtp.AppendCNAME(b, 1, "somebody@example")
	return rtp.AppendNACK(b, 1, 2, 5, 7, 9)
}

// hot are the functions that run for every packet or report; each adds to a sum so that nothing is optimised away.
func hot() map[string]func() int {
	pkt := rtp.Packet(numbered(0, 1200))
	withExtension := rtp.Packet("\x90\x60\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\xbe\xde\x00\x01\x10\xaa\x00\x00payload")
	report := compound()
	buffer := make([]byte, 0, 1500)
	header := rtp.Header{PayloadType: 96, Sequence: 1, SSRC: 2}
	block := rtp.ReportBlock{SSRC: 2}

	total := 0
	out := func(pkt []byte) { total += len(pkt) }
	inOrder, reordered := rtp.NewReorderer(delay, 64), rtp.NewReorderer(delay, 64)
	receiver, clock := rtp.NewReceiver(90000), rtp.NewClock(90000, nil)
	seq, pair, now := uint16(0), uint16(0), start

	return map[string]func() int{
		"Packet": func() int {
			if pkt.Validate() != nil {
				return 0
			}
			return len(pkt.Payload()) + int(pkt.Sequence())
		},
		"Extensions": func() int {
			n := 0
			for id, data := range withExtension.Extensions() {
				n += int(id) + len(data)
			}
			return n
		},
		"AppendHeader": func() int { return len(rtp.AppendHeader(buffer, header)) },
		"ReadCompound": func() int {
			if rtp.ValidateCompound(report) != nil {
				return 0
			}
			n := 0
			for p := range rtp.Packets(report) {
				for r := range p.Reports() {
					n += int(r.SSRC)
				}
				for item := range p.Items() {
					n += len(item.Text)
				}
				if f, ok := p.Feedback(); ok {
					for lost := range f.Lost() {
						n += int(lost)
					}
				}
			}
			return n
		},
		"AppendReport": func() int {
			b := rtp.AppendSenderReport(buffer, rtp.SenderReport{SSRC: 1}, block)
			b = rtp.AppendCNAME(b, 1, "somebody@example")
			return len(rtp.AppendBye(b, "", 1))
		},
		"IsPunch": func() int {
			if rtp.IsPunch(pkt) || rtp.IsRTCP(pkt) {
				return 0
			}
			return 1
		},
		"Receiver": func() int {
			seq++
			now = now.Add(ms)
			receiver.Received(seq, uint32(seq)*90, now)
			return 1
		},
		"Clock": func() int {
			seq++
			now = now.Add(ms)
			clock.Arrived(uint32(seq)*90, now)
			return int(clock.Timestamp(now))
		},
		"ReordererInOrder": func() int {
			total = 0
			seq++
			pkt.SetSequence(seq)
			inOrder.Push(pkt, now, out)
			return total
		},
		"ReordererSwapped": func() int {
			total = 0
			for _, seq := range [...]uint16{pair, pair + 2, pair + 1} {
				pkt.SetSequence(seq)
				reordered.Push(pkt, now, out)
			}
			pair += 3
			return total
		},
	}
}

// The hot functions allocate nothing, not even the reordering once its buffers are there. SEC-01
func TestHotFunctionsDoNotAllocate(t *testing.T) {
	for name, f := range hot() {
		if raceEnabled && name == "ReordererSwapped" {
			continue // sync.Pool forgets at random then
		}
		sum := f()
		if allocs := testing.AllocsPerRun(200, func() { sum += f() }); allocs != 0 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
		if sum == 0 {
			t.Errorf("%s does nothing", name)
		}
	}
}

// A flood of wrong packets costs no allocation either. SEC-01
func TestRefusalDoesNotAllocate(t *testing.T) {
	short, cut := rtp.Packet("\x80\x60"), []byte("\x81\xc9\x00\x07\x00\x00")
	if allocs := testing.AllocsPerRun(200, func() {
		if short.Validate() == nil || rtp.ValidateCompound(cut) == nil {
			t.Error("believed")
		}
	}); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// What a reordering burst leaves behind is bounded: buffers are used again. RTP-12
func TestReordererUsesItsBuffersAgain(t *testing.T) {
	r := rtp.NewReorderer(delay, 64)
	pkt, seq, n := rtp.Packet(numbered(0, 1200)), uint16(0), 0
	out := func([]byte) { n++ }
	burst := func() {
		for i := range uint16(50) {
			pkt.SetSequence(seq + 50 - i)
			r.Push(pkt, start, out)
		}
		seq += 50
	}
	pkt.SetSequence(seq)
	r.Push(pkt, start, out)
	if allocs := testing.AllocsPerRun(20, burst); allocs != 0 && !raceEnabled {
		t.Errorf("%v allocations", allocs)
	}
	if want := 1 + 21*50; n != want {
		t.Errorf("%d passed on, want %d", n, want)
	}
}

func benchmark(b *testing.B, name string) {
	f, sum := hot()[name], 0
	b.ReportAllocs()
	for b.Loop() {
		sum += f()
	}
	if sum == 0 {
		b.Error("nothing done")
	}
}

func BenchmarkPacket(b *testing.B)           { benchmark(b, "Packet") }
func BenchmarkExtensions(b *testing.B)       { benchmark(b, "Extensions") }
func BenchmarkAppendHeader(b *testing.B)     { benchmark(b, "AppendHeader") }
func BenchmarkReadCompound(b *testing.B)     { benchmark(b, "ReadCompound") }
func BenchmarkAppendReport(b *testing.B)     { benchmark(b, "AppendReport") }
func BenchmarkReceiver(b *testing.B)         { benchmark(b, "Receiver") }
func BenchmarkClock(b *testing.B)            { benchmark(b, "Clock") }
func BenchmarkReordererInOrder(b *testing.B) { benchmark(b, "ReordererInOrder") }
func BenchmarkReordererSwapped(b *testing.B) { benchmark(b, "ReordererSwapped") }

// One packet lost of a hundred, with the timer of 100 ms at 1000 packets a second: a hundred packets wait at a time.
func BenchmarkReordererWithLoss(b *testing.B) {
	r := rtp.NewReorderer(delay, 512)
	pkt, seq, now, n := rtp.Packet(numbered(0, 1200)), uint16(0), start, 0
	out := func([]byte) { n++ }
	b.ReportAllocs()
	for b.Loop() {
		if seq++; seq%100 == 50 {
			seq++
		}
		now = now.Add(time.Millisecond)
		pkt.SetSequence(seq)
		r.Push(pkt, now, out)
	}
}
