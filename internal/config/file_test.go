package config

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const hour = time.Hour

// badFiles has every class of problem that a file can have: file, and where the
// problems are.
var badFiles = []struct {
	name string
	text string
	want []place
}{
	{"unknown key", "rtsp: :1\nrstp: :2\n", at(2, "rstp")},
	{"unknown key of a path", "paths:\n  cam1:\n    hodl: 3s\n", at(3, "paths.cam1.hodl")},
	{"path key at the top", "hold: 3s\n", at(1, "hold")},
	{"server key in a path", "paths: {cam1: {rtsp: :1}}\n", at(1, "paths.cam1.rtsp")},
	{"merge key", "paths:\n  a: &a {hold: 1s}\n  b:\n    <<: *a\n", at(4, "paths.b.<<")},
	{"key there twice", "udp: 0\nrtsp: :1\nudp: 0\n", at(3, "udp")},
	{"path there twice", "paths:\n  cam1: {}\n  /cam1: {}\n", at(3, "paths./cam1")},
	{"key of a path there twice", "paths:\n  a:\n    hold: 1s\n    hold: 1s\n", at(4, "paths.a.hold")},
	{"key that is a map", "? {a: b}\n: c\n", at(1, "")},
	{"key that is empty", "~: 1\n", at(1, "")},

	{"top is a list", "- a\n", at(1, "")},
	{"top is a value", "# so\nhello\n", at(2, "")},
	{"map for a value", "rtsp:\n  a: b\n", at(2, "rtsp")},
	{"list for a value", "rtsp: [a]\n", at(1, "rtsp")},
	{"nothing for a value", "udp: 0\nrtsp:\n", at(2, "rtsp")},
	{"null for a value", "rtsp: ~\n", at(1, "rtsp")},
	{"tag", "rtsp: !!str :1\n", at(1, "rtsp")},
	{"value for the paths", "paths: cam1\n", at(1, "paths")},
	{"list for the paths", "paths:\n- cam1\n", at(2, "paths")},
	{"value for a path", "paths:\n  cam1: true\n", at(2, "paths.cam1")},

	{"no address", "rtsp: 8554\nhttp: a:b:c\napi: 1.2.3.4:70000\n", append(at(1, "rtsp"), append(at(2, "http"), at(3, "api")...)...)},
	{"odd port", "udp: 8001-8002\n", at(1, "udp")},
	{"one port", "udp: 8000\n", at(1, "udp")},
	{"no folder", "media: \"\"\n", at(1, "media")},
	{"absent folder", "\nmedia: absent\n", at(2, "media")},
	{"folder that is a file", "media: baton.yml\n", at(1, "media")},
	{"no level", "log-level: loud\n", at(1, "log-level")},
	{"size without unit", "memory: 64\n", at(1, "memory")},
	{"size too large", "memory: 2TB\n", at(1, "memory")},
	{"no size", "memory: much\n", at(1, "memory")},
	{"no time", "paths: {a: {hold: 10}}\n", at(1, "paths.a.hold")},
	{"negative time", "paths: {a: {hold: -1s}}\n", at(1, "paths.a.hold")},
	{"time too long", "paths: {a: {hold: 61m}}\n", at(1, "paths.a.hold")},
	{"reorder too long", "paths: {a: {reorder: 1001ms}}\n", at(1, "paths.a.reorder")},
	{"window too small", "paths: {a: {window: 63KB}}\n", at(1, "paths.a.window")},
	{"window too large", "paths: {a: {window: 1GiB}}\n", at(1, "paths.a.window")},
	{"packet too small", "paths: {a: {max-packet: 499}}\n", at(1, "paths.a.max-packet")},
	{"packet too large", "paths: {a: {max-packet: 65001}}\n", at(1, "paths.a.max-packet")},
	{"no frame rate", "paths: {a: {frame-rate: 0}}\n", at(1, "paths.a.frame-rate")},
	{"frame rate too high", "paths: {a: {frame-rate: 121}}\n", at(1, "paths.a.frame-rate")},
	{"frame rate that is no integer", "paths: {a: {frame-rate: 29.97}}\n", at(1, "paths.a.frame-rate")},
	{"no bool", "paths: {a: {takeover: yes}}\n", at(1, "paths.a.takeover")},
	{"no play mode", "paths: {a: {play: stop}}\n", at(1, "paths.a.play")},
	{"no URL", "paths: {a: {redirect: /b}}\n", at(1, "paths.a.redirect")},
	{"no pattern", "paths: {a**: {hold: 1s}}\n", at(1, "paths.a**")},
	{"bad pattern and bad settings", "paths:\n  a/:\n    hold: x\n", append(at(2, "paths.a/"), at(3, "paths.a/.hold")...)},

	{"syntax", "rtsp: :1\nudp: [\n", at(3, "")},
	{"tab", "paths:\n\tcam1: {}\n", at(2, "")},
	{"pattern without quotes", "paths:\n  **: {}\n", at(2, "")},
	{"second document", "rtsp: x\n---\nudp: 0\n", append(at(1, "rtsp"), at(2, "")...)},
	{"syntax in a second document", "rtsp: x\n---\nudp: [\n", append(at(1, "rtsp"), at(4, "")...)},
	{"control character", "rtsp: :1\nudp: \x00\n", at(2, "")},
	{"not UTF-8", "rtsp: :1\n\nudp: \xff\n", at(3, "")},
	{"UTF-16", "\xff\xfea\x00", at(1, "")},
}

