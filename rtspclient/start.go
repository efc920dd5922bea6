package rtspclient

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/internal/reach"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
)

// maxHops is how often a client lets itself be sent elsewhere (RED-05).
const maxHops = 5

// Play connects to a URL and plays all its tracks, over the first of the lower transports that works. It returns when the
// server plays, and over UDP when the first packet has come. A server that is busy (503) is asked once more, after its
// Retry-After when that is 30 seconds at most.
func Play(ctx context.Context, url string, cfg *Config) (*Client, error) {
	full := cfg.filled()
	return full.travel(ctx, url, func(ctx context.Context, url string, lower Lower) (*Client, error) {
		return full.play(ctx, url, lower)
	})
}

// Open connects to a URL and describes it, going where the server sends it. Nothing is set up yet.
func Open(ctx context.Context, url string, cfg *Config) (*Client, error) {
	full := cfg.filled()
	return full.travel(ctx, url, func(ctx context.Context, url string, _ Lower) (*Client, error) {
		client, err := full.open(ctx, url)
		if err != nil {
			return nil, err
		}
		if _, err := client.Describe(ctx); err != nil {
			client.Close()
			return nil, err
		}
		return client, nil
	})
}

// Publish connects to a URL and publishes a presentation. Packets are written to the tracks of the client that it returns.
func Publish(ctx context.Context, url string, desc *sdp.Session, cfg *Config) (*Client, error) {
	full := cfg.filled()
	return full.travel(ctx, url, func(ctx context.Context, url string, lower Lower) (*Client, error) {
		return full.publish(ctx, url, desc, lower)
	})
}

// Follow plays a URL, and calls playing with each client that plays: when the server sends it elsewhere the next one plays
// there. It returns when a client has ended for another reason, which is the error, or ctx has. Clients are closed.
func Follow(ctx context.Context, url string, cfg *Config, playing func(*Client)) error {
	full := cfg.filled()
	for hops := 0; ; hops++ {
		c, err := Play(ctx, url, &full)
		if err != nil {
			return err
		}
		playing(c)
		select {
		case <-c.Done():
			err = c.Err()
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		c.Close()
		var redirected *RedirectError
		if !errors.As(err, &redirected) {
			return err
		}
		if hops == maxHops {
			return fmt.Errorf("redirected %d times: %w", hops, err)
		}
		if url, err = full.hop(c.URL(), redirected.Location, url); err != nil {
			return err
		}
	}
}

// travel tries one lower transport after the other, and goes where servers send the client.
func (c *Config) travel(ctx context.Context, url string, try func(context.Context, string, Lower) (*Client, error)) (*Client, error) {
	lowers, hops, again := c.Lowers, 0, true
	if reach.IsWeb(url) {
		lowers = []Lower{TCP}
	}
	for {
		client, err := try(ctx, url, lowers[0])
		var redirected *RedirectError
		switch {
		case err == nil:
			return client, nil
		case errors.As(err, &redirected):
			if hops++; hops > maxHops {
				return nil, fmt.Errorf("redirected %d times: %w", maxHops, err)
			}
			if url, err = c.hop(url, redirected.Location, url); err != nil {
				return nil, err
			}
		case len(lowers) > 1 && otherLower(err) && ctx.Err() == nil:
			c.FellBack(lowers[0], lowers[1], err)
			lowers = lowers[1:] // described anew: cameras forget (DSC-10)
		default:
			d, ok := busy(err, time.Now())
			if !again || !ok || wait(ctx, d) != nil {
				return nil, err
			}
			again = false
		}
	}
}

// How long a server is given that cannot serve just now, where it does not say: gst-rtsp-server cannot while media ends that it
// shares; and how long at most, where it does.
const (
	busyFor     = 500 * time.Millisecond
	longestBusy = 30 * time.Second
)

// busy tells a refusal that is said to be for a while, and for how long (RED-06). It is not, where the server says longer than
// is worth waiting.
func busy(err error, now time.Time) (time.Duration, bool) {
	var refused *rtsp.StatusError
	if !errors.As(err, &refused) || refused.Code != rtsp.StatusServiceUnavailable {
		return 0, false
	}
	d := retryAfter(refused.Header.Get("Retry-After"), now)
	return d, d <= longestBusy
}

// retryAfter reads seconds or a date (RFC 2326 §12.31).
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 32); err == nil {
		return max(time.Duration(n)*time.Second, busyFor)
	}
	if at, err := rtsp.ParseDate(s); err == nil {
		return max(at.Sub(now), busyFor)
	}
	return busyFor
}

