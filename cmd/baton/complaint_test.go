package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
)

// Whoever is refused reads what it means, and what the server said.
func TestRefusalsAreToldInASentence(t *testing.T) {
	refused := func(code rtsp.StatusCode, header ...string) error {
		e := &rtsp.StatusError{Code: code, Err: errors.New("DESCRIBE refused")}
		for i := 0; i < len(header); i += 2 {
			e.Header.Add(header[i], header[i+1])
		}
		return e
	}
	challenge := []string{"WWW-Authenticate", `Digest realm="r", nonce="n"`}
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("%w: %w", rtspclient.ErrCredentials, refused(401, challenge...)), "the server asks for a user and a password, as in rtsp://USER:PASSWORD@HOST/PATH (401 Unauthorized: DESCRIBE refused)"},
		{fmt.Errorf("%w: %w", rtspclient.ErrCredentials, refused(401)), "the server wants credentials: 401 Unauthorized: DESCRIBE refused"},
		{refused(401, challenge...), "the user or the password is wrong (401 Unauthorized: DESCRIBE refused)"},
		{asExit(refused(403)), "the server does not allow this (403 Forbidden: DESCRIBE refused)"},
		{refused(503, "Retry-After", "8"), "the server says to try again after 8 s (503 Service Unavailable: DESCRIBE refused)"},
		{refused(503), "503 Service Unavailable: DESCRIBE refused"},
		{refused(404), "404 Not Found: DESCRIBE refused"},
		{fmt.Errorf("%w: the handshake is answered with 200 OK", rtspclient.ErrNoWebSocket), "there is no RTSP over WebSocket at this URL: the handshake is answered with 200 OK" +
			"; a camera that has one tells where, as its RTSPWebSocketUri (ONVIF); without one play rtsp://HOST/PATH"},
		{errors.New("no route to host"), "no route to host"},
	} {
		if got := complaint(c.err); got != c.want {
			t.Errorf("%v:\n%s\nwant\n%s", c.err, got, c.want)
		}
	}
	if got := complaint(fmt.Errorf("no reader: %w", refused(401, challenge...))); !strings.Contains(got, "wrong") {
		t.Error(got)
	}
}
