package rtspserver

import (
	"context"
	"errors"
	"time"
)

// maxTurning bounds how many connections are told that there are too many; more are closed without a word.
const maxTurning = 64

// turnAway answers the first request of a connection with 503 and closes it: a client that is told when
// to come again does (ERR-503).
func (s *Server) turnAway(c *Conn, why error) {
	var l limit
	if errors.As(why, &l) {
		s.exceeded(l, "remote", c.remote)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.turning >= maxTurning {
		c.nc.Close()
		return
	}
	s.turning++
	s.wg.Go(func() { // ends with the answer, at the latest after two farewells
		s.contained("a connection", func() error { return c.sayFull(why) }, "remote", c.remote)
		c.close()
		c.out.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.turning--
	})
}

func (c *Conn) sayFull(why error) error {
	stop := context.AfterFunc(c.server.ctx, c.close) // does not hold up Close
	defer stop()
	c.nc.SetReadDeadline(time.Now().Add(farewell))
	if _, err := c.reader.Next(); err != nil {
		return err
	}
	r := c.reader.Request()
	if r == nil {
		return nil
	}
	x := c.exchange(r)
	c.refusal(x, unavailable(why))
	x.resp.Header.Set("Connection", "close")
	defer c.drain()
	return c.respond(x.resp)
}
