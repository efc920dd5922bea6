package auth

import (
	"context"
	"errors"
	"net/netip"
	"testing"
)

// AUT-08: what can be played is told to each as far as they may read it, and to nobody who may read nothing and is not known.
func TestEachSeesWhatTheyMayRead(t *testing.T) {
	w := newWeb()
	w.answer = func(_ context.Context, q question) (int, string) {
		if q.Path == "" && q.Action == Read && q.Token == "all" {
			return 200, ""
		}
		return tableService(t.Context(), q)
	}
	a := authorityOf(t, tableConfig, w)
	shut := authorityOf(t, "anonymous: [ { do: publish }, { do: read, from: loopback } ]", nil)
	// what there is: live and open, live, stored
	type seen [3]bool
	for name, c := range map[string]struct {
		a           *authority
		user, query string
		from        string
		want        seen
		err         error
	}{
		"everybody":                 {a: a, want: seen{true, false, false}},
		"a reader":                  {a: a, user: "reader", want: seen{true, true, true}},
		"of films":                  {a: a, user: "guest", want: seen{true, false, true}},
		"of what is stored":         {a: a, user: "replayer", want: seen{true, false, true}},
		"who may nothing":           {a: a, user: "nobody", want: seen{true, false, false}},
		"who may at home":           {a: a, user: "home", want: seen{true, false, false}},
		"who may at home, there":    {a: a, user: "home", from: "127.0.0.1", want: seen{true, true, true}},
		"whom the service lets":     {a: a, query: "token=all", want: seen{true, true, true}},
		"whom the service does not": {a: a, query: "token=service-no", err: ErrForbidden},
		"a token without rights":    {a: a, query: "token=" + w.token("t", 1e12, nil), want: seen{true, false, false}},
		"a wrong token":             {a: a, query: "token=none", err: ErrUnknown},
		"nobody, where all is shut": {a: shut, err: ErrUnknown},
		"this machine":              {a: shut, from: "127.0.0.1", want: seen{true, true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			r := read("")
			r.Method, r.URI, r.Query, r.Protocol = "GET", "/api/v1/presentations", c.query, "http"
			if c.from != "" {
				r.Address = netip.MustParseAddr(c.from)
			}
			if c.user != "" {
				r.Authorization = []string{authorization(c.a.Challenge(r).Challenges, "SHA-256", c.user, canary, r.Method, r.URI)}
			}
			principal, sees, err := c.a.List(t.Context(), r)
			var no *Refusal
			if c.err != nil {
				if !errors.As(err, &no) || no.Err != c.err {
					t.Errorf("%v, want %v", err, c.err)
				}
				return
			}
			if err != nil || c.user != "" && principal != c.user {
				t.Fatalf("%q, %v", principal, err)
			}
			got := seen{true, true, true}
			if sees != nil {
				got = seen{sees("open/x", false), sees("cam/x", false), sees("film/x", true)}
			}
			if got != c.want {
				t.Errorf("sees %v, want %v", got, c.want)
			}
		})
	}
}

// A service that does not answer is no leave to see anything.
func TestAListWithoutAnAnswer(t *testing.T) {
	w := newWeb()
	w.answer = tableService
	a := authorityOf(t, tableConfig, w)
	r := read("")
	r.Query = "token=service-down"
	if _, sees, err := a.List(t.Context(), r); err == nil || sees != nil {
		t.Errorf("%v", err)
	}
}
