package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// A Session is one that the server has.
type Session struct {
	ID         string    `json:"id" doc:"Names the session here and in the log. It is half of the RTSP session's id, which stays a secret" example:"9f86d081884c7d65"`
	Path       string    `json:"path"`
	Role       string    `json:"role" enum:"reader,publisher"`
	State      string    `json:"state" enum:"Init,Ready,Playing,Recording"`
	Remote     string    `json:"remote" doc:"Address of the connection that controls it" example:"192.0.2.7:50123"`
	Transports []string  `json:"transports" doc:"Of its tracks, each kind once: udp, tcp, multicast, websocket"`
	Packets    uint64    `json:"packets" doc:"RTP packets sent to a reader or received from a publisher"`
	Bytes      uint64    `json:"bytes" doc:"Of their payload"`
	Lost       int64     `json:"lost" doc:"Packets lost on the way: what a reader reports, or what is missing in a publisher's numbers"`
	Since      time.Time `json:"since"`
}

type sessionsAnswer struct {
	Body struct {
		Sessions []Session `json:"sessions" doc:"The oldest first"`
	}
}

type sessionRequest struct {
	ID string `path:"id" maxLength:"64" doc:"As listed"`
}

type redirectRequest struct {
	ID   string `path:"id" maxLength:"64" doc:"As listed"`
	Body struct {
		Location string `json:"location" maxLength:"2048" doc:"The URL to go to" example:"rtsp://other:8554/cam1"`
		Range    string `json:"range,omitempty" maxLength:"200" doc:"Where in the presentation to leave; at once without it (RFC 2326 section 12.29)" example:"npt=30-"`
	}
}

func (s *service) sessions() {
	register(s, huma.Operation{
		OperationID: "list-sessions", Method: http.MethodGet, Path: "/api/v1/sessions", Summary: "Who reads and publishes",
	}, func(context.Context, *struct{}) (*sessionsAnswer, error) {
		answer := &sessionsAnswer{}
		answer.Body.Sessions = make([]Session, 0)
		for _, session := range s.Server.Sessions() {
			answer.Body.Sessions = append(answer.Body.Sessions, look(session))
		}
		slices.SortFunc(answer.Body.Sessions, func(a, b Session) int {
			return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID))
		})
		return answer, nil
	})
	register(s, huma.Operation{
		OperationID: "end-session", Method: http.MethodDelete, Path: "/api/v1/sessions/{id}", Summary: "End a session",
		Description: "The client gets a BYE, and its connection is closed if nothing else lives on it.",
		Errors:      []int{http.StatusNotFound},
	}, func(_ context.Context, r *sessionRequest) (*struct{}, error) { return nil, s.kick(r.ID) })
	register(s, huma.Operation{
		OperationID: "redirect-session", Method: http.MethodPost, Path: "/api/v1/sessions/{id}/redirect",
		Summary: "Send a client elsewhere", DefaultStatus: http.StatusNoContent,
		Description: "The client gets a REDIRECT (RFC 2326 section 10.10). One that does not know that method goes on as before.",
		Errors:      []int{http.StatusNotFound, http.StatusConflict},
	}, s.redirect)
}

func look(session *rtspserver.Session) Session {
	l := session.Stats()
	out := Session{
		ID: l.Handle, Path: l.Path, Role: "reader", State: l.State.String(), Remote: l.Remote.String(), Transports: l.Transports,
		Packets: l.Packets, Bytes: l.Bytes, Lost: l.Lost, Since: l.Since.UTC(),
	}
	if l.Publishes {
		out.Role = "publisher"
	}
	if out.Transports == nil {
		out.Transports = []string{}
	}
	return out
}

// find is the session that an id names.
func (s *service) find(id string) (*rtspserver.Session, error) {
	for _, session := range s.Server.Sessions() {
		if session.Handle() == id {
			return session, nil
		}
	}
	return nil, huma.Error404NotFound("there is no session of this id")
}

func (s *service) kick(id string) error {
	session, err := s.find(id)
	if err != nil {
		return err
	}
	s.Logger.Info("session is ended over the API", "session", id, "path", session.Path())
	session.Kick()
	return nil
}

func (s *service) redirect(_ context.Context, r *redirectRequest) (*struct{}, error) {
	session, err := s.find(r.ID)
	if err != nil {
		return nil, err
	}
	location := strings.TrimSpace(r.Body.Location) // nothing around it that would end the header
	if u, err := rtsp.ParseURL(location); err != nil || u.Host == "" {
		return nil, huma.Error422UnprocessableEntity("location is no URL of RTSP, such as rtsp://other:8554/cam1")
	}
	var at *rtsp.Range
	if r.Body.Range != "" {
		parsed, err := rtsp.ParseRange(r.Body.Range)
		if err != nil {
			return nil, huma.Error422UnprocessableEntity("range is no range of RTSP, such as npt=30-")
		}
		at = &parsed
	}
	if session.Redirect(location, at) != nil {
		return nil, huma.Error409Conflict("the session has no connection on which its client could be told")
	}
	s.Logger.Info("session is redirected over the API", "session", r.ID, "path", session.Path())
	return nil, nil
}
