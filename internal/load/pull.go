package load

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtspclient"
)

// PullConfig says what is pulled, by the client library of Baton.
type PullConfig struct {
	URL      string // "%d" in it becomes the number of the source
	Sources  int
	UDP      bool
	Duration time.Duration
}

// A Pulled is what came of it.
type Pulled struct {
	Gigabits float64 `json:"gigabits"`
	Packets  int64   `json:"packets"`
	CPU      float64 `json:"cpu_s_per_gigabit"` // of this process
}

// Pull pulls many sources at once, as a server does that has as many cameras.
func Pull(ctx context.Context, cfg PullConfig) (*Pulled, error) {
	var bytes, packets atomic.Int64
	client := rtspclient.Config{Lowers: []rtspclient.Lower{rtspclient.TCP}, Packet: func(p rtspclient.Packet) {
		bytes.Add(int64(len(p.Data)))
		packets.Add(1)
	}}
	if cfg.UDP {
		client.Lowers = []rtspclient.Lower{rtspclient.UDP}
	}
	var wg sync.WaitGroup
	clients := make([]*rtspclient.Client, cfg.Sources)
	errs := make([]error, cfg.Sources)
	for i := range cfg.Sources {
		wg.Go(func() { // ends when the source plays
			clients[i], errs[i] = rtspclient.Play(ctx, fmt.Sprintf(cfg.URL, i), &client)
		})
	}
	wg.Wait()
	defer func() {
		for _, c := range clients {
			if c != nil {
				c.Close()
			}
		}
	}()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	before, cost := [2]int64{bytes.Load(), packets.Load()}, costOf(os.Getpid())
	if err := sleep(ctx, cfg.Duration); err != nil {
		return nil, err
	}
	after := costOf(os.Getpid())
	r := &Pulled{Gigabits: float64(bytes.Load()-before[0]) * 8 / 1e9, Packets: packets.Load() - before[1]}
	if r.Gigabits > 0 {
		r.CPU = (after.user + after.system - cost.user - cost.system) / r.Gigabits
	}
	return r, nil
}
