package rtspclient

import (
	"context"

	"github.com/baton-rtsp/baton/rtsp"
)

// Pause stops what plays; [Client.Play] without a range goes on from there (RFC 2326 §10.6). Servers that list PAUSE do not
// all have it (CAP-19): then the error is a *[rtsp.StatusError], and media goes on.
func (c *Client) Pause(ctx context.Context) error {
	if c.controls() {
		if _, err := c.must(ctx, rtsp.MethodPause, c.aggregate(), nil, nil); err != nil {
			return err
		}
	}
	if err := c.each(func(b *Client) error { return b.Pause(ctx) }); err != nil {
		return err
	}
	c.start(false)
	return nil
}
