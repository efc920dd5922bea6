package rtsp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/rtsp"
)

// AUT-02: several challenges come in one header or in one each, their parameters quoted or not.
func TestParseChallenges(t *testing.T) {
	for value, want := range map[string]string{
		`Basic realm="a, b"`:                           `Basic realm=a, b`,
		`Digest realm="x", nonce=abc ,algorithm=MD5`:   `Digest realm=x nonce=abc algorithm=MD5`,
		`Basic realm="x", Digest realm="y", nonce="n"`: `Basic realm=x|Digest realm=y nonce=n`,
		`Digest realm = "x" , NONCE = "q\"r"`:          `Digest realm=x nonce=q"r`,
		`Negotiate`:                                    `Negotiate`,
		`Negotiate, Basic realm=x`:                     `Negotiate|Basic realm=x`,
		`Digest,realm="x"`:                             `Digest realm=x`,
		`realm="lost"`:                                 ``,
		``:                                             ``,
		`Digest nonce="open`:                           `Digest nonce="open`,
	} {
		var got []string
		for _, c := range rtsp.ParseChallenges([]string{value}) {
			s := c.Scheme
			for _, p := range c.Params {
				s += " " + p.Name + "=" + p.Value
			}
			got = append(got, s)
		}
		if diff := cmp.Diff(want, strings.Join(got, "|")); diff != "" {
			t.Errorf("%s: %s", value, diff)
		}
	}
	if n := len(rtsp.ParseChallenges([]string{strings.Repeat("Basic realm=x,", 1000)})); n != 16 {
		t.Errorf("%d challenges", n)
	}
}

func FuzzParseChallenges(f *testing.F) {
	f.Add(`Digest realm="x", nonce=abc, Basic realm=y`)
	f.Fuzz(func(t *testing.T, s string) {
		size := 0
		for _, c := range rtsp.ParseChallenges([]string{s}) {
			size += len(fmt.Sprint(c))
		}
		if size > 8*len(s)+64 {
			t.Errorf("%d bytes of %d", size, len(s))
		}
	})
}
