package auth

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Failed logins are in the log with address and user, a line a second at most; never what was typed as a name or password
// that nobody has.
func TestFailedLoginsAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := authorityOf(t, oneUser+"  \n", nil)
		var log bytes.Buffer
		a.log = slog.New(slog.NewTextHandler(&log, nil))
		for range 3 {
			a.Authorize(t.Context(), basic("192.0.2.66", "ann", "wrong-word"))
		}
		if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), `level=WARN msg="a login has failed" address=192.0.2.66 protocol=rtsp user=ann`) {
			t.Errorf("%d lines: %s", n, &log)
		}
		time.Sleep(time.Second)
		a.Authorize(t.Context(), basic("192.0.2.67", "typed-word", "wrong-word"))
		if n := strings.Count(log.String(), "\n"); n != 2 || strings.Contains(log.String(), "-word") {
			t.Errorf("%d lines: %s", n, &log)
		}
		time.Sleep(time.Second)
		a.Authorize(t.Context(), read("p")) // a question that has to be asked first, by every client
		if n := strings.Count(log.String(), "\n"); n != 2 {
			t.Errorf("%d lines: %s", n, &log)
		}
	})
}
