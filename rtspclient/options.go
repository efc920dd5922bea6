package rtspclient

import (
	"context"

	"github.com/baton-rtsp/baton/rtsp"
)

// Options asks what the server can do (RFC 2326 §10.1).
func (c *Client) Options(ctx context.Context) ([]rtsp.Method, error) {
	resp, err := c.must(ctx, rtsp.MethodOptions, c.url, nil, nil)
	if err != nil {
		return nil, err
	}
	var list []rtsp.Method
	for _, m := range resp.Header.List("Public") {
		list = append(list, rtsp.Method(m))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.public = list
	return list, nil
}
