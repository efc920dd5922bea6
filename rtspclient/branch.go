package rtspclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
)

// Tracks whose control attribute is a URL of another host are sessions of their own there (RFC 2326 §C.2, URL-07). Each has a
// branch: a client of one track that begins, plays and ends with its trunk, the client that was asked for it.

// maxBranches is how many other hosts one description can have the client connect to.
const maxBranches = 8

// elsewhere is the URL of a track that is on another host, "" for one that is not. Where all tracks are on one host it is this
// one: cameras behind a NAT know only the address that they have there.
func (c *Client) elsewhere(desc *sdp.Session, base string, index int) string {
	here, there := hostOf(base), hostOf(desc.Media[index].Control())
	if there == "" || there == here || there == hostOf(c.url) || there == hostOf(desc.Control()) {
		return ""
	}
	for _, m := range desc.Media {
		if hostOf(m.Control()) != there {
			return rtsp.ResolveControl(base, desc.Media[index].Control())
		}
	}
	return ""
}

// hostOf is the host and port of an absolute URL, else "".
func hostOf(url string) string {
	u, err := rtsp.ParseURL(url)
	if err != nil || !strings.Contains(url, "://") {
		return ""
	}
	return net.JoinHostPort(u.Hostname(), strconv.Itoa(int(u.Port())))
}

// branch sets up a track on another host. What holds for redirections holds here (RED-05): the password stays with its host,
// and nothing leaves TLS.
func (c *Client) branch(ctx context.Context, url string, desc *sdp.Session, index int, lower Lower) (*Track, error) {
	cfg := c.cfg
	cfg.Silence, cfg.Described = 0, nil // the trunk listens to all tracks
	c.mu.Lock()
	cfg.User, cfg.Password = c.auth.User, c.auth.Password
	full := len(c.branches) >= maxBranches
	c.mu.Unlock()
	if full {
		return nil, fmt.Errorf("rtspclient: tracks on more than %d other hosts", maxBranches)
	}
	url, err := cfg.hop(c.url, url, c.url)
	if err != nil {
		return nil, err
	}
	b, err := Dial(ctx, url, &cfg)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.alone, b.desc, b.base, b.tracks = true, desc, b.url, make([]*Track, len(desc.Media))
	b.mu.Unlock()
	t, err := b.Setup(ctx, index, lower)
	if err == nil {
		err = c.adopt(b, t)
	}
	if err != nil {
		b.Close()
		return nil, ofBranch(err)
	}
	return t, nil
}

// ofBranch is an error of a branch as one of the trunk, which is not sent elsewhere when one of its tracks is.
func ofBranch(err error) error {
	var redirected *RedirectError
	if errors.As(err, &redirected) {
		return fmt.Errorf("rtspclient: a track on another host: %v", err) //nolint:errorlint // not to be found in it
	}
	return err
}

// adopt has a branch belong to the trunk from now on; it has the place of what the track was before.
func (c *Client) adopt(b *Client, t *Track) error {
	b.mu.Lock()
	b.trunk = c
	err := b.err
	b.mu.Unlock()
	if err != nil {
		return err
	}
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return c.err
	}
	old := c.tracks[t.index]
	c.tracks[t.index] = t
	c.branches = append(c.branches, b)
	c.mu.Unlock()
	c.drop(old)
	return nil
}

// drop ends a track that has been replaced, and its branch.
func (c *Client) drop(t *Track) {
	switch {
	case t == nil:
	case t.client == c:
		t.close()
	default:
		c.mu.Lock()
		c.branches = slices.DeleteFunc(c.branches, func(b *Client) bool { return b == t.client })
		c.mu.Unlock()
		t.client.fell()
	}
}

// fell ends a branch whose trunk goes on.
func (c *Client) fell() {
	c.mu.Lock()
	c.trunk = nil
	c.mu.Unlock()
	c.Close()
}

// prune ends all branches.
func (c *Client) prune() {
	c.mu.Lock()
	list := c.branches
	c.branches = nil
	c.mu.Unlock()
	for _, b := range list {
		b.fell()
	}
}

// each calls f with each branch, until one fails.
func (c *Client) each(f func(*Client) error) error {
	c.mu.Lock()
	list := slices.Clone(c.branches)
	c.mu.Unlock()
	for _, b := range list {
		if err := f(b); err != nil {
			return ofBranch(err)
		}
	}
	return nil
}

// own are the tracks of this client itself.
func (c *Client) own() []*Track {
	return slices.DeleteFunc(c.Tracks(), func(t *Track) bool { return t.client != c })
}

// controls tells whether there is a session on this connection: not when all tracks are on other hosts.
func (c *Client) controls() bool { return len(c.own()) > 0 || len(c.Tracks()) == 0 }
