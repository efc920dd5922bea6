package origin

import (
	"net/http"
	"os"
	"testing"
)

func TestNamesOfThisServer(t *testing.T) {
	g := New([]string{"video.example.org"}, []string{"https://page.example:8443"})
	here, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.0.0.1:8080": true, "192.0.2.7:80": true, "[::1]:8080": true, "[::1]": true, "[fe80::1%25eth0]:1": true,
		"localhost": true, "LOCALHOST:8080": true, "localhost.": true, "a.localhost:1": true,
		here: true, here + ":8080": true, "video.example.org": true, "Video.Example.Org:8080": true, "page.example:1": true,
		"": false, ":8080": false, "evil.example": false, "evil.example:8080": false, "127.0.0.1.evil.example": false, "localhost.evil.example": false,
		"notlocalhost": false, "x.video.example.org": false, here + ".evil.example": false, "0x7f.1": false, "2130706433": false,
	} {
		if got := g.Knows(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
	for _, any := range []*Guard{New([]string{"*"}, nil), New(nil, []string{"*"})} {
		if !any.Knows("evil.example") || any.Knows("") {
			t.Error("* is not any")
		}
	}
}

// WSK-07: a page is of this server when it has its host, and the host is this server's: that a name leads here makes nothing its.
func TestPagesThatMayComeIn(t *testing.T) {
	g := New(nil, []string{"https://page.example"})
	for name, x := range map[string]struct {
		host    string
		origins []string
		want    bool
	}{
		"no browser":          {"evil.example", nil, true},
		"own page":            {"127.0.0.1:8080", []string{"http://127.0.0.1:8080"}, true},
		"own page by name":    {"localhost:8080", []string{"http://localhost:8080"}, true},
		"listed page":         {"127.0.0.1:8080", []string{"https://page.example"}, true},
		"rebound name":        {"evil.example:8080", []string{"http://evil.example:8080"}, false},
		"page of another":     {"127.0.0.1:8080", []string{"http://evil.example"}, false},
		"other port":          {"127.0.0.1:8080", []string{"http://127.0.0.1:9090"}, false},
		"null":                {"127.0.0.1:8080", []string{"null"}, false},
		"two":                 {"127.0.0.1:8080", []string{"https://page.example", "http://evil.example"}, false},
		"nothing":             {"127.0.0.1:8080", []string{""}, false},
		"nothing of nobody":   {"", []string{""}, false},
		"listed without port": {"127.0.0.1:8080", []string{"https://page.example:444"}, false},
	} {
		r := &http.Request{Host: x.host, Header: http.Header{"Origin": x.origins}}
		if got := g.Allows(r); got != x.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
