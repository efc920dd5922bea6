package auth

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/url"
	"testing"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
)

// AUT-02, AUT-15: our own client logs in, with the strongest algorithm, and takes no for an answer once.
func TestOurClientLogsIn(t *testing.T) {
	w := newWeb()
	w.answer = tableService
	serveGated(t, tableConfig, w, func(t *testing.T, world *servertest.World, _ *bytes.Buffer) {
		world.Handler.Live("cam/x", servertest.Audio)
		play := func(user, password string) error {
			c, err := rtspclient.Play(t.Context(), "rtsp://"+url.UserPassword(user, password).String()+"@"+servertest.ServerHost+"/cam/x", &rtspclient.Config{
				Lowers: []rtspclient.Lower{rtspclient.TCP},
				Dial: func(ctx context.Context, _ *rtsp.URL) (net.Conn, error) {
					return world.Net.Dial(ctx, servertest.ClientHost, servertest.ServerHost+":554")
				},
			})
			if err == nil {
				err = c.Close()
			}
			return err
		}
		if err := play("reader", canary); err != nil {
			t.Error(err)
		}
		for user, want := range map[string]rtsp.StatusCode{"reader": 401, "nobody": 403} {
			password := map[bool]string{true: "wrong", false: canary}[user == "reader"]
			var refused *rtsp.StatusError
			if err := play(user, password); !errors.As(err, &refused) || refused.Code != want {
				t.Errorf("%s: %v, want %d", user, err, want)
			}
		}
	})
}
