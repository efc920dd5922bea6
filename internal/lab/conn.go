package lab

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"
)

// A status is the first line of an answer, behind the version.
type status string

const (
	ok            status = "200 OK"
	badRequest    status = "400 Bad Request"
	forbidden     status = "403 Forbidden"
	notFound      status = "404 Not Found"
	noSession     status = "454 Session Not Found"
	notValid      status = "455 Method Not Valid in This State"
	noTransport   status = "461 Unsupported Transport"
	broken        status = "500 Internal Server Error"
	unimplemented status = "501 Not Implemented"
)

// A conn is a client, with at most one session.
type conn struct {
	server *Server
	nc     net.Conn
	host   netip.Addr
	log    *slog.Logger

	// owned by serve
	session int // 0: none
	movie   *movie
	player  *player
}

// serve answers requests until the client is gone, or is silent for too long without playing.
func (c *conn) serve(ctx context.Context) {
	in := requests{nc: c.nc}
	for {
		r, err := in.next(idleTimeout)
		if errors.Is(err, os.ErrDeadlineExceeded) && c.player != nil && c.player.playing() {
			continue // whoever watches has nothing to say
		}
		if err == errLong {
			c.answer(badRequest, 0, 0)
		}
		if err != nil || !c.handle(ctx, r) {
			return
		}
	}
}

// handle answers a request, and then does what must follow the answer. It tells whether the client may go on.
func (c *conn) handle(ctx context.Context, r *request) bool {
	session := c.session // TEARDOWN ends it
	result := c.request(ctx, r)
	if c.session != 0 {
		session = c.session
	}
	c.log.Debug("request", "method", r.method, "status", string(result))
	if c.answer(result, max(r.cseq, 0), session) != nil {
		return false
	}
	if result == ok && r.method == "PLAY" {
		c.player.play(ctx)
	}
	return true
}

// request does what is asked.
func (c *conn) request(ctx context.Context, r *request) status {
	switch {
	case methodOf([]byte(r.method)) == "":
		return unimplemented
	case r.cseq < 0:
		return badRequest
	case r.method == "SETUP":
		return c.setup(ctx, r)
	case c.session == 0:
		return notValid
	case r.session >= 0 && r.session != c.session:
		return noSession
	case r.method == "PAUSE":
		c.player.pause()
	case r.method == "TEARDOWN":
		c.end()
	}
	return ok
}

// setup begins a session. Frames go to the address of the connection, whatever else the client may name.
func (c *conn) setup(ctx context.Context, r *request) status {
	switch {
	case c.session != 0:
		return notValid
	case r.port == 0:
		return noTransport
	}
	file, named := nameOf(r.file)
	switch {
	case !named:
		return notFound
	case !c.may(ctx, file):
		return forbidden
	}
	m, err := openMovie(c.server.cfg.Media, file, c.log)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return notFound
	case err != nil:
		c.log.Warn("film cannot be played", "path", r.file, "err", err)
		return broken
	}
	c.session, c.movie = 100_000+rand.IntN(900_000), m // six digits, as clients know them
	c.player = &player{
		out: c.server.out, to: netip.AddrPortFrom(c.host, r.port), movie: m, ssrc: rand.Uint32(), log: c.log,
	}
	c.log.Info("session", "session", c.session, "path", r.file, "port", r.port)
	return ok
}

// may tells whether the client may have a file.
func (c *conn) may(ctx context.Context, file string) bool {
	if c.server.cfg.May == nil {
		return true
	}
	if strings.EqualFold(file, moviePath) { // clients write it in other letters
		file = moviePath
	}
	local, _ := netip.ParseAddrPort(c.nc.LocalAddr().String())
	return c.server.cfg.May(ctx, c.host, local.Addr().Unmap(), file)
}

// answer is three lines, and no blank one: some clients read just three.
func (c *conn) answer(result status, cseq, session int) error {
	c.nc.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := fmt.Fprintf(c.nc, "RTSP/1.0 %s\nCSeq: %d\nSession: %d\n", result, cseq, session)
	return err
}

// end ends the session, if there is one.
func (c *conn) end() {
	if c.session == 0 {
		return
	}
	c.player.pause()
	c.movie.close()
	c.log.Info("session ended", "session", c.session)
	c.session, c.player, c.movie = 0, nil, nil
}
