package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
)

// Bounds of a request by hand.
const (
	maxRequest = 64 << 10
	answerTime = 15 * time.Second
)

// A byHand is a request that somebody has written in the page.
type byHand struct {
	Method  string      `json:"method"`
	URI     string      `json:"uri"` // "": that of the presentation
	Headers [][2]string `json:"headers"`
	Body    string      `json:"body"`
}

// request sends a request by hand to the server, in the session of the page that came last, and answers with the response as it would
// be written. A page of another origin cannot send one: it must be JSON.
func (g *Gateway) request(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "A request is JSON.", http.StatusUnsupportedMediaType)
		return
	}
	var q byHand
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest)).Decode(&q); err != nil {
		http.Error(w, "This is no request: "+err.Error(), http.StatusBadRequest)
		return
	}
	if !oneLine(q) {
		http.Error(w, "Method, URI and headers are one line each.", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	resp, err := g.send(ctx, q)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(resp.Append(nil))
}

// send uses the connection of the page, or one for this request alone when no page plays.
func (g *Gateway) send(ctx context.Context, q byHand) (*rtsp.Response, error) {
	client := g.viewers.Client()
	if client == nil {
		var err error
		if client, err = rtspclient.Dial(ctx, g.cfg.URL, &g.cfg.Client); err != nil {
			return nil, err
		}
		defer client.Close()
	}
	if q.URI == "" {
		q.URI = client.URL()
	}
	var header rtsp.Header
	for _, h := range q.Headers {
		header = append(header, rtsp.Field{Name: h[0], Value: h[1]})
	}
	return client.Do(ctx, rtsp.Method(q.Method), q.URI, header, []byte(q.Body))
}

// oneLine tells that nothing of a request can be taken for more than it is.
func oneLine(q byHand) bool {
	parts := []string{q.Method, q.URI}
	for _, h := range q.Headers {
		parts = append(parts, h[0], h[1])
	}
	for _, p := range parts {
		if strings.ContainsAny(p, "\r\n\x00") {
			return false
		}
	}
	return q.Method != "" && !strings.ContainsAny(q.Method+q.URI, " \t")
}
