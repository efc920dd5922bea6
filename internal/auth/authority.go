package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/seldom"
)

// Config says who is known, and what they may do.
type Config struct {
	// Users are known by name and password; of a name the first counts.
	Users []config.User
	// Kept are more of them, whose file is followed; nil: none. It is the Authorizer's from then on.
	Kept *Kept
	// Anonymous is what everybody may do.
	Anonymous []config.Right
	// Auth is who else is asked.
	Auth config.Auth
	// Contained says that this machine is a container with a network of its own: who comes from an address of its own need not be in
	// it, since port forwarders can come from there. Only loopback counts as this machine then.
	Contained bool
	// Client asks the service and fetches keys; nil: one of its own. Redirects are not followed.
	Client *http.Client
	// Logger gets a line for what people should know; nil: none.
	Logger *slog.Logger
}

// An authority decides by users, tokens, and the service that is asked about others.
type authority struct {
	anonymous []config.Right
	users     *users
	tokens    *tokens  // nil: none are known
	service   *service // nil: nobody is asked
	limiter   *limiter
	log       *slog.Logger
	fixed     []config.User // of the configuration
	kept      *Kept         // nil: none
	contained bool

	silent, fails seldom.Lines // lines about the service, and about failed logins
}

// New makes an Authorizer. Where keys of tokens have to be fetched, that is tried once before it returns, for a few
// seconds, and again and again until ctx ends.
func New(ctx context.Context, cfg Config) (Authorizer, error) {
	a := &authority{anonymous: cfg.Anonymous, fixed: cfg.Users, kept: cfg.Kept, limiter: newLimiter(), log: cfg.Logger, contained: cfg.Contained}
	a.users = newUsers(a.everyone())
	a.users.md5 = cfg.Auth.MD5
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.kept != nil {
		a.tellHidden()
	}
	client := http.Client{}
	if cfg.Client != nil {
		client = *cfg.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if !cfg.Auth.HTTP.IsZero() {
		a.service = newService(&client, cfg.Auth)
	}
	if !cfg.Auth.JWT.JWKS.IsZero() {
		var err error
		if a.tokens, err = newTokens(ctx, &client, cfg.Auth.JWT, a.log); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// Challenge is the refusal of a request that should have said whose it is.
func (a *authority) Challenge(r *Request) *Refusal { return a.challenge(r, ErrUnknown) }

// Authorize decides.
func (a *authority) Authorize(ctx context.Context, r *Request) (principal string, err error) {
	r = a.placed(r)
	c := a.taken(credentialsOf(r))
	if c.scheme == none {
		if may(a.anonymous, r) {
			return "", nil
		}
		return a.unnamed(ctx, r)
	}
	principal, rights, decided, err := a.recognise(ctx, r, c)
	if err == nil && !decided && !may(rights, r) && !may(a.anonymous, r) {
		err = &Refusal{Err: ErrForbidden}
	}
	return principal, err
}

// unnamed decides about who shows no credentials: the service does, but about admins, who are users. Where it does not answer, those who
// are known here have to get in all the same: their players show nothing either before they are challenged.
func (a *authority) unnamed(ctx context.Context, r *Request) (principal string, err error) {
	if a.service == nil || r.Action == Admin {
		return "", a.Challenge(r)
	}
	principal, err = a.ask(ctx, r, credentials{})
	var no *Refusal
	if err != nil && !errors.As(err, &no) && (a.tokens != nil || a.users.any()) {
		return "", a.Challenge(r)
	}
	return principal, err
}

// placed is a request that is this machine's only where that is sure.
func (a *authority) placed(r *Request) *Request {
	if !a.contained || !r.Local {
		return r
	}
	q := *r
	q.Local = false
	return &q
}

// recognise finds out whose credentials these are, and what they may do; decided: the service is asked, and allows it.
func (a *authority) recognise(ctx context.Context, r *Request, c credentials) (principal string, rights []config.Right, decided bool, err error) {
	principal, rights, v, err := a.check(ctx, r, c)
	switch {
	case err != nil:
		return "", nil, false, err
	case v == stale:
		return "", nil, false, a.challenge(r, ErrStale)
	case v == wrong && a.asksAbout(c):
		principal, err = a.ask(ctx, r, c)
		return principal, nil, true, err
	case v == wrong:
		return "", nil, false, a.Challenge(r)
	}
	return principal, rights, false, nil
}

// check looks at credentials, unless who sent them has to wait. Those of one address are looked at one after the other, so that
// guesses sent at once are no more than those sent in turn. Tokens cannot be guessed, and their keys may have to be fetched.
func (a *authority) check(ctx context.Context, r *Request, c credentials) (principal string, rights []config.Right, v verdict, err error) {
	if c.scheme != byToken {
		release, err := a.limiter.looking.take(ctx, r.Address)
		if err != nil {
			return "", nil, wrong, err
		}
		defer release()
	}
	if wait := a.limiter.wait(time.Now(), r.Address, c.user); wait > 0 {
		return "", nil, wrong, a.tooOften(r, c, wait)
	}
	principal, rights, v, err = a.identify(ctx, r, c)
	switch {
	case err != nil:
	case v == right:
		a.limiter.succeeded(time.Now(), r.Address, c.user)
	case v == wrong && !a.asksAbout(c):
		a.failed(r, c)
	}
	return principal, rights, v, err
}

// asksAbout tells whether the service decides about credentials that are not known here.
func (a *authority) asksAbout(c credentials) bool {
	return a.service != nil && c.scheme != byDigest && !a.users.knows(c.user)
}

// complain logs that the service does not answer.
func (a *authority) complain(err error) {
	if more, due := a.silent.Due(time.Now()); due {
		a.log.Warn("the service that is asked about users does not answer", "url", a.service.url, "err", err, "others since the last line", more)
	}
}

// taken leaves out a token where nobody knows what to make of it: then it is something else in the URL.
func (a *authority) taken(c credentials) credentials {
	if c.scheme == byToken && a.tokens == nil && a.service == nil {
		return credentials{}
	}
	c.user = strings.Clone(c.user[:min(len(c.user), maxName)]) // it is kept, and was cut from the whole request
	return c
}

// maxName is how much of a name is looked at, in bytes. No user's is as long.
const maxName = 128

// identify checks credentials. Where the user has become another meanwhile, it begins again.
func (a *authority) identify(ctx context.Context, r *Request, c credentials) (principal string, rights []config.Right, v verdict, err error) {
	user := a.users.find(c.user)
	switch c.scheme {
	case byDigest:
		v = a.users.digest(r, c, user, time.Now())
	case byBasic:
		v, err = a.users.basic(ctx, user, c.password)
	case byToken:
		if a.tokens == nil {
			return "", nil, wrong, nil
		}
		return a.tokens.identify(ctx, c.token)
	}
	if v == right && user != a.users.find(c.user) {
		return a.identify(ctx, r, c)
	}
	return c.user, user.cfg.Allow, v, err
}

// ask has the service decide. About passwords it is asked one after the other of an address, as they are looked at here.
func (a *authority) ask(ctx context.Context, r *Request, c credentials) (principal string, err error) {
	if c.scheme == byBasic {
		release, err := a.limiter.asking.take(ctx, r.Address)
		if err != nil {
			return "", err
		}
		defer release()
		if wait := a.limiter.wait(time.Now(), r.Address, c.user); wait > 0 {
			return "", a.tooOften(r, c, wait)
		}
	}
	answer, err := a.service.ask(ctx, r, c)
	if err != nil {
		a.complain(err)
		return "", err
	}
	switch answer.Status {
	case http.StatusUnauthorized:
		if c.scheme != none {
			a.failed(r, c)
		}
		return "", a.Challenge(r)
	case http.StatusForbidden:
		return answer.principal(c), &Refusal{Err: ErrForbidden}
	}
	if c.scheme != none {
		a.limiter.succeeded(time.Now(), r.Address, c.user)
	}
	return answer.principal(c), nil
}
