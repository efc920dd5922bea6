package paths_test

import (
	"context"
	stdnet "net"
	"os"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/paths"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/internal/simnet"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

const other = "192.0.2.11" // a client's host, beside servertest.ClientHost

// serve runs body with a server whose URLs name what Paths says. change may alter the settings of all
// paths; media is the folder of stored media, if any.
func serve(t *testing.T, change func(path string, s *config.PathSettings), media *os.Root, body func(t *testing.T, w *servertest.World)) {
	t.Helper()
	serveWith(t, paths.Config{Media: media}, change, func(t *testing.T, w *servertest.World, _ *paths.Paths) { body(t, w) })
}

// serveWith is serve with the rest of the configuration. Sources are dialled in the network of the world.
func serveWith(t *testing.T, pc paths.Config, change func(path string, s *config.PathSettings), body func(t *testing.T, w *servertest.World, names *paths.Paths)) {
	t.Helper()
	var names *paths.Paths
	var net *simnet.Network
	servertest.InMemory(t, func(cfg *rtspserver.Config) {
		pc.Settings = func(path string) config.PathSettings {
			s := config.DefaultPathSettings()
			if change != nil {
				change(path, &s)
			}
			return s
		}
		pc.Client.Dial = func(ctx context.Context, u *rtsp.URL) (stdnet.Conn, error) {
			return net.Dial(ctx, servertest.ServerHost, u.Hostname()+":554")
		}
		names = paths.New(pc)
		cfg.Handler = names
	}, func(t *testing.T, w *servertest.World) {
		net = w.Net
		defer func() {
			w.Server.Close()
			names.Close()
		}()
		body(t, w, names)
	})
}

// bye reads a reader's control packets up to a BYE, and tells when it came.
func bye(lane *servertest.Lane, patience time.Duration) (time.Time, bool) {
	for b := lane.RTCP(patience); b != nil; b = lane.RTCP(patience) {
		for p := range rtp.Packets(b) {
			if p.Type() == rtp.BYE {
				return time.Now(), true
			}
		}
	}
	return time.Time{}, false
}

// status asks for a description.
func status(c *servertest.Client, path string) rtsp.StatusCode {
	c.W.T.Helper()
	return c.Do("DESCRIBE", path, "Accept: application/sdp").Status
}

// announce is the status of an ANNOUNCE.
func announce(c *servertest.Client, path, description string) *servertest.Response {
	c.W.T.Helper()
	return c.Do("ANNOUNCE", path, "Content-Type: application/sdp", "\r\n"+description)
}
