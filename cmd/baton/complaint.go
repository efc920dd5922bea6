package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
)

// complaint is an error as it is printed. Of a refusal that is about who asks it says first what that means.
func complaint(err error) string {
	if errors.Is(err, rtspclient.ErrNoWebSocket) {
		return strings.TrimPrefix(err.Error(), "rtspclient: ") + "; a camera that has one tells where, as its RTSPWebSocketUri (ONVIF); without one play rtsp://HOST/PATH"
	}
	var refused *rtsp.StatusError
	if !errors.As(err, &refused) || errors.Is(err, rtspclient.ErrBasic) {
		return err.Error()
	}
	means := ""
	seconds, noSeconds := strconv.Atoi(refused.Header.Get("Retry-After"))
	switch {
	case errors.Is(err, rtspclient.ErrCredentials):
		if !refused.Header.Has("WWW-Authenticate") { // nothing would help
			return err.Error()
		}
		means = "the server asks for a user and a password, as in rtsp://USER:PASSWORD@HOST/PATH"
	case refused.Code == rtsp.StatusUnauthorized:
		means = "the user or the password is wrong"
	case refused.Code == rtsp.StatusForbidden:
		means = "the server does not allow this"
	case refused.Code == rtsp.StatusServiceUnavailable && noSeconds == nil:
		means = fmt.Sprintf("the server says to try again after %d s", seconds)
	default:
		return err.Error()
	}
	return fmt.Sprintf("%s (%v)", means, refused)
}
