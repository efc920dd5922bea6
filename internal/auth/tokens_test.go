package auth

import (
	"errors"
	"testing"
	"time"
)

// What a token says of rights is as in the file; one that says it in words that are not known is no token.
func TestTheClaimOfATokenIsAListOfRights(t *testing.T) {
	w := newWeb()
	for _, claim := range []string{"baton", "rights"} {
		a := authorityOf(t, "anonymous: []\nauth: { jwt: { jwks: 'https://service/keys', claim: "+claim+" } }\n", w)
		one := func(right map[string]any) map[string]any { return map[string]any{claim: []any{right}} }
		for name, c := range map[string]struct {
			claims map[string]any
			want   error
		}{
			"a right":          {one(map[string]any{"do": "read", "path": "cam"}), nil},
			"several actions":  {one(map[string]any{"do": []string{"publish", "read"}}), nil},
			"another path":     {one(map[string]any{"do": "read", "path": "stage/*"}), ErrForbidden},
			"another action":   {one(map[string]any{"do": "publish"}), ErrForbidden},
			"another claim":    {map[string]any{"other": []any{map[string]any{"do": "read"}}}, ErrForbidden},
			"nothing":          {map[string]any{claim: nil}, ErrForbidden},
			"unknown action":   {one(map[string]any{"do": "everything"}), ErrUnknown},
			"no action":        {one(map[string]any{"path": "cam"}), ErrUnknown},
			"bad path":         {one(map[string]any{"do": "read", "path": "../cam"}), ErrUnknown},
			"what narrows it":  {one(map[string]any{"do": "read", "from": "loopback"}), ErrUnknown},
			"admin of a path":  {one(map[string]any{"do": []string{"admin", "read"}, "path": "cam"}), ErrUnknown},
			"not a list":       {map[string]any{claim: map[string]any{"do": "read"}}, ErrUnknown},
			"not a list, text": {map[string]any{claim: "read"}, ErrUnknown},
		} {
			r := withToken("cam", w.token("t", time.Hour, c.claims))
			a.limiter = newLimiter()
			if who, err := a.Authorize(t.Context(), r); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || (who == "jwt:t") != (c.want != ErrUnknown) {
				t.Errorf("%s in %s: %q, %v", name, claim, who, err)
			}
		}
	}
}
