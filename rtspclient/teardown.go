package rtspclient

import (
	"context"

	"github.com/baton-rtsp/baton/rtsp"
)

// Teardown ends the session (RFC 2326 §10.7). The connection stays: another session can be set up.
func (c *Client) Teardown(ctx context.Context) error {
	c.prune()
	_, err := c.must(ctx, rtsp.MethodTeardown, c.aggregate(), nil, nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session, c.playing, c.played, c.timeout = "", false, false, rtsp.DefaultSessionTimeout
	for i, t := range c.tracks {
		if t != nil && t.client == c {
			t.close()
		}
		c.tracks[i] = nil
	}
	return err
}
