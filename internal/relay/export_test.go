package relay

import "github.com/baton-rtsp/baton/rtspserver"

// MaxWaiting is for tests.
const MaxWaiting = maxWaiting

// Keep has a presentation wait for its SETUP on a connection, and tells how many wait.
func (v *Viewers) Keep(c *rtspserver.Conn, p *Presentation) int {
	v.keep(viewer{conn: c}, p)
	return len(v.described)
}
