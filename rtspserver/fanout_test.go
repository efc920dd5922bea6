package rtspserver_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// A fanout is a presentation with readers that take all that they get.
type fanout struct {
	live    *rtspserver.Live
	packet  rtp.Packet
	gauge   *servertest.Gauge
	readers int
}

// newFanout plays a presentation to readers on loopback.
func newFanout(t testing.TB, tcp, udp int) *fanout {
	w := servertest.Loopback(t, false, nil)
	src := servertest.Source{}
	f := &fanout{live: w.Handler.Live("cam", servertest.Audio), gauge: servertest.NewGauge(), readers: tcp + udp}
	f.packet = src.Packet(true, make([]byte, 1200)...)
	for i := range f.readers {
		lower := "tcp"
		if i >= tcp {
			lower = "udp"
		}
		c := w.Dial()
		t.Cleanup(c.Close)
		lane := c.Watch("cam", lower, 1)[0]
		go lane.Drain(f.gauge.Got) // ends with its connection or port
	}
	return f
}

// deliver sends one packet to all readers and waits until they have it.
func (f *fanout) deliver() {
	f.gauge.Expect(f.readers)
	f.packet.SetSequence(f.packet.Sequence() + 1)
	f.packet.SetTimestamp(f.packet.Timestamp() + 160)
	f.live.Write(0, f.packet, time.Now())
	f.live.Flush()
	f.gauge.Wait()
}

// A packet on its way to 50 readers over tcp and 50 over udp, from Write to the sockets, allocates nothing
// for a reader, which would make 50 or 100. What is left is a chunk of the timeline every few hundred packets,
// and reports every few seconds, which are more for each packet the slower the machine is.
func TestFanoutAllocs(t *testing.T) {
	f := newFanout(t, 50, 50)
	for range 300 {
		f.deliver()
	}
	if n := testing.AllocsPerRun(1000, f.deliver); n >= 10 {
		t.Errorf("%v allocations a packet", n)
	}
}

// One packet written and taken by all readers, whose reading is part of the figure.
func BenchmarkFanout(b *testing.B) {
	for _, lower := range []string{"tcp", "udp"} {
		b.Run(lower, func(b *testing.B) {
			for _, n := range []int{1, 100, 1000} {
				b.Run(fmt.Sprint(n), func(b *testing.B) {
					f := newFanout(b, map[string]int{"tcp": n}[lower], map[string]int{"udp": n}[lower])
					for range 10 {
						f.deliver()
					}
					b.ReportAllocs()
					b.SetBytes(int64(len(f.packet) * n))
					for b.Loop() {
						f.deliver()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/delivery")
				})
			}
		})
	}
}
