package config

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var matches = []struct {
	pattern string
	yes, no []string
}{
	{"cam1", []string{"cam1"}, []string{"", "cam", "cam11", "Cam1", "cam1/a"}},
	{"stage/left", []string{"stage/left"}, []string{"stage", "stage/right", "stage/left/a"}},
	{"*", []string{"cam1", "a"}, []string{"", "stage/left"}},
	{"stage/*", []string{"stage/left", "stage/a b"}, []string{"stage", "stage/left/a", "x/stage/left"}},
	{"*/left", []string{"stage/left"}, []string{"left", "a/b/left"}},
	{"cam*", []string{"cam", "cam1", "cam12"}, []string{"ca", "cam/1", "xcam"}},
	{"c*m*1", []string{"cm1", "cam1", "camm11"}, []string{"cam", "c/m1"}},
	{"**", []string{"", "a", "a/b", "a/b/c"}, nil},
	{"stage/**", []string{"stage", "stage/left", "stage/left/a"}, []string{"", "stages", "x/stage"}},
	{"**/left", []string{"left", "stage/left", "a/b/left"}, []string{"", "stage/left/a"}},
	{"a/**/b/*", []string{"a/b/c", "a/x/b/c", "a/b/b/b", "a/b/x/b/c"}, []string{"a/b", "a/x/c", "b/b/c"}},
	{"**/a/**", []string{"a", "a/b", "b/a", "b/a/b"}, []string{"", "b"}},
	{"[a].mkv", []string{"[a].mkv"}, []string{"a.mkv"}},
}

func TestMatch(t *testing.T) {
	for _, c := range matches {
		for _, name := range c.yes {
			if !Match(c.pattern, name) {
				t.Errorf("%q does not match %q", c.pattern, name)
			}
		}
		for _, name := range c.no {
			if Match(c.pattern, name) {
				t.Errorf("%q matches %q", c.pattern, name)
			}
		}
	}
}

func TestPatternsThatMeanNothingAreRefused(t *testing.T) {
	for _, c := range matches {
		if got, err := parsePattern("/" + c.pattern); got != c.pattern || err != nil {
			t.Errorf("%q: %q, %v", c.pattern, got, err)
		}
	}
	for _, s := range []string{"", "/", "//", "a/", "a//b", "a/../b", "./a", "..", "a**", "**b", "***", "a\nb", "a\x00", "cam{1,2}", "clock?gop=1"} {
		if got, err := parsePattern(s); err == nil {
			t.Errorf("%q is pattern %q", s, got)
		}
	}
}

func TestSpecificityOrder(t *testing.T) {
	want := []string{"**", "stage/**", "stage/cam/**", "*", "stage/*", "stage/cam*", "a", "stage/cam1"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortStableFunc(got, compareSpecificity)
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// FuzzMatch compares Match with the regular expression that means the same.
func FuzzMatch(f *testing.F) {
	for _, c := range matches {
		for _, name := range slices.Concat(c.yes, c.no) {
			f.Add(c.pattern, name)
		}
	}
	f.Add("a*a*a*a*a*a*a*b", strings.Repeat("a", 1000))
	f.Fuzz(func(t *testing.T, pattern, name string) {
		Match(pattern, name) // does not panic on what is no pattern
		pattern, err := parsePattern(pattern)
		if err != nil || strings.Contains("/"+name+"/", "//") {
			return
		}
		got := Match(pattern, name)
		if re, err := regexp.Compile(toRegexp(pattern)); err == nil && re.MatchString(name+"/") != got {
			t.Errorf("%q, %q: %t, unlike %s", pattern, name, got, re)
		}
	})
}

// toRegexp translates a pattern into an expression over a name with a slash at
// its end. Bytes beyond ASCII that are not UTF-8 make no expression.
func toRegexp(pattern string) string {
	var b strings.Builder
	b.WriteString(`^(?s:`)
	for _, segment := range strings.Split(pattern, "/") {
		if segment == "**" {
			b.WriteString(`(?:[^/]+/)*`)
		} else {
			b.WriteString(strings.ReplaceAll(regexp.QuoteMeta(segment), `\*`, `[^/]*`) + "/")
		}
	}
	b.WriteString(`)$`)
	return b.String()
}
