package auth

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
)

const (
	// maxAsked is how many questions may be open at a time; more are refused at once.
	maxAsked = 64
	// maxAnswers is how many answers are remembered.
	maxAnswers = 10000
	// maxAnswer is the longest answer that is read, in bytes.
	maxAnswer = 64 << 10
)

// A service is asked over HTTP who may do what. One question is sent as often as its answer gets old, however many
// ask it; one that hangs holds up those who ask the same, until the timeout, and nobody else.
type service struct {
	url     config.HTTPURL
	client  *http.Client
	timeout time.Duration
	keep    time.Duration
	key     [32]byte // of questions, which hold passwords
	open    chan struct{}

	mu      sync.Mutex
	answers map[[32]byte]*answering
}

// A question is the body of a POST.
type question struct {
	Action   Action `json:"action"`
	Path     string `json:"path"`
	Address  string `json:"address"`
	Protocol string `json:"protocol"`
	User     string `json:"user,omitempty"`
	Password string `json:"password,omitempty"`
	Token    string `json:"token,omitempty"`
}

// An answer is a status, 2xx, 401 or 403, and perhaps a name.
type answer struct {
	Status int    `json:"-"`
	User   string `json:"user"`
}

// principal is who asked, as far as the service says. Names that it gives are not those of users.
func (x answer) principal(c credentials) string {
	switch {
	case x.User != "":
		return "http:" + x.User
	case c.scheme == byBasic:
		return "http:" + c.user
	case c.scheme == byToken:
		sum := sha256.Sum256([]byte(c.token))
		return fmt.Sprintf("http:token-%x", sum[:8])
	}
	return ""
}

// answering is an answer, or the wait for it.
type answering struct {
	done  chan struct{} // closed when the rest is there
	until time.Time
	answer
	err error
}

func newService(client *http.Client, cfg config.Auth) *service {
	s := &service{url: cfg.HTTP, client: client, timeout: cfg.Timeout, keep: cfg.Cache,
		open: make(chan struct{}, maxAsked), answers: make(map[[32]byte]*answering)}
	rand.Read(s.key[:])
	return s
}

// ask returns the answer to a question, by 2xx, 401 or 403; an error is a fault of the service.
func (s *service) ask(ctx context.Context, r *Request, c credentials) (answer, error) {
	body, err := json.Marshal(question{r.Action, r.Path, r.Address.Unmap().String(), r.Protocol, nameOf(c), c.password, c.token})
	if err != nil {
		return answer{}, err
	}
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write(body)
	id := [32]byte(mac.Sum(nil))
	a, mine := s.answering(id, time.Now())
	if mine {
		s.settle(ctx, id, a, body)
	}
	select {
	case <-a.done:
		return a.answer, a.err
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

func nameOf(c credentials) string {
	if c.scheme == byBasic {
		return c.user
	}
	return ""
}

// answering finds the answer to a question, or the wait for it; mine: it is for the caller to settle.
func (s *service) answering(id [32]byte, now time.Time) (a *answering, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a = s.answers[id]; a != nil && !a.over(now) {
		return a, false
	}
	if len(s.answers) >= maxAnswers {
		s.makeRoom(now)
	}
	a = &answering{done: make(chan struct{})}
	s.answers[id] = a
	return a, true
}

// over tells whether an answer is there and too old.
func (a *answering) over(now time.Time) bool {
	select {
	case <-a.done:
		return !now.Before(a.until)
	default:
		return false
	}
}

// makeRoom forgets answers that are over, and if these are few, some others.
func (s *service) makeRoom(now time.Time) {
	for id, a := range s.answers {
		if a.over(now) {
			delete(s.answers, id)
		}
	}
	for id := range s.answers {
		if len(s.answers) < maxAnswers*9/10 {
			return
		}
		delete(s.answers, id)
	}
}

// settle asks and leaves the answer for all who wait. Faults are not kept.
func (s *service) settle(ctx context.Context, id [32]byte, a *answering, body []byte) {
	defer close(a.done)
	a.err = errors.New("too many questions are open")
	select {
	case s.open <- struct{}{}:
		defer func() { <-s.open }()
		// the asker may leave, and others wait: the question has a time of its own
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
		defer cancel()
		a.answer, a.err = s.post(ctx, body)
	default:
	}
	a.until = time.Now().Add(s.keep)
	if a.err != nil {
		s.mu.Lock()
		if s.answers[id] == a {
			delete(s.answers, id)
		}
		s.mu.Unlock()
	}
}

// post sends one question.
func (s *service) post(ctx context.Context, body []byte) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url.Location(), bytes.NewReader(body))
	if err != nil {
		return answer{}, errors.New("the URL is no good") // not err: it quotes what can hold a password
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		var bad *url.Error
		if errors.As(err, &bad) {
			err = bad.Err
		}
		return answer{}, err
	}
	defer resp.Body.Close()
	a := answer{Status: resp.StatusCode}
	switch {
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden, a.Status == http.StatusNoContent:
		return a, nil
	case a.Status/100 != 2:
		return answer{}, fmt.Errorf("status %d", a.Status)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return answer{}, err
	}
	if len(bytes.TrimSpace(b)) > 0 && json.Unmarshal(b, &a) != nil || len(a.User) > maxName {
		return answer{}, errors.New("the answer is no JSON with a user")
	}
	return a, nil
}
