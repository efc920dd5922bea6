package rtspclient

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

const (
	reportInterval = 4500 * time.Millisecond // some cameras end a session without a report in 5 s (SES-16)
	punchInterval  = 15 * time.Second        // while nothing comes back
	noSilence      = time.Hour
)

// watch keeps the session alive, reports, and notices silence.
func (c *Client) watch() {
	ssrc := rand.Uint32()
	timer := time.NewTimer(0)
	defer timer.Stop()
	report, punched := time.Now().Add(reportInterval), time.Now()
	for {
		select {
		case <-c.done:
			return
		case <-c.poke:
		case <-timer.C:
		}
		now := time.Now()
		if !now.Before(report) {
			c.report(ssrc, now)
			report = now.Add(reportInterval)
		}
		if now.Sub(punched) >= punchInterval {
			c.punch()
			punched = now
		}
		alive, quiet := c.keepAlive(now), c.silence(now)
		timer.Reset(min(report.Sub(now), alive, quiet))
	}
}

// wakeWatch has the watch look again at what it waits for.
func (c *Client) wakeWatch() {
	select {
	case c.poke <- struct{}{}:
	default: // it will
	}
}

// keepAlive makes a request when half the session's timeout has passed without one (SES-13). Its answer is not waited for: some
// cameras send none. It returns how long until the next.
func (c *Client) keepAlive(now time.Time) time.Duration {
	c.mu.Lock()
	session, half, told, public := c.session, c.timeout/2, c.told, c.public
	left := half - now.Sub(told)
	if left <= 0 && !told.IsZero() {
		c.renewed = false
	}
	c.mu.Unlock()
	if session == "" {
		return half
	}
	if left > 0 {
		return left
	}
	method := rtsp.MethodOptions
	if slices.Contains(public, rtsp.MethodGetParameter) {
		method = rtsp.MethodGetParameter
	}
	if err := c.conn.post(c.request(method, c.aggregate(), nil, nil)); err != nil {
		c.end(err)
	}
	return half
}

// renew takes the challenge of a keep-alive that was refused, and has another made at once (SES-15): one, for a server that has
// a new nonce in every answer.
func (c *Client) renew(resp *rtsp.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if fresh, err := c.auth.Challenge(rtsp.ParseChallenges(resp.Header.Values("WWW-Authenticate"))); err == nil && fresh && !c.renewed {
		c.told, c.renewed = time.Time{}, true
		c.wakeWatch()
	}
}

// silence ends a client to which nothing comes any more. It returns how long that can not be.
func (c *Client) silence(now time.Time) time.Duration {
	c.mu.Lock()
	playing, heard, publishing := c.playing, c.since, c.publishing
	c.mu.Unlock()
	limit := c.cfg.Silence
	if limit <= 0 || !playing || publishing {
		return noSilence
	}
	for _, t := range c.Tracks() {
		if at := time.Unix(0, t.heard.Load()); at.After(heard) {
			heard = at
		}
	}
	left := limit - now.Sub(heard)
	if left <= 0 {
		c.end(ErrSilence)
	}
	return max(left, time.Millisecond)
}

// report sends a report for each track.
func (c *Client) report(ssrc uint32, now time.Time) {
	c.mu.Lock()
	playing, publishing := c.playing, c.publishing
	c.mu.Unlock()
	if !playing {
		return
	}
	var b []byte
	for _, t := range c.own() {
		if publishing {
			b = t.senderReport(b[:0], now)
		} else {
			b = t.report(b[:0], ssrc, now)
		}
		if len(b) > 0 {
			t.send(b, true)
		}
	}
}
