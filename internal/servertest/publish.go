package servertest

import (
	"fmt"

	"github.com/baton-rtsp/baton/rtsp"
)

// Announce sends a description and fails the test when it is refused.
func (c *Client) Announce(path, description string) *Response {
	c.W.T.Helper()
	r := c.Do("ANNOUNCE", path, "Content-Type: application/sdp", "\r\n"+description)
	if r.Status != rtsp.StatusOK {
		c.W.T.Fatalf("ANNOUNCE: %d", r.Status)
	}
	return r
}

// Publish announces, sets up every track over "tcp" or "udp" and records: one lane for each media
// section.
func (c *Client) Publish(path, description, lower string) []*Lane {
	c.W.T.Helper()
	c.Announce(path, description)
	spec := "RTP/AVP/TCP;unicast;mode=record"
	if lower == "udp" {
		spec = "RTP/AVP;unicast;client_port=%d-%d;mode=record"
	}
	desc := Parse(description)
	lanes := make([]*Lane, len(desc.Media))
	for i, m := range desc.Media {
		control := m.Control()
		if control == "" {
			control = fmt.Sprintf("streamid=%d", i)
		}
		lanes[i] = c.SetupAs(path+"/"+control, spec)
	}
	if r := c.Do("RECORD", path, "Range: npt=0.000-"); r.Status != rtsp.StatusOK {
		c.W.T.Fatalf("RECORD: %d", r.Status)
	}
	return lanes
}

// Watch sets up the first tracks of a path over "tcp" or "udp" and plays them: one lane for each.
func (c *Client) Watch(path, lower string, tracks int) []*Lane {
	c.W.T.Helper()
	lanes := make([]*Lane, tracks)
	for i := range lanes {
		lanes[i] = c.Setup(fmt.Sprintf("%s/trackID=%d", path, i), lower)
	}
	if r := c.Do("PLAY", path, "Range: npt=0.000-"); r.Status != rtsp.StatusOK {
		c.W.T.Fatalf("PLAY: %d", r.Status)
	}
	return lanes
}
