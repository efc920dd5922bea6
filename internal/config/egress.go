package config

import (
	"strings"

	"github.com/baton-rtsp/baton/internal/egress"
)

// Egress says where the server may connect to on behalf of others: each a name of a
// group, an address or a range. What Deny names is refused, unless Allow does too.
type Egress struct {
	Deny, Allow []string
}

// Policy is what the words mean.
func (e Egress) Policy() *egress.Policy {
	p, err := egress.New(e.Deny, e.Allow)
	if err != nil {
		panic(err) // they were read by parseEgress
	}
	return p
}

// parseEgress checks words of a policy, separated by blanks; none, or off, denies
// nothing.
func parseEgress(s string) ([]string, error) {
	words := strings.Fields(s)
	if s == "off" {
		words = nil
	}
	if _, err := egress.New(words, nil); err != nil {
		return nil, &valueError{text: err.Error()}
	}
	return words, nil
}
