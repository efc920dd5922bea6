package config

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
)

// Match tells whether pattern matches the path called name. Both are segments
// with slashes between them. In a pattern,
//
//   - * stands for any characters within a segment: stage/* is every path
//     directly below stage, cam* every one whose only segment begins with cam;
//   - ** as a whole segment stands for any number of segments, none included:
//     ** is every path, stage/** is stage and all below it.
//
// Everything else is literal, and case matters.
func Match(pattern, name string) bool {
	if !strings.Contains(pattern, "*") { // most rules: no need to split
		return pattern == name
	}
	p, n := segments(pattern), segments(name)
	return glob(len(p), len(n),
		func(i int) bool { return p[i] == "**" },
		func(i, j int) bool { return matchSegment(p[i], n[j]) })
}

// matched is what the stars of a pattern stand for in a name that it matches: all from the first to the last of them.
func matched(pattern, name string) string {
	before := strings.IndexByte(pattern, '*')
	if before < 0 {
		return ""
	}
	after := len(pattern) - strings.LastIndexByte(pattern, '*') - 1
	if len(name) < before+after { // a ** that stands for nothing
		return ""
	}
	return name[before : len(name)-after]
}

func segments(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

func matchSegment(pattern, segment string) bool {
	return glob(len(pattern), len(segment),
		func(i int) bool { return pattern[i] == '*' },
		func(i, j int) bool { return pattern[i] == segment[j] })
}

// glob matches a pattern of plen elements with a name of nlen. A star takes any
// number of the name's elements. Going back to the last star alone is enough:
// whatever an earlier one could take, the last one can too. So a hostile name
// costs at most plen × nlen steps.
func glob(plen, nlen int, star func(i int) bool, equal func(i, j int) bool) bool {
	p, n := 0, 0
	lastStar, taken := -1, 0 // the last star, and the name up to which it takes
	for p < plen || n < nlen {
		switch {
		case p < plen && star(p):
			lastStar, taken = p, n
			p++
		case p < plen && n < nlen && equal(p, n):
			p++
			n++
		case lastStar >= 0 && taken < nlen:
			taken++
			p, n = lastStar+1, taken
		default:
			return false
		}
	}
	return true
}

// compareSpecificity orders two patterns as Config.Path lays them over each
// other: negative when a is the less specific one.
func compareSpecificity(a, b string) int {
	return cmp.Or(
		cmp.Compare(exactness(a), exactness(b)),
		cmp.Compare(literals(a), literals(b)))
}

func exactness(pattern string) int {
	switch {
	case strings.Contains(pattern, "**"):
		return 0
	case strings.Contains(pattern, "*"):
		return 1
	}
	return 2
}

func literals(pattern string) int { return len(pattern) - strings.Count(pattern, "*") }

// parsePattern checks a key of the paths section. A leading slash, as a URL has
// it, is dropped.
func parsePattern(s string) (string, error) {
	pattern := strings.TrimPrefix(s, "/")
	if pattern == "" {
		return "", &valueError{text: `a path needs a name or a pattern, "**" is every path`}
	}
	if trimmed := strings.TrimRight(pattern, "/"); trimmed != pattern {
		return "", &valueError{text: fmt.Sprintf("path %q ends in a slash", s), hint: trimmed + "/*"}
	}
	if strings.ContainsFunc(pattern, unicode.IsControl) {
		return "", &valueError{text: fmt.Sprintf("path %q has a control character", s)}
	}
	if i := strings.IndexAny(pattern, "{}?"); i >= 0 {
		return "", &valueError{text: fmt.Sprintf("path %q has %q: patterns are made of * and ** only, and paths have no query", s, pattern[i:i+1])}
	}
	for _, segment := range strings.Split(pattern, "/") {
		switch {
		case segment == "", segment == ".", segment == "..":
			return "", &valueError{text: fmt.Sprintf("path %q has an empty, . or .. segment", s)}
		case strings.Contains(segment, "**") && segment != "**":
			return "", &valueError{text: fmt.Sprintf("path %q has ** in a longer segment", s), hint: strings.ReplaceAll(pattern, "**", "*")}
		}
	}
	return pattern, nil
}
