package main

import (
	"fmt"
	"log"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"
)

// pull plays many sources at once and prints what that cost.
func pull(args []string) {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		log.Fatal(err)
	}
	seconds, err := strconv.ParseFloat(args[2], 64)
	if err != nil {
		log.Fatal(err)
	}
	transport := gortsplib.ProtocolTCP
	if args[3] == "udp" {
		transport = gortsplib.ProtocolUDP
	}
	var bytes, packets atomic.Int64
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { // ends when the source plays
			u, err := base.ParseURL(fmt.Sprintf(args[0], i))
			if err != nil {
				log.Fatal(err)
			}
			c := &gortsplib.Client{Scheme: u.Scheme, Host: u.Host, Protocol: &transport}
			if err := c.Start(); err != nil {
				log.Fatal(err)
			}
			desc, _, err := c.Describe(u)
			if err == nil {
				err = c.SetupAll(desc.BaseURL, desc.Medias)
			}
			if err == nil {
				c.OnPacketRTPAny(func(_ *description.Media, _ format.Format, p *rtp.Packet) {
					bytes.Add(int64(p.MarshalSize()))
					packets.Add(1)
				})
				_, err = c.Play(nil)
			}
			if err != nil {
				log.Fatal(err)
			}
		})
	}
	wg.Wait()
	b, p, cost := bytes.Load(), packets.Load(), used()
	time.Sleep(time.Duration(seconds * float64(time.Second)))
	gigabits := float64(bytes.Load()-b) * 8 / 1e9
	fmt.Printf("{\"gigabits\":%g,\"packets\":%d,\"cpu_s_per_gigabit\":%g}\n", gigabits, packets.Load()-p, (used()-cost)/gigabits)
}

// used is the processor time of this process in seconds.
func used() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		log.Fatal(err)
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}
