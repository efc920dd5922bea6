package rtspserver

import (
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
)

// getParameter answers GET_PARAMETER (RFC 2326 §10.8). Without a body it is a ping, and clients use it
// to keep their session alive.
func (c *Conn) getParameter(x *exchange) error {
	names, err := parameterNames(x.req)
	if err != nil || len(names) == 0 {
		return err
	}
	return x.notUnderstood(names)
}

// setParameter answers SET_PARAMETER (RFC 2326 §10.9). GStreamer pings with it. There is no parameter
// to set.
func (c *Conn) setParameter(x *exchange) error {
	names, err := parameterNames(x.req)
	if err != nil || len(names) == 0 {
		return err
	}
	return x.notUnderstood(names)
}

// parameterNames reads a text/parameters body.
func parameterNames(r *rtsp.Request) ([]string, error) {
	if len(r.Body) == 0 {
		return nil, nil
	}
	if kind := rtsp.MediaType(r.Header.Get("Content-Type")); kind != "" && kind != "text/parameters" {
		return nil, statusError(rtsp.StatusUnsupportedMediaType)
	}
	params, err := rtsp.ParseParameters(r.Body)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, p := range params {
		names = append(names, p.Name)
	}
	return names, nil
}

// notUnderstood is 451 with the names that nobody knows, one a line (CAP-13, CAP-14).
func (x *exchange) notUnderstood(names []string) error {
	x.resp.Status = rtsp.StatusParameterNotUnderstood
	x.resp.Header.Set("Content-Type", "text/parameters")
	x.resp.Body = []byte(strings.Join(names, "\r\n") + "\r\n")
	return nil
}
