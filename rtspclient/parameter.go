package rtspclient

import (
	"context"

	"github.com/baton-rtsp/baton/rtsp"
)

// GetParameter asks for the values of parameters (RFC 2326 §10.8). Without a name it only says that the client is alive.
func (c *Client) GetParameter(ctx context.Context, names ...string) ([]rtsp.Parameter, error) {
	var params []rtsp.Parameter
	for _, n := range names {
		params = append(params, rtsp.Parameter{Name: n})
	}
	resp, err := c.parameters(ctx, rtsp.MethodGetParameter, params)
	if err != nil {
		return nil, err
	}
	return rtsp.ParseParameters(resp.Body)
}

// SetParameter sets parameters (RFC 2326 §10.9).
func (c *Client) SetParameter(ctx context.Context, params ...rtsp.Parameter) error {
	_, err := c.parameters(ctx, rtsp.MethodSetParameter, params)
	return err
}

func (c *Client) parameters(ctx context.Context, method rtsp.Method, params []rtsp.Parameter) (*rtsp.Response, error) {
	if len(params) == 0 {
		return c.must(ctx, method, c.aggregate(), nil, nil)
	}
	return c.must(ctx, method, c.aggregate(), rtsp.Header{{Name: "Content-Type", Value: "text/parameters"}}, rtsp.AppendParameters(nil, params))
}
