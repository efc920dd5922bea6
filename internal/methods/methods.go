package methods

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
)

// The states of a session (RFC 2326 appendix A.1).
const (
	Init    = "Init"
	Ready   = "Ready"
	Playing = "Playing"
)

// unknown stands for a method that no standard knows.
const unknown = rtsp.Method("JUGGLE")

// A Cell is one method in one state.
type Cell struct {
	Method rtsp.Method     `json:"method"`
	State  string          `json:"state"`
	Status rtsp.StatusCode `json:"status"`          // 0: no answer
	Error  string          `json:"error,omitempty"` // why there is none
	Want   string          `json:"want"`            // statuses that fit
	Fits   bool            `json:"fits"`            // the answer is one of those
}

// A rule is what a server may answer to a method in Init, Ready and Playing: statuses, the first of which is what RFC 2326 asks
// for most plainly.
type rule struct {
	method rtsp.Method
	want   [3]string
}

// rules is RFC 2326 appendix A, and for what it leaves open what servers do. It is a table, only read.
var rules = []rule{
	{rtsp.MethodOptions, [3]string{"200", "200", "200"}},
	{rtsp.MethodDescribe, [3]string{"200", "200", "200"}},
	{rtsp.MethodSetup, [3]string{"200", "200 455 459", "200 455 459"}},
	{rtsp.MethodPlay, [3]string{"455 454", "200", "200"}},
	{rtsp.MethodPause, [3]string{"455 454 405 501", "200 455 405 501 551", "200 405 501 551"}},
	{rtsp.MethodTeardown, [3]string{"454 455", "200", "200"}},
	{rtsp.MethodGetParameter, [3]string{"200 451 454 405 501", "200 451 405 501", "200 451 405 501"}},
	{rtsp.MethodSetParameter, [3]string{"200 451 454 405 501", "200 451 405 501", "200 451 405 501"}},
	{rtsp.MethodRecord, [3]string{"455 454 405 501", "455 405 501", "455 405 501"}},
	{rtsp.MethodAnnounce, [3]string{"405 400 401 403 415 455 501", "405 401 403 455 501", "405 401 403 455 501"}},
	{rtsp.MethodRedirect, [3]string{"501 405 455", "501 405 455", "501 405 455"}},
	{unknown, [3]string{"501 405 400", "501 405 400", "501 405 400"}},
}

// Run tries all methods on a URL, each with a session of its own. An error means that nothing could be tried.
func Run(ctx context.Context, url string, cfg rtspclient.Config) ([]Cell, error) {
	var cells []Cell
	for _, r := range rules {
		for i, state := range [...]string{Init, Ready, Playing} {
			cell, err := try(ctx, url, cfg, r.method, state)
			if err != nil {
				return cells, fmt.Errorf("%s in %s: %w", r.method, state, err)
			}
			cell.Want = r.want[i]
			cell.Fits = slices.Contains(strings.Fields(cell.Want), strconv.Itoa(int(cell.Status)))
			cells = append(cells, cell)
		}
	}
	return cells, nil
}

// try makes one request in one state.
func try(ctx context.Context, url string, cfg rtspclient.Config, method rtsp.Method, state string) (Cell, error) {
	cell := Cell{Method: method, State: state}
	c, err := rtspclient.Dial(ctx, url, &cfg)
	if err != nil {
		return cell, err
	}
	defer c.Close()
	if _, err := c.Describe(ctx); err != nil {
		return cell, err
	}
	if state != Init {
		if _, err := c.Setup(ctx, 0, rtspclient.TCP); err != nil {
			return cell, err
		}
	}
	if state == Playing {
		if _, err := c.Play(ctx, nil); err != nil {
			return cell, err
		}
	}
	uri, header, body := request(c, method)
	resp, err := c.Do(ctx, method, uri, header, body)
	if resp != nil {
		cell.Status = resp.Status
		return cell, nil
	}
	cell.Error = err.Error()
	return cell, ctx.Err()
}

// request is what a method needs besides its name.
func request(c *rtspclient.Client, method rtsp.Method) (uri string, header rtsp.Header, body []byte) {
	uri = c.URL()
	switch method {
	case rtsp.MethodDescribe:
		header.Set("Accept", "application/sdp")
	case rtsp.MethodSetup:
		if desc := c.Description(); len(desc.Media) > 0 {
			uri = rtsp.ResolveControl(uri, desc.Media[0].Control())
		}
		header.Set("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")
	case rtsp.MethodAnnounce:
		header.Set("Content-Type", "application/sdp")
		body = []byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n")
	case rtsp.MethodRedirect:
		header.Set("Location", uri)
	}
	return uri, header, body
}
