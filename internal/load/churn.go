package load

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// ChurnConfig says how readers come and go.
type ChurnConfig struct {
	URL    string
	Joins  int  // how many in all
	Rate   int  // a second; 0 means 500
	AtOnce int  // at most at a time; 0 means 32
	UDP    bool // else interleaved
}

// A Churned is what came of it. The time is in milliseconds.
type Churned struct {
	Joined   int     `json:"joined"`  // and got media
	Failed   int     `json:"failed"`  // could not be set up
	Starved  int     `json:"starved"` // got nothing within five seconds
	FirstP99 float64 `json:"first_p99_ms"`
	Seconds  float64 `json:"seconds"`
}

// churning is how long a reader waits for its first packet, which it leaves behind.
const churning = 5 * time.Second

// Churn has readers join, get their first packet and leave: every other one with TEARDOWN, the rest by going away.
func Churn(ctx context.Context, cfg ChurnConfig) (*Churned, error) {
	cfg.Rate, cfg.AtOnce = orDefault(cfg.Rate, 500), orDefault(cfg.AtOnce, 32)
	places := make(chan struct{}, cfg.AtOnce)
	var wg sync.WaitGroup
	var failed, starved atomic.Int64
	first := make([]time.Duration, cfg.Joins)
	begun := time.Now()
	for i := range cfg.Joins {
		if sleep(ctx, time.Until(begun.Add(time.Second*time.Duration(i)/time.Duration(cfg.Rate)))) != nil {
			break
		}
		places <- struct{}{}
		wg.Go(func() { // ends when the reader has left
			defer func() { <-places }()
			switch d, err := visit(ctx, &cfg, i%2 == 0); {
			case err != nil:
				failed.Add(1)
			case d == 0:
				starved.Add(1)
			default:
				first[i] = d
			}
		})
	}
	wg.Wait()
	res := &Churned{Failed: int(failed.Load()), Starved: int(starved.Load()), Seconds: time.Since(begun).Seconds()}
	var came []time.Duration
	for _, d := range first {
		if d > 0 {
			came = append(came, d)
		}
	}
	res.Joined, res.FirstP99 = len(came), percentile(came, .99)
	return res, ctx.Err()
}

// visit is one reader, and how long its first packet took; 0: none came.
func visit(ctx context.Context, cfg *ChurnConfig, politely bool) (time.Duration, error) {
	r, err := newReader(ctx, door{url: cfg.URL}, 1, cfg.UDP, false)
	if err != nil {
		return 0, err
	}
	defer r.close()
	if !r.wait() {
		return 0, nil
	}
	if politely {
		r.conn.do(rtsp.MethodTeardown, rtsp.WithoutUser(cfg.URL), nil, "", nil) // whatever it answers: the reader leaves
	}
	return time.Duration(r.first.Load()), nil
}

// wait reads until the first byte of media has come; false: in time came none.
func (r *reader) wait() bool {
	r.media.SetReadDeadline(time.Now().Add(churning))
	for r.first.Load() == 0 {
		if r.media != r.conn {
			b := make([]byte, 2048)
			n, err := r.media.Read(b)
			if err != nil {
				return false
			}
			r.came(n, time.Now())
			continue
		}
		kind, err := r.conn.read.Next()
		if err != nil {
			return false
		}
		if channel, b := r.conn.read.Frame(); kind == rtsp.KindFrame && channel == 0 {
			r.came(len(b), time.Now())
		}
	}
	return true
}
