package rtsp

import "strings"

// A Challenge is one scheme that a server asks credentials for, from a WWW-Authenticate header (RFC 2326 §12.44, RFC 7235
// §4.1).
type Challenge struct {
	Scheme string      // as sent: "Digest", "Basic"; compare without regard to case
	Params []Parameter // names in lower case, values without their quotes, in the order sent
}

// Param is the value of a parameter; "" when there is none.
func (c Challenge) Param(name string) string {
	for _, p := range c.Params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// ParseChallenges reads the values of WWW-Authenticate headers. A header may hold several challenges, and parameters are
// separated by the same commas: a word that is followed by another word begins a challenge. What makes no sense is left out,
// for cameras send a lot of it, and at most 16 challenges are read.
func ParseChallenges(values []string) []Challenge {
	var list []Challenge
	for _, v := range values {
		for _, item := range appendList(nil, v) {
			scheme, param := "", item
			if space := strings.IndexAny(param, " \t"); space > 0 && !strings.Contains(param[:space], "=") && !strings.HasPrefix(trim(param[space:]), "=") {
				scheme, param = param[:space], trim(param[space:])
			} else if param != "" && !strings.Contains(param, "=") {
				scheme, param = param, ""
			}
			if scheme != "" {
				if len(list) == maxChallenges {
					return list
				}
				list = append(list, Challenge{Scheme: scheme})
			}
			name, value, ok := strings.Cut(param, "=")
			if !ok || len(list) == 0 {
				continue
			}
			c := &list[len(list)-1]
			c.Params = append(c.Params, Parameter{strings.ToLower(trim(name)), unquote(trim(value))})
		}
	}
	return list
}

const maxChallenges = 16
