package load

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
)

// GuessConfig says how passwords are guessed, beside somebody who knows theirs.
type GuessConfig struct {
	// URL has the user and the password of who knows it. Over rtsp these log in with Digest, and so do guesses; over rtsps
	// with Basic, which costs the server more.
	URL       string
	Guesses   int // how many wrong ones
	Addresses int // of this machine from which they come; 0 means 1
	AtOnce    int // at a time; 0 means 64
	PID       int // the server's process (Linux); 0: none
}

// A Guessed is what came of it. Times are in milliseconds.
type Guessed struct {
	Looked  int     `json:"looked_at"`   // guesses that were answered with 401
	Turned  int     `json:"turned_away"` // with 503, without a look
	Failed  int     `json:"failed"`      // otherwise, or not at all
	Seconds float64 `json:"seconds"`
	Minute  float64 `json:"looked_at_a_minute_and_address"` // a run of less counts as a minute

	Logins int     `json:"logins"` // of who knows the password
	Lost   int     `json:"logins_failed"`
	First  float64 `json:"login_first_ms"` // from connecting to the response to PLAY, over rtsps to that to DESCRIBE
	P50    float64 `json:"login_p50_ms"`
	P99    float64 `json:"login_p99_ms"`
	Max    float64 `json:"login_max_ms"`

	Before float64 `json:"resident_before_mb"` // of the server
	Peak   float64 `json:"resident_peak_mb"`   // the most since it was started
}

// Guess guesses passwords, each on a connection of its own, while somebody logs in again and again.
func Guess(ctx context.Context, cfg GuessConfig) (*Guessed, error) {
	cfg.Addresses, cfg.AtOnce = orDefault(cfg.Addresses, 1), orDefault(cfg.AtOnce, 64)
	var looked, turned, failed atomic.Int64
	res := &Guessed{Before: costOf(cfg.PID).resident}
	var took []time.Duration
	var user sync.WaitGroup
	enough := make(chan struct{})
	user.Go(func() { took, res.Lost = logins(ctx, cfg.URL, enough) }) // ends with enough
	begun := time.Now()
	places := make(chan struct{}, cfg.AtOnce)
	var all sync.WaitGroup
	for i := range cfg.Guesses {
		places <- struct{}{}
		all.Go(func() { // ends with its answer
			defer func() { <-places }()
			switch status, _ := guess(ctx, &cfg, i); status {
			case rtsp.StatusUnauthorized:
				looked.Add(1)
			case rtsp.StatusServiceUnavailable:
				turned.Add(1)
			default:
				failed.Add(1)
			}
		})
	}
	all.Wait()
	res.Seconds = time.Since(begun).Seconds()
	close(enough)
	user.Wait()
	res.Looked, res.Turned, res.Failed = int(looked.Load()), int(turned.Load()), int(failed.Load())
	res.Minute = float64(res.Looked) / float64(cfg.Addresses) / max(1, res.Seconds/60)
	res.Peak = costOf(cfg.PID).peak
	res.First = percentile(took[:min(1, len(took))], 1)
	res.Logins, res.P50, res.P99, res.Max = len(took), percentile(took, .5), percentile(took, .99), percentile(took, 1)
	if res.Logins == 0 {
		return res, fmt.Errorf("who knows the password never got in")
	}
	return res, ctx.Err()
}

// logins logs in and leaves again, once and then until there is enough of it.
func logins(ctx context.Context, url string, enough <-chan struct{}) (took []time.Duration, lost int) {
	for every := time.Tick(20 * time.Millisecond); ; {
		begun := time.Now()
		if login(ctx, url) != nil {
			lost++
		} else {
			took = append(took, time.Since(begun))
		}
		select {
		case <-enough:
			return took, lost
		case <-every:
		}
	}
}

// login logs in and leaves again.
func login(ctx context.Context, url string) error {
	if secure(url) {
		status, err := describeBasic(ctx, url, net.IPv4(127, 0, 0, 1), "")
		if err == nil && status != rtsp.StatusOK {
			err = &rtsp.StatusError{Code: status}
		}
		return err
	}
	c, err := rtspclient.Play(ctx, url, &rtspclient.Config{Lowers: []rtspclient.Lower{rtspclient.TCP}})
	if err == nil {
		c.Close()
	}
	return err
}

// secure tells whether a URL leads to TLS.
func secure(url string) bool { return strings.HasPrefix(url, "rtsps:") }

// guess is one wrong password, with all that a right one would come with.
func guess(ctx context.Context, cfg *GuessConfig, i int) (rtsp.StatusCode, error) {
	from := net.IPv4(127, 0, 3, byte(1+i%cfg.Addresses%250))
	if secure(cfg.URL) {
		return describeBasic(ctx, cfg.URL, from, fmt.Sprintf("user%d:wrong", i%1000))
	}
	c, err := dialFrom(ctx, cfg.URL, from)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	url := rtsp.WithoutUser(cfg.URL)
	resp, err := c.do(rtsp.MethodDescribe, url, nil, "", nil)
	if resp == nil {
		return 0, err
	}
	challenges := rtsp.ParseChallenges(resp.Header.Values("WWW-Authenticate"))
	if resp.Status != rtsp.StatusUnauthorized || len(challenges) == 0 {
		return 0, fmt.Errorf("nobody is asked for a password: %d", resp.Status)
	}
	var h rtsp.Header
	h.Set("Authorization", fmt.Sprintf(`Digest username="user%d", realm="%s", nonce="%s", uri="%s", algorithm=%s, qop=auth, nc=00000001, cnonce="c", response="%064x"`,
		i%1000, challenges[0].Param("realm"), challenges[0].Param("nonce"), url, challenges[0].Param("algorithm"), i))
	resp, err = c.do(rtsp.MethodDescribe, url, h, "", nil)
	if resp == nil {
		return 0, err
	}
	return resp.Status, nil
}

// describeBasic asks with a password as it is, that of the URL where none is given as user:password.
func describeBasic(ctx context.Context, url string, from net.IP, password string) (rtsp.StatusCode, error) {
	if u, err := rtsp.ParseURL(url); err == nil && password == "" {
		password = u.User + ":" + u.Password
	}
	c, err := dialFrom(ctx, url, from)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	var h rtsp.Header
	h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(password)))
	resp, err := c.do(rtsp.MethodDescribe, rtsp.WithoutUser(url), h, "", nil)
	if resp == nil {
		return 0, err
	}
	return resp.Status, nil
}
