package auth

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
)

// An Action is what somebody wants to do.
type Action = config.Action

// The actions there are. Replay is asked for what is stored; whoever may Read may Replay.
const (
	Read    = config.ActionRead
	Replay  = config.ActionReplay
	Publish = config.ActionPublish
	Admin   = config.ActionAdmin
)

// A Request is a question: may whoever sent this do that?
type Request struct {
	Action  Action
	Path    string     // of the presentation, without slashes at its ends; "" for Admin
	Address netip.Addr // of who asks
	Local   bool       // who asks is this machine
	// Forwarded says that a proxy has passed the request on: Address and Local are about the proxy, and who asks can be anywhere.
	Forwarded bool
	// Resource is what is asked for over HTTP, without the query; "" else. Nothing is decided by it: it is written down.
	Resource string
	Protocol string // "rtsp", "rtsps", "ws", "wss", "http", "https", "lab"
	Secure   bool   // nobody else can read what is sent

	// What proves who asks: method and URL as sent, for Digest; the values of Authorization headers; the raw query
	// of the URL, which may have a token.
	Method, URI   string
	Authorization []string
	Query         string
}

// An Authorizer decides. Its methods are safe for concurrent use.
type Authorizer interface {
	// Authorize returns who asks, "" for nobody in particular, when they may. A refusal is a *[Refusal], which may
	// come with a name too; any other error is a fault of what was asked, and no answer. It gives up when ctx ends.
	Authorize(ctx context.Context, r *Request) (principal string, err error)
	// List tells what of all that there is who asks may read, when that may be something. Errors are those of Authorize.
	List(ctx context.Context, r *Request) (principal string, sees Sight, err error)
	// Follow reads users again when their file changes, until ctx ends, and tells each time who may still do what.
	Follow(ctx context.Context, changed func(Standing))
	// Challenge is the refusal of a request that should have said whose it is.
	Challenge(r *Request) *Refusal
}

// Why a request is refused.
var (
	ErrUnknown   = errors.New("who asks is not known") // no credentials, or none that are right
	ErrStale     = errors.New("the nonce is too old")  // right credentials, made with it
	ErrForbidden = errors.New("not allowed")           // known, and may not
	ErrTooOften  = errors.New("failed too often")      // has to wait
)

// A Refusal says no, and why.
type Refusal struct {
	Err        error         // one of those above
	Challenges []string      // what to put into WWW-Authenticate, the strongest first; with ErrUnknown and ErrStale
	Wait       time.Duration // with ErrTooOften: how long
}

// Error is why.
func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap returns why.
func (r *Refusal) Unwrap() error { return r.Err }