// wait returns the error of ctx, at once when that would end first.
func wait(ctx context.Context, d time.Duration) error {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return context.DeadlineExceeded
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// otherLower tells that another lower transport may work.
func otherLower(err error) bool {
	var refused *rtsp.StatusError
	return errors.Is(err, ErrSilence) || errors.Is(err, errTransport) ||
		errors.As(err, &refused) && refused.Code == rtsp.StatusUnsupportedTransport
}

// Redirect is the URL to go on with when a client that was made for url, with this configuration, has been sent to a location, for
// those who do not leave that to [Follow]. Credentials go along only to the same host, else c loses them; from TLS nothing leads to
// clear text, which is an error. Where that may lead at all is for [Config.Permit] to say.
func (c *Config) Redirect(client *Client, url, location string) (string, error) {
	return c.hop(client.URL(), location, url)
}

// hop is the URL to go on with. Credentials go with it only to the same host, and never from TLS to clear text (RED-05).
func (c *Config) hop(from, location, withUser string) (string, error) {
	if location == "" {
		return from, nil // the same place again
	}
	if reach.IsWeb(withUser) {
		return withUser, c.hopWeb(withUser, location)
	}
	location = rtsp.ResolveControl(rtsp.WithoutUser(from), location)
	old, err := rtsp.ParseURL(withUser)
	if err != nil {
		return "", err
	}
	next, err := rtsp.ParseURL(location)
	if err != nil || next.Host == "" {
		return "", fmt.Errorf("rtspclient: redirected to %q, which is no URL", rtsp.WithoutUser(location))
	}
	if old.Scheme == "rtsps" && next.Scheme != "rtsps" {
		return "", fmt.Errorf("rtspclient: redirected from TLS to %q", rtsp.WithoutUser(location))
	}
	if next.Hostname() != old.Hostname() {
		c.User, c.Password = "", ""
		return location, nil
	}
	if old.HasUser && !next.HasUser {
		c.User, c.Password = old.User, old.Password
	}
	return location, nil
}

// hopWeb asks for something else over the same WebSocket: its server is the only one that is known to be reached so.
func (c *Config) hopWeb(url, location string) error {
	_, from, err := c.place(url)
	if err != nil {
		return err
	}
	location = rtsp.ResolveControl(from, location)
	if !usable(location) {
		return fmt.Errorf("rtspclient: redirected over WebSocket to %q", rtsp.WithoutUser(location))
	}
	c.RequestURL = location
	return nil
}

// open connects and asks what the server can do. It may not know the question (CAP-18).
func (c *Config) open(ctx context.Context, url string) (*Client, error) {
	client, err := Dial(ctx, url, c)
	if err != nil {
		return nil, err
	}
	if _, err := client.Options(ctx); err != nil && !unsupported(err) {
		client.Close()
		return nil, err
	}
	return client, nil
}

func (c *Config) play(ctx context.Context, url string, lower Lower) (*Client, error) {
	heard := make(chan struct{}, 1)
	watched := *c
	watched.Packet = func(p Packet) {
		if !p.RTCP {
			select {
			case heard <- struct{}{}:
			default:
			}
		}
		c.Packet(p)
	}
	client, err := watched.open(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := client.begin(ctx, lower, heard); err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}

// begin plays all tracks, and waits for the first packet where it may not come.
func (c *Client) begin(ctx context.Context, lower Lower, heard <-chan struct{}) error {
	desc, err := c.Describe(ctx)
	if err != nil {
		return err
	}
	if err := c.setupAll(ctx, c.cfg.wanted(desc), lower, c.setupDescribed); err != nil {
		return err
	}
	if _, err := c.Play(ctx, nil); err != nil || lower == TCP {
		return err
	}
	patience := time.NewTimer(c.cfg.Patience)
	defer patience.Stop()
	select {
	case <-heard:
		return nil
	case <-c.done:
		return c.Err()
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-patience.C:
		return ErrSilence
	}
}

// Playable are the indexes of the media sections that [Play] would set up, once the presentation is described: not those that only
// take media.
func (c *Client) Playable() []int { return c.cfg.wanted(c.Description()) }

// wanted are the tracks to set up. Back channels, which take media, are not asked for; cameras that call everything a back
// channel do not mean it (DSC-11, ONV-08). Of tracks that share a URL the first stands for all (URL-11).
func (c *Config) wanted(desc *sdp.Session) (list []int) {
	back := func(m *sdp.Media) bool { _, ok := m.Attr("sendonly"); return ok }
	all := true
	for _, m := range desc.Media {
		all = all && back(m)
	}
	seen := map[string]bool{}
	for i, m := range desc.Media {
		if back(m) && !all || c.Tracks != nil && !c.Tracks(m) || m.Control() != "" && seen[m.Control()] {
			continue
		}
		seen[m.Control()] = true
		list = append(list, i)
	}
	return list
}

func (c *Client) setupAll(ctx context.Context, tracks []int, lower Lower, setup func(context.Context, int, Lower) (*Track, error)) error {
	if len(tracks) == 0 {
		return errors.New("rtspclient: there is no track to set up")
	}
	for _, i := range tracks {
		if _, err := setup(ctx, i, lower); err != nil {
			return err
		}
	}
	return nil
}

// setupDescribed is Setup, and describes once more for a camera that has forgotten that it was asked.
func (c *Client) setupDescribed(ctx context.Context, index int, lower Lower) (*Track, error) {
	t, err := c.Setup(ctx, index, lower)
	if !forgotten(err) {
		return t, err
	}
	if _, err := c.Describe(ctx); err != nil {
		return nil, err
	}
	return c.Setup(ctx, index, lower)
}

// forgotten tells the refusal of a camera that takes SETUP right behind DESCRIBE only, seen of Hikvision.
func forgotten(err error) bool {
	var refused *rtsp.StatusError
	return errors.As(err, &refused) && (refused.Code == rtsp.StatusBadRequest || refused.Code == rtsp.StatusMethodNotValidInThisState)
}

func (c *Config) publish(ctx context.Context, url string, desc *sdp.Session, lower Lower) (*Client, error) {
	client, err := c.open(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := client.record(ctx, desc, lower); err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}

// record publishes all tracks of a description.
func (c *Client) record(ctx context.Context, desc *sdp.Session, lower Lower) error {
	if err := c.Announce(ctx, desc); err != nil {
		return err
	}
	var all []int
	for i := range desc.Media {
		all = append(all, i)
	}
	if err := c.setupAll(ctx, all, lower, c.Setup); err != nil {
		return err
	}
	return c.Record(ctx)
}
