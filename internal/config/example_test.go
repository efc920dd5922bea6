package config

import (
	"cmp"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "write testdata/baton.example.yml anew")

const exampleName = "testdata/baton.example.yml"

// exampleFile writes the commented example out of the tables of keys. All that
// stands in it uncommented is the default.
func exampleFile() string {
	var b strings.Builder
	b.WriteString("# Every key of Baton with its default. Where a flag has the same name, it beats the file.\n\n")
	for _, k := range serverKeys {
		writeKey(&b, "", k.help, k.name, k.initial, k.example)
	}
	b.WriteString("# Those who are known by name and password. baton user add NAME makes more, in the state folder.\nusers:\n")
	for i, k := range userKeys {
		fmt.Fprintf(&b, "#    # %s\n#  %s %s: %s\n", k.help, []string{"-", " "}[min(i, 1)], k.name, k.example)
	}
	b.WriteString("#    # What the user may do: a list of rights, of these keys each.\n#    allow:\n")
	for i, k := range rightKeys {
		fmt.Fprintf(&b, "#        # %s\n#      %s %s: %s\n", k.help, []string{"-", " "}[min(i, 1)], k.name, cmp.Or(k.example, k.initial))
	}
	b.WriteString("\n# What those may do who do not say who they are: a list of rights; [] is nothing.\nanonymous:\n  - do: [read, publish]\n    from: loopback\n\n")
	b.WriteString(`# Settings of paths. A path is named, or a pattern stands for many: * is anything
# within a segment, a segment ** any number of segments. All that match a path
# count, one above the other: first those with **, then those with * alone, then
# the name itself; of a kind, the one with more letters counts more. A pattern
# that begins with * needs quotes.
paths:
  "**":
`)
	for _, k := range pathKeys {
		writeKey(&b, "    ", k.help, k.name, k.initial, k.example)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func writeKey(b *strings.Builder, indent, help, name, initial, example string) {
	mark := ""
	if initial == "" {
		mark = "#"
	}
	fmt.Fprintf(b, "%s# %s\n%s%s%s: %s\n\n", indent, help, indent, mark, name, cmp.Or(initial, example))
}

func TestExampleFileIsGenerated(t *testing.T) {
	if *update {
		if err := os.WriteFile(exampleName, []byte(exampleFile()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(exampleName)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(got), "\r\n", "\n") // as git may check it out
	if diff := gocmp.Diff(exampleFile(), text); diff != "" {
		t.Errorf("run go test -update: %s", diff)
	}
}

func TestExampleFileIsTheDefaults(t *testing.T) {
	got, want := mustLoadFile(t, exampleFile()), mustLoadFile(t, "")
	if got.Path("cam1") != want.Path("cam1") {
		t.Errorf("paths: %+v, want %+v", got.Path("cam1"), want.Path("cam1"))
	}
	got.Paths = nil
	if diff := gocmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
}

// Taking the marks away makes the examples count; all of them are good ones.
func TestExampleFileIsGoodWithoutItsMarks(t *testing.T) {
	text := exampleFile()
	for _, k := range serverKeys {
		if strings.HasPrefix(k.name, "tls.acme.") { // instead of the others of tls
			continue
		}
		text = strings.Replace(text, "#"+k.name+":", k.name+":", 1)
	}
	for _, k := range pathKeys {
		text = strings.Replace(text, "#"+k.name+":", k.name+":", 1)
	}
	before, users, _ := strings.Cut(text, "\nusers:\n")
	users, after, _ := strings.Cut(users, "\n\n")
	text = before + "\nusers:\n" + strings.TrimPrefix(strings.ReplaceAll("\n"+users, "\n#", "\n"), "\n") + "\n\n" + after
	c := mustLoadFile(t, strings.Replace(text, defaultMedia, "films", 1))
	if c.Media == "" || c.State == "" || c.Path("cam1").Redirect.IsZero() || len(c.Users) != 1 || len(c.Users[0].Allow) != 1 {
		t.Errorf("%+v", c)
	}
}

// What a newcomer pastes from the README is good, but for hashes, which nobody can write down: they are asked for.
func TestConfigurationOfTheReadmeIsGood(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(readme), "```yaml\n")[1:]
	for _, block := range blocks {
		text, _, _ := strings.Cut(block, "```")
		load := func(text string) error {
			_, err := Load([]string{"--config", "f.yml"}, world(nil, fstest.MapFS{"f.yml": {Data: []byte(text)}}))
			return err
		}
		const placeholder = "$baton$…"
		if strings.Contains(text, placeholder) {
			if err := load(text); err == nil || !strings.Contains(err.Error(), "baton user add --print makes them") {
				t.Errorf("%v in\n%s", err, text)
			}
		}
		hashes := hashesMark + strings.Repeat("0", 64) + "$" + strings.Repeat("0", 32) + "$argon2id$v=19$m=19456,t=2,p=1$" + strings.Repeat("A", 22) + "$" + strings.Repeat("A", 43)
		if err := load(strings.ReplaceAll(text, placeholder, hashes)); err != nil {
			t.Errorf("%v in\n%s", err, text)
		}
	}
	if len(blocks) < 2 {
		t.Errorf("%d blocks", len(blocks))
	}
}
