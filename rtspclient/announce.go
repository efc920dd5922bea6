package rtspclient

import (
	"context"
	"strconv"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
)

// Announce says what will be published (RFC 2326 §10.3). Tracks that have no control URL get one.
func (c *Client) Announce(ctx context.Context, desc *sdp.Session) error {
	desc = desc.Clone()
	for i, m := range desc.Media {
		if m.Control() == "" {
			m.SetAttr("control", "streamid="+strconv.Itoa(i))
		}
	}
	_, err := c.must(ctx, rtsp.MethodAnnounce, c.url, rtsp.Header{{Name: "Content-Type", Value: "application/sdp"}}, desc.Append(nil))
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.desc, c.base, c.publishing = desc, c.url, true
	c.tracks = resized(c.tracks, len(desc.Media))
	return nil
}
