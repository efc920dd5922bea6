package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The three sources of a certificate, in the forms that people write.
func TestTLSOfTheFile(t *testing.T) {
	for text, want := range map[string]TLS{
		"":                                 {},
		"tls: {}":                          {},
		"rtsps: \":322\"":                  {},
		"tls: { cert: a.pem, key: b.pem }": {Cert: "a.pem", Key: "b.pem"},
		"tls: { auto: true }":              {Auto: true},
		"tls.auto: true":                   {Auto: true},
		"tls: { auto: false }":             {},
		"tls: { acme: { domains: [A.example.org, b.example.org], email: me@example.org } }": {ACME: ACME{Domains: []string{"a.example.org", "b.example.org"}, Email: "me@example.org"}},
		"tls:\n  acme:\n    domains: a.example.org\n    ca: https://ca.example/dir":         {ACME: ACME{Domains: []string{"a.example.org"}, CA: "https://ca.example/dir"}},
	} {
		c := mustLoadFile(t, text)
		if diff := cmp.Diff(want, c.TLS); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		if c.TLS.On() != !cmp.Equal(want, TLS{}) {
			t.Errorf("%s: on is %v", text, c.TLS.On())
		}
	}
}

func TestBadTLSIsToldOf(t *testing.T) {
	for text, want := range map[string]place{
		"tls:\n  cert: a.pem":                                    {"baton.yml", 2, "tls.cert"},
		"tls:\n  key: a.pem":                                     {"baton.yml", 0, "tls.cert"},
		"tls:\n  cert: a\n  key: b\n  auto: true":                {"baton.yml", 4, "tls.auto"},
		"tls:\n  auto: true\n  acme.domains: a.example":          {"baton.yml", 2, "tls.auto"},
		"tls:\n  acme:\n    email: me@example.org":               {"baton.yml", 0, "tls.acme.domains"},
		"tls:\n  acme:\n    domains: localhost":                  {"baton.yml", 3, "tls.acme.domains"},
		"tls:\n  acme:\n    domains: 192.0.2.1":                  {"baton.yml", 3, "tls.acme.domains"},
		"tls:\n  acme:\n    ca: http://ca.example/":              {"baton.yml", 3, "tls.acme.ca"},
		"tls:\n  acme:\n    domain: a.example":                   {"baton.yml", 3, "tls.acme.domain"},
		"tls:\n  certificate: a.pem":                             {"baton.yml", 2, "tls.certificate"},
		"tls: true":                                              {"baton.yml", 1, "tls"},
		"rtsps: 8322":                                            {"baton.yml", 1, "rtsps"},
		"tls:\n  acme:\n    domains: [a.example]\n    email: me": {"baton.yml", 4, "tls.acme.email"},
	} {
		_, err := loadFile(text)
		if err == nil {
			t.Errorf("%q was taken", text)
			continue
		}
		if got := placesOf(t, err); got[0] != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// A port for TLS without a certificate would not open: that is said at once.
func TestPortOfTLSNeedsTLS(t *testing.T) {
	if _, err := loadFile("", "--rtsps", ":322"); err == nil {
		t.Error("--rtsps without tls was taken")
	}
	if c, err := loadFile("tls: { auto: true }", "--rtsps", ":322"); err != nil || c.RTSPS != ":322" {
		t.Errorf("%v, %v", c, err)
	}
	if c, err := loadFile("tls: { auto: true }\nrtsps: off"); err != nil || c.RTSPS != "" {
		t.Errorf("%v, %v", c, err)
	}
}
