// Package docs holds conformance.md, which says for every item of behaviour
// that Baton is held to what it does and which test proves it, and the tests
// that keep that page and the tests it names in step.
//
// After new tests name new IDs, `go test ./docs -update` adds the rows, and the
// words have to be filled in by hand.
package docs

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var update = flag.Bool("update", false, "bring the tables of conformance.md in step with the tests")

func loadAll(t *testing.T) (*page, []string, *citations) {
	t.Helper()
	list, err := os.ReadFile("ids.txt")
	if err != nil {
		t.Fatal(err)
	}
	ids, err := parseIDs(string(list))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	c, err := findCitations(repository())
	if err != nil {
		t.Fatal(err)
	}
	p, err := parsePage(strings.ReplaceAll(string(text), "\r\n", "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		p.update(ids, c)
		if err := os.WriteFile("conformance.md", []byte(p.format(ids)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return p, ids, c
}

func TestCoveredItemsAreProven(t *testing.T) {
	p, ids, c := loadAll(t)
	for _, r := range sorted(p.covered) {
		if !slices.Contains(ids, r.id) {
			t.Errorf("conformance.md:%d: %s is not in ids.txt", r.line, r.id)
		}
		if r.rfc == "" || r.text == "" {
			t.Errorf("conformance.md:%d: %s: say where it is written and what Baton does", r.line, r.id)
		}
		if len(r.tests) == 0 {
			t.Errorf("conformance.md:%d: %s: no test", r.line, r.id)
		}
		for _, name := range r.tests {
			switch proof := c.tests[name]; {
			case proof == nil:
				t.Errorf("conformance.md:%d: %s: there is no test %s", r.line, r.id, name)
			case !proof.all[r.id]:
				t.Errorf("conformance.md:%d: %s: %s does not name it, neither in its comment nor in its code", r.line, r.id, name)
			}
		}
	}
}

func TestCitedItemsAreCovered(t *testing.T) {
	p, ids, c := loadAll(t)
	for _, id := range slices.Sorted(maps.Keys(c.cited)) {
		place := c.cited[id]
		switch {
		case !slices.Contains(ids, id):
			t.Errorf("%s: %s is not in ids.txt", place, id)
		case len(c.proving(id)) == 0:
			t.Errorf("%s: %s is named, but not by a test, nor by what a test uses", place, id)
		case p.covered[id] == nil:
			t.Errorf("%s: %s has no row in conformance.md; go test ./docs -update makes one", place, id)
		}
	}
}

func TestItemsNotCoveredAreExplained(t *testing.T) {
	p, ids, _ := loadAll(t)
	for _, r := range sorted(p.notYet) {
		switch {
		case !slices.Contains(ids, r.id):
			t.Errorf("conformance.md:%d: %s is not in ids.txt", r.line, r.id)
		case p.covered[r.id] != nil:
			t.Errorf("conformance.md:%d: %s is covered, on line %d", r.line, r.id, p.covered[r.id].line)
		case r.text == "":
			t.Errorf("conformance.md:%d: %s: say why not", r.line, r.id)
		}
	}
	for _, id := range ids {
		if slices.Contains(due, group(id)) && p.covered[id] == nil && p.notYet[id] == nil {
			t.Errorf("%s is neither covered nor among those that are not yet", id)
		}
	}
}

// sorted lists rows as they stand on the page.
func sorted(rows map[string]*row) []*row {
	return slices.SortedFunc(maps.Values(rows), func(a, b *row) int { return a.line - b.line })
}

// update makes the two tables agree with the tests: a row for each ID that a
// test names, in the second table a row for each other ID that is due. What is
// written in a row stays; new rows have empty cells, for a person to fill.
func (p *page) update(ids []string, c *citations) {
	for _, id := range ids {
		proving := c.proving(id)
		if len(proving) == 0 {
			delete(p.covered, id)
			if p.notYet[id] == nil && slices.Contains(due, group(id)) {
				p.notYet[id] = &row{id: id}
			}
			continue
		}
		delete(p.notYet, id)
		r := p.covered[id]
		if r == nil {
			r = &row{id: id}
			p.covered[id] = r
		}
		r.tests = slices.DeleteFunc(r.tests, func(name string) bool {
			return c.tests[name] == nil || !c.tests[name].all[id]
		})
		if len(r.tests) == 0 {
			r.tests = onePerFolder(proving)
		}
	}
}

// onePerFolder picks the tests that a row names: the first of each folder, of
// e2e only where nothing else proves it.
func onePerFolder(names []string) []string {
	var picked []string
	seen := make(map[string]bool)
	for _, name := range names {
		folder, _, _ := strings.Cut(name, ".")
		if !seen[folder] && (folder != "e2e" || len(picked) == 0) {
			seen[folder] = true
			picked = append(picked, name)
		}
	}
	return picked
}

func TestIDsAreFoundInTests(t *testing.T) {
	tree := fstest.MapFS{"a/a_test.go": {Data: []byte(`package a
// SYN-01: lone LF.
func TestLines(t *testing.T) { run(t, cases) }

func TestOther(t *testing.T) { /* FRM-02/03, ERR-3xx */ }

// Not a test: SES-01.
var cases = []string{"CAP-02..04"}

func run(t *testing.T, x []string) {}

func TestMain(m *testing.M) { /* SYN-09 */ }
`)}}
	c, err := findCitations(tree)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string][]string{
		"SYN-01":  {"a.TestLines"},
		"CAP-02":  {"a.TestLines"}, // through the table
		"CAP-03":  {"a.TestLines"},
		"CAP-04":  {"a.TestLines"},
		"SES-01":  {"a.TestLines"}, // through the table's comment
		"FRM-02":  {"a.TestOther"},
		"FRM-03":  {"a.TestOther"},
		"ERR-3xx": {"a.TestOther"},
		"SYN-09":  nil, // TestMain proves nothing
	} {
		if got := c.proving(id); !slices.Equal(got, want) {
			t.Errorf("%s is proven by %v, want %v", id, got, want)
		}
	}
	if c.cited["SYN-09"] != "a/a_test.go:12" {
		t.Errorf("SYN-09 is cited at %q", c.cited["SYN-09"])
	}
}

func TestPageIsWrittenAsItIsRead(t *testing.T) {
	ids := []string{"SYN-01", "SYN-02", "FRM-01"}
	text := "# Title\n\nWords.\n\n" + coveredHeading +
		"\n### Message syntax (SYN)\n\n" + coveredHead +
		"| SYN-01 | RFC 2326 §4 | takes LF | `rtsp.TestA`, `rtsp.FuzzB` |\n" +
		"\n" + notYetHeading + "\nReasons.\n" +
		"\n### Interleaved framing, not yet\n\n" + notYetHead +
		"| FRM-01 | no reason |\n"
	p, err := parsePage(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.format(ids); got != text {
		t.Errorf("got:\n%s\nwant:\n%s", got, text)
	}
	if r := p.covered["SYN-01"]; r.line != 11 || !slices.Equal(r.tests, []string{"rtsp.TestA", "rtsp.FuzzB"}) {
		t.Errorf("row SYN-01 is %+v", r)
	}
	if r := p.notYet["FRM-01"]; r.line != 21 || r.text != "no reason" {
		t.Errorf("row FRM-01 is %+v", r)
	}
}

func TestDefectsOfThePageAreFound(t *testing.T) {
	for name, text := range map[string]string{
		"twice":     "| SYN-01 | a | b | c |\n| SYN-01 | a | b | c |\n",
		"cells":     "| SYN-01 | a | b |\n",
		"malformed": "| SYN01 | a | b | c |\n",
	} {
		if _, err := parsePage(coveredHeading + coveredHead + text + notYetHeading); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
