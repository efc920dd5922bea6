package docs

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// proof is a test as attacks.md names it: `folder.TestName`, or the file of one that is not written in Go.
var proof = regexp.MustCompile("`([^`]+)`")

// Every row of attacks.md says what was published, what Baton does, and names tests that there are.
func TestPublishedAttacksAreReplayed(t *testing.T) {
	c, err := findCitations(repository())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("attacks.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for i, line := range strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| Published |") || strings.HasPrefix(line, "| --- |") {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 3 || strings.TrimSpace(cells[0]) == "" || strings.TrimSpace(cells[1]) == "" {
			t.Errorf("attacks.md:%d: a row is what was published, what Baton does, and tests: %q", i+1, line)
			continue
		}
		names := proof.FindAllStringSubmatch(cells[2], -1)
		if len(names) == 0 {
			t.Errorf("attacks.md:%d: no test", i+1)
		}
		for _, name := range names {
			if _, err := fs.Stat(repository(), name[1]); c.tests[name[1]] == nil && (err != nil || !strings.HasSuffix(name[1], ".test.ts")) {
				t.Errorf("attacks.md:%d: there is no test %s", i+1, name[1])
			}
		}
	}
	if rows < 30 {
		t.Errorf("%d rows", rows)
	}
}
