package rtspserver

import "github.com/baton-rtsp/baton/rtsp"

// strangerLimits are those of a connection that has had no session: what it sends may not make the server hold more than a number
// of bytes, all together. The window doubles while it grows and the header is held twice for a moment, so the parts are less than
// the whole.
func strangerLimits(memory int, of *rtsp.Limits) rtsp.Limits {
	l := of.OrDefaults()
	l.HeaderLine = min(l.HeaderLine, memory/8)
	l.HeaderBlock = min(l.HeaderBlock, memory/8)
	l.Body = min(l.Body, memory/4)
	l.Frame = min(l.Frame, memory/32)
	return l
}

// known says that the client has a session: its requests may be as large as any. It runs on the connection's goroutine.
func (c *Conn) known() {
	if c.stranger {
		c.stranger = false
		c.reader.SetLimits(&c.server.cfg.Limits)
	}
}
