package auth

import "time"

// challenge is what a request is answered that does not prove whose it is: the strongest first, for each algorithm
// one of its own, and MD5 last of those for Digest, because FFmpeg knows no other and takes the last (AUT-02);
// it can be switched off.
func (a *authority) challenge(r *Request, err error) *Refusal {
	nonce := a.users.nonces.issue(time.Now(), r.Address.Unmap())
	rest := `realm="` + Realm + `", nonce="` + nonce + `", qop="auth", algorithm=`
	tail := ""
	if err == ErrStale {
		tail = ", stale=true"
	}
	no := &Refusal{Err: err, Challenges: []string{"Digest " + rest + "SHA-256" + tail}}
	if a.users.md5 {
		no.Challenges = append(no.Challenges, "Digest "+rest+"MD5"+tail)
	}
	if r.Secure {
		if a.tokens != nil {
			no.Challenges = append([]string{`Bearer realm="` + Realm + `"`}, no.Challenges...)
		}
		no.Challenges = append(no.Challenges, `Basic realm="`+Realm+`", charset="UTF-8"`)
	}
	return no
}
