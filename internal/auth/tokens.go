package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
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
	claim  string
}

// A claims is what a token says.
type claims struct {
	jwt.RegisteredClaims
	name   string // of the claim that says what its bearer may do; the rest is read
	rights []config.Right
}

// UnmarshalJSON takes the list of rights in the claim of the name, as it stands behind allow of a user in a file.
func (c *claims) UnmarshalJSON(b []byte) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &c.RegisteredClaims); err != nil {
		return err
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	var list []tokenRight
	if mine, ok := all[c.name]; ok {
		d := json.NewDecoder(bytes.NewReader(mine))
		d.DisallowUnknownFields() // which could be meant to narrow it
		if err := d.Decode(&list); err != nil {
			return err
		}
	}
	for _, x := range list {
		right, err := config.ParseRight(x.Do, x.Path)
		if err != nil {
			return err
		}
		c.rights = append(c.rights, right)
	}
	return nil
}

// A tokenRight is one of them.
type tokenRight struct {
	Do   words  `json:"do"`
	Path string `json:"path"`
}

// words are a string or a list of them.
type words []string

// UnmarshalJSON takes both.
func (w *words) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*w = words{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(w))
}

// newTokens fetches keys once, and then from time to time until ctx ends.
func newTokens(ctx context.Context, client *http.Client, cfg config.JWT, log *slog.Logger) (*tokens, error) {
	limited := *client
	limited.Transport = limitedBodies{orDefault(client.Transport)}
	keys, err := keyfunc.NewDefaultOverrideCtx(ctx, []string{cfg.JWKS.Location()}, keyfunc.Override{
		Client: &limited, HTTPTimeout: keysTimeout, RefreshInterval: keysAge, RateLimitWaitMax: keysTimeout, // over the fetch too
		RefreshUnknownKID: rate.NewLimiter(rate.Every(keysPause), 1),
		RefreshErrorHandlerFunc: func(string) func(context.Context, error) {
			return func(context.Context, error) { // which quotes the URL with its query
				log.Warn("the keys of tokens cannot be fetched", "url", cfg.JWKS)
			}
		},
	})
	if err != nil {
		return nil, errors.New("the keys of tokens cannot be fetched from " + cfg.JWKS.String())
	}
	options := []jwt.ParserOption{
		// signatures that anybody can check, and only the one with the private key can make
		jwt.WithValidMethods([]string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}),
		jwt.WithExpirationRequired(), jwt.WithLeeway(30 * time.Second),
	}
	if cfg.Issuer != "" {
		options = append(options, jwt.WithIssuer(cfg.Issuer))
	}
	if cfg.Audience != "" {
		options = append(options, jwt.WithAudience(cfg.Audience))
	}
	return &tokens{keys: keys, parser: jwt.NewParser(options...), claim: cfg.Claim}, nil
}

// identify tells who bears a token, and what they may do. Names of tokens are not those of users.
func (t *tokens) identify(ctx context.Context, token string) (principal string, rights []config.Right, v verdict, err error) {
	c := claims{name: t.claim}
	if _, err := t.parser.ParseWithClaims(token, &c, t.keys.KeyfuncCtx(ctx)); err != nil || c.Subject == "" || len(c.Subject) > maxName {
		return "", nil, wrong, ctx.Err()
	}
	return "jwt:" + c.Subject, c.rights, right, nil
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
