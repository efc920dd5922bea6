package auth

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"

	"github.com/baton-rtsp/baton/internal/config"
)

const (
	// keysTimeout is how long fetching keys may take.
	keysTimeout = 3 * time.Second
	// keysAge is how long keys are used before they are fetched again.
	keysAge = 10 * time.Minute
	// keysPause is how long an unknown key in a token waits for the next fetch: tokens can be made up.
	keysPause = 10 * time.Second
	// maxKeys is the most bytes of keys that are read.
	maxKeys = 1 << 20
)

// tokens knows JSON Web Tokens (RFC 7519) by the public keys of who signs them.
type tokens struct {
	keys   keyfunc.Keyfunc
	parser *jwt.Parser
}

// A claims is what a token says. What its bearer may do is in the claim baton.
type claims struct {
	jwt.RegisteredClaims
	Baton struct {
		Read    patterns `json:"read"`
		Replay  patterns `json:"replay"`
		Publish patterns `json:"publish"`
		Admin   bool     `json:"admin"`
	} `json:"baton"`
}

// patterns are those of paths: a string with blanks between them, or a list.
type patterns []string

// UnmarshalJSON takes both.
func (p *patterns) UnmarshalJSON(b []byte) error {
	var list []string
	if err := json.Unmarshal(b, &list); err != nil {
		var one string
		if json.Unmarshal(b, &one) != nil {
			return err
		}
		list = []string{one}
	}
	var err error
	*p, err = config.ParsePatterns(strings.Join(list, " "))
	return err
}

// newTokens fetches keys once, and then from time to time until ctx ends.
func newTokens(ctx context.Context, client *http.Client, cfg config.Auth, log *slog.Logger) (*tokens, error) {
	limited := *client
	limited.Transport = limitedBodies{orDefault(client.Transport)}
	keys, err := keyfunc.NewDefaultOverrideCtx(ctx, []string{cfg.JWTKeys.Location()}, keyfunc.Override{
		Client: &limited, HTTPTimeout: keysTimeout, RefreshInterval: keysAge, RateLimitWaitMax: keysTimeout, // over the fetch too
		RefreshUnknownKID: rate.NewLimiter(rate.Every(keysPause), 1),
		RefreshErrorHandlerFunc: func(string) func(context.Context, error) {
			return func(context.Context, error) { // which quotes the URL with its query
				log.Warn("the keys of tokens cannot be fetched", "url", cfg.JWTKeys)
			}
		},
	})
	if err != nil {
		return nil, errors.New("the keys of tokens cannot be fetched from " + cfg.JWTKeys.String())
	}
	options := []jwt.ParserOption{
		// signatures that anybody can check, and only the one with the private key can make
		jwt.WithValidMethods([]string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}),
		jwt.WithExpirationRequired(), jwt.WithLeeway(30 * time.Second),
	}
	if cfg.JWTIssuer != "" {
		options = append(options, jwt.WithIssuer(cfg.JWTIssuer))
	}
	if cfg.JWTAudience != "" {
		options = append(options, jwt.WithAudience(cfg.JWTAudience))
	}
	return &tokens{keys: keys, parser: jwt.NewParser(options...)}, nil
}

// identify tells who bears a token, and what they may do. Names of tokens are not those of users.
func (t *tokens) identify(ctx context.Context, token string) (principal string, rights *config.Rights, v verdict, err error) {
	var c claims
	if _, err := t.parser.ParseWithClaims(token, &c, t.keys.KeyfuncCtx(ctx)); err != nil || c.Subject == "" || len(c.Subject) > maxName {
		return "", nil, wrong, ctx.Err()
	}
	return "jwt:" + c.Subject, &config.Rights{Read: c.Baton.Read, Replay: c.Baton.Replay, Publish: c.Baton.Publish, Admin: c.Baton.Admin}, right, nil
}

// limitedBodies cuts what comes off behind maxKeys.
type limitedBodies struct{ http.RoundTripper }

// RoundTrip asks.
func (l limitedBodies) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxKeys), resp.Body}
	}
	return resp, err
}

func orDefault(t http.RoundTripper) http.RoundTripper {
	if t == nil {
		return http.DefaultTransport
	}
	return t
}