func at(line int, key string) []place { return []place{{"baton.yml", line, key}} }

func TestEveryProblemOfAFileHasItsPlace(t *testing.T) {
	for _, c := range badFiles {
		t.Run(c.name, func(t *testing.T) {
			_, err := loadFile(c.text)
			if diff := cmp.Diff(c.want, placesOf(t, err)); diff != "" {
				t.Errorf("%s%v", diff, err)
			}
		})
	}
}

func TestAllProblemsOfAFileAreReportedAtOnce(t *testing.T) {
	_, err := loadFile(`rtps: :1
udp: 8001
paths:
  cam1: {hodl: 1s, window: 1}
  cam2:
    takeover: [yes]
memory: 1
`)
	want := []place{
		{"baton.yml", 1, "rtps"},
		{"baton.yml", 2, "udp"},
		{"baton.yml", 4, "paths.cam1.hodl"},
		{"baton.yml", 4, "paths.cam1.window"},
		{"baton.yml", 6, "paths.cam2.takeover"},
		{"baton.yml", 7, "memory"},
	}
	if diff := cmp.Diff(want, placesOf(t, err)); diff != "" {
		t.Error(diff)
	}
}

// The two spellings of a problem are a promise: editors read FILE:LINE.
func TestAProblemReadsFileLineSentence(t *testing.T) {
	for want, p := range map[string]Problem{
		"f.yml:3: unknown key; did you mean hold?": {File: "f.yml", Line: 3, Text: "unknown key", Hint: "hold"},
		"f.yml: no such file":                      {File: "f.yml", Text: "no such file"},
		"unknown flag":                             {Text: "unknown flag"},
	} {
		if got := p.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNearMissesGetAHint(t *testing.T) {
	for text, want := range map[string]string{
		"rtps: :1\n":                         "rtsp",
		"RTSP: :1\n":                         "rtsp",
		"log_level: info\n":                  "log-level",
		"path: {}\n":                         "paths",
		"something: 1\n":                     "",
		"log-level: err\n":                   "error",
		"memory: 8M\n":                       "8MB",
		"rtsp: 8554\n":                       ":8554",
		"udp: 5001\n":                        "5000-5001",
		"paths: {a: {hodl: 1s}}\n":           "hold",
		"paths: {a: {maxPacket: 1}}\n":       "max-packet",
		"paths: {a: {frame: 1}}\n":           "frame-rate",
		"paths: {a: {hold: 10}}\n":           "10s",
		"paths: {a: {takeover: on}}\n":       "true",
		"paths: {a: {takeover: no}}\n":       "false",
		"paths: {a: {redirect: host:554}}\n": "rtsp://host:554",
		"paths: {stage/: {}}\n":              "stage/*",
		"paths: {cam**: {}}\n":               "cam*",
		"paths:\n  **: {}\n":                 `"**"`,
		"paths:\n  */left: {}\n":             `"*/left"`,
	} {
		_, err := loadFile(text)
		placesOf(t, err)
		if got := err.(*Error).Problems[0].Hint; got != want {
			t.Errorf("%q: hint %q, want %q (%v)", text, got, want, err)
		}
	}
}

func TestAnEmptyFileChangesNothing(t *testing.T) {
	want, err := loadFile("---\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "# nothing\n", "\ufeff\n", "...\n", "paths:\n", "paths: {}\n", "rtsp: :8554\r\n"} {
		if diff := cmp.Diff(want, mustLoadFile(t, text), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestAnAliasStandsForItsAnchor(t *testing.T) {
	c := mustLoadFile(t, "paths:\n  a: &a {hold: 1s}\n  b: *a\n")
	if got := c.Path("b").Hold; got != time.Second {
		t.Errorf("hold is %v", got)
	}
}

// What an alias repeats is reported once for each use, which must have an end.
func TestProblemsOfAFileAreBounded(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("paths:\n  a: &a\n")
	for i := range 2 * maxProblems {
		fmt.Fprintf(&b, "    x%d: 1\n", i)
	}
	for i := range 2 * maxProblems {
		fmt.Fprintf(&b, "  b%d: *a\n", i)
	}
	_, err := loadFile(b.String())
	if n := len(placesOf(t, err)); n != maxProblems {
		t.Errorf("%d problems, want %d", n, maxProblems)
	}
}

func TestAnAliasWithinItselfEnds(t *testing.T) {
	_, err := loadFile("paths: &p\n  a: *p\n")
	want := []place{{"baton.yml", 2, "paths.a.a"}}
	if diff := cmp.Diff(want, placesOf(t, err)); diff != "" {
		t.Error(diff)
	}
}

// FuzzLoad: no file panics, and every problem is in a line that the file has.
func FuzzLoad(f *testing.F) {
	for _, c := range badFiles {
		f.Add([]byte(c.text))
	}
	f.Add([]byte(exampleFile()))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := loadFile(string(data))
		if err == nil {
			c.Path("stage/cam1")
			return
		}
		lines := 2 + strings.Count(string(data), "\n") + strings.Count(string(data), "\r") +
			strings.Count(string(data), "\u0085") + strings.Count(string(data), "\u2028") + strings.Count(string(data), "\u2029")
		for _, p := range err.(*Error).Problems {
			if p.File != "baton.yml" || p.Line < 1 || p.Line > lines || p.Text == "" {
				t.Errorf("%#v", p)
			}
		}
	})
}
