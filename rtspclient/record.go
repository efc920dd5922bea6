package rtspclient

import (
	"context"

	"github.com/baton-rtsp/baton/rtsp"
)

// Record begins to publish what was announced and set up (RFC 2326 §10.11): packets may be written when it returns.
func (c *Client) Record(ctx context.Context) error {
	c.punch()
	if _, err := c.must(ctx, rtsp.MethodRecord, c.aggregate(), rtsp.Header{{Name: "Range", Value: "npt=0-"}}, nil); err != nil {
		return err
	}
	c.start(true)
	return nil
}
