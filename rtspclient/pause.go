package rtspclient

import (
	"context"

	"github.com/baton-rtsp/baton/rtsp"
)

// Pause stops what plays; [Client.Play] without a range goes on from there (RFC 2326 §10.6). Servers that list PAUSE do not
// all have it (CAP-19): then the error is a *[rtsp.StatusError], and media goes on.
func (c *Client) Pause(ctx context.Context) error {
	_, err := c.PauseAt(ctx, nil)
	return err
}

// PauseAt is Pause at a point that is still to come, or at once when that is nil. It returns where the server says that it has
// stopped, or will play until; nil when it does not say. Media flows until then.
func (c *Client) PauseAt(ctx context.Context, point *rtsp.Range) (position *rtsp.Range, err error) {
	if c.controls() {
		var header rtsp.Header
		if point != nil {
			header.Set("Range", point.String())
		}
		resp, err := c.must(ctx, rtsp.MethodPause, c.aggregate(), header, nil)
		if err != nil {
			return nil, err
		}
		if r, err := rtsp.ParseRange(resp.Header.Get("Range")); err == nil {
			position = &r
		}
	}
	err = c.each(func(b *Client) error { _, err := b.PauseAt(ctx, point); return err })
	if err == nil && point == nil {
		c.start(false)
	}
	return position, err
}
