package rtp_test

import (
	"fmt"
	"time"

	"github.com/baton-rtsp/baton/rtp"
)

// A packet is read and changed in place.
func ExamplePacket() {
	b := rtp.AppendHeader(nil, rtp.Header{Marker: true, PayloadType: 96, Sequence: 65535, Timestamp: 3600, SSRC: 7})
	b = append(b, "payload"...)

	p := rtp.Packet(b)
	if err := p.Validate(); err != nil {
		fmt.Println(err)
		return
	}
	p.SetSequence(p.Sequence() + 1)
	fmt.Println(p.Sequence(), p.Timestamp(), p.Marker(), string(p.Payload()))
	// Output: 0 3600 true payload
}

// A compound is built by appending and read by iteration.
func ExamplePackets() {
	b := rtp.AppendReceiverReport(nil, 7, rtp.ReportBlock{SSRC: 9, FractionLost: 64, TotalLost: 3})
	b = rtp.AppendCNAME(b, 7, "reader@example")
	b = rtp.AppendNACK(b, 7, 9, 100, 101, 110)

	for p := range rtp.Packets(b) {
		for r := range p.Reports() {
			fmt.Println("lost", r.TotalLost, "of", r.SSRC)
		}
		if _, name, ok := p.CNAME(); ok {
			fmt.Println("from", name)
		}
		if f, ok := p.Feedback(); ok {
			for seq := range f.Lost() {
				fmt.Println("resend", seq)
			}
		}
	}
	// Output:
	// lost 3 of 9
	// from reader@example
	// resend 100
	// resend 101
	// resend 110
}

// A lost packet holds the stream until the deadline and no longer.
func ExampleReorderer() {
	now := time.Now()
	r := rtp.NewReorderer(100*time.Millisecond, 256)
	out := func(pkt []byte) { fmt.Println("packet", rtp.Packet(pkt).Sequence()) }
	for _, seq := range []uint16{1, 3, 2, 5} {
		r.Push(rtp.AppendHeader(nil, rtp.Header{Sequence: seq}), now, out)
	}
	due, _ := r.Deadline()
	fmt.Println("wait", due.Sub(now))
	r.Expire(due, out)
	// Output:
	// packet 1
	// packet 2
	// packet 3
	// wait 100ms
	// packet 5
}

// The report of a receiver: two of eight packets were lost.
func ExampleReceiver() {
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	r := rtp.NewReceiver(90000)
	for _, seq := range []uint16{65533, 65534, 0, 1, 2, 4} {
		r.Received(seq, uint32(seq)*3600, at)
	}
	block := r.Report(at)
	block.SSRC = 9
	fmt.Printf("lost %d (%d/256), highest %d\n", block.TotalLost, block.FractionLost, block.HighestSeq)
	// Output: lost 2 (64/256), highest 65540
}

// A sender report for now, from the clock of the media.
func ExampleClock() {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	clock := rtp.NewClock(90000, nil)
	clock.Sync(now, 1000)

	now = now.Add(5 * time.Second)
	sr := rtp.SenderReport{SSRC: 7, NTP: rtp.NTPTime(now), RTPTime: clock.Timestamp(now), Packets: 125, Octets: 150_000}
	b := rtp.AppendSenderReport(nil, sr)
	b = rtp.AppendCNAME(b, 7, "baton")
	fmt.Println(sr.RTPTime, len(b), rtp.ValidateCompound(b))
	// Output: 451000 44 <nil>
}
