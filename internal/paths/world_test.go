package paths_test

import (
	"os"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/paths"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

const other = "192.0.2.11" // a client's host, beside servertest.ClientHost

// serve runs body with a server whose URLs name what Paths says. change may alter the settings of all
// paths; media is the folder of stored media, if any.
func serve(t *testing.T, change func(path string, s *config.PathSettings), media *os.Root, body func(t *testing.T, w *servertest.World)) {
	t.Helper()
	var names *paths.Paths
	servertest.InMemory(t, func(cfg *rtspserver.Config) {
		names = paths.New(paths.Config{Media: media, Settings: func(path string) config.PathSettings {
			s := config.DefaultPathSettings()
			if change != nil {
				change(path, &s)
			}
			return s
		}})
		cfg.Handler = names
	}, func(t *testing.T, w *servertest.World) {
		defer func() {
			w.Server.Close()
			names.Close()
		}()
		body(t, w)
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
