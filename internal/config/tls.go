package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
)

// TLS says where the certificate of the server comes from. The zero value is nowhere: there is no TLS.
type TLS struct {
	// Cert and Key are files of PEM: the certificate and its key, which may be one. They are read again when they change.
	Cert, Key string
	// Auto has the server make its own certificate, and keep it in the state folder.
	Auto bool
	// ACME has an authority asked for one.
	ACME ACME
}

// ACME is how a certification authority is asked (RFC 8555).
type ACME struct {
	Domains []string // names of this server that everybody can resolve; none: nobody is asked
	Email   string   // where the authority may write to, or empty
	CA      string   // URL of the authority's directory; empty is Let's Encrypt
}

// On tells whether there is TLS.
func (t *TLS) On() bool { return !reflect.ValueOf(*t).IsZero() }

// fault is what makes no sense about settings that are each good, and the key it is about.
func (t *TLS) fault() (key string, err error) {
	files, acme := t.Cert != "" || t.Key != "", len(t.ACME.Domains) > 0
	switch {
	case files && (t.Cert == "" || t.Key == ""):
		return "tls.cert", &valueError{text: "tls: cert and key are needed together; they may name the same file"}
	case !acme && (t.ACME.Email != "" || t.ACME.CA != ""):
		return "tls.acme.domains", &valueError{text: "tls.acme: domains are missing"}
	case files && t.Auto, files && acme, t.Auto && acme:
		return "tls.auto", &valueError{text: "tls: the certificate can come from cert and key, or auto, or acme, not from two of them"}
	}
	return "", nil
}

func parseFileName(s string) (string, error) {
	if s == "" || strings.ContainsRune(s, 0) {
		return "", &valueError{text: fmt.Sprintf("%q is not a file", s)}
	}
	return s, nil
}

// parseDomains takes names of this server, separated by blanks.
func parseDomains(s string) ([]string, error) {
	list := strings.Fields(strings.ToLower(s))
	if len(list) == 0 {
		return nil, &valueError{text: "there is no name, such as cams.example.org"}
	}
	for _, name := range list {
		_, err := netip.ParseAddr(name)
		if err == nil || len(name) > 253 || !strings.Contains(name, ".") || strings.Trim(name, ".") != name || !hostInAddress(name) {
			return nil, &valueError{text: fmt.Sprintf("%q is no name that an authority can check, such as cams.example.org", name)}
		}
	}
	return list, nil
}

func parseEmail(s string) (string, error) {
	if user, host, ok := strings.Cut(s, "@"); !ok || user == "" || host == "" || strings.ContainsAny(s, " \t<>") {
		return "", &valueError{text: fmt.Sprintf("%q is no address of e-mail", s)}
	}
	return s, nil
}

// parseDirectory takes the URL of an authority.
func parseDirectory(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return "", &valueError{text: fmt.Sprintf("%q is not the https URL of an authority's directory", s)}
	}
	return s, nil
}
