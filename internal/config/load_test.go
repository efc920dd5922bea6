package config

import (
	"io/fs"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestNoArgumentsServeTheDefaults(t *testing.T) {
	want := &Serve{Config: &Config{
		RTSP:     ":8554",
		UDP:      UDPPorts{8000, 8001},
		RTSPS:    ":8322",
		HTTP:     ":8080",
		API:      "127.0.0.1:8081",
		State:    filepath.FromSlash("/home/ann/.local/state/baton"),
		LogLevel: slog.LevelInfo,
		Memory:   1e9,
		Limits: Limits{
			Connections: 20000, ConnectionsPerAddress: 5000, Sessions: 20000, SessionsPerAddress: 5000, SessionsPerUser: 5000,
			Header: 64 << 10, Body: 1 << 20, Stranger: 64 << 10, RequestTime: 10e9, Idle: 60e9,
		},
		Egress: Egress{Deny: []string{"link-local", "metadata"}},

		Audit:     "off",
		Anonymous: []Right{{Do: []Action{"read", "publish"}, From: loopback()}},
		Auth:      Auth{Timeout: 3 * time.Second, Cache: 30 * time.Second, JWT: JWT{Claim: "baton"}, MD5: true},
	}}
	env := world(map[string]string{"HOME": "/home/ann"}, nil)
	for _, args := range [][]string{nil, {"serve"}} {
		got, err := Load(args, env)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
			t.Errorf("Load(%q): %s", args, diff)
		}
	}
}

func TestFlagBeatsFileBeatsDefault(t *testing.T) {
	c, err := loadFile("rtsp: :1\nudp: 2000-2001\nlog-level: warn\n", "--rtsp", ":9", "--udp=0")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.RTSP, c.UDP.String(), c.LogLevel.String(), c.HTTP}
	if diff := cmp.Diff([]string{":9", "0", "WARN", ":8080"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	got := mustLoadFile(t, `
rtsp: "[::1]:554"
udp: 0
http: localhost:0
api: :8082
media: films
state: /var/lib/baton
log-level: debug
memory: 1.5 GiB
hosts: video.example.org
limits:
  connections: 1
  connections-per-address: 2
  sessions: 3
  sessions-per-address: 4
  sessions-per-user: 5
  header: 8KiB
  body: 9KiB
  stranger: 32KiB
  request-time: 5s
  idle: 6s
egress: { deny: [all], allow: [private, 203.0.113.7] }
audit: /var/log/audit
anonymous: []
auth: {timeout: 1s, cache: 0s, md5: false, jwt: {claim: rights, issuer: me, audience: you}}
paths:
  /cam1: {redirect: "rtsps://u:p@other/cam1", window: 64KB, hold: 1h, takeover: true, limits: {readers: 7, bit-rate: 8Mb/s}}
  "**":
    reorder: 0
    max-packet: 65000
    frame-rate: 20
    play: queue
  empty:
`)
	redirect, _ := ParseURL("rtsps://u:p@other/cam1")
	want := &Config{
		RTSP:     "[::1]:554",
		RTSPS:    ":8322",
		HTTP:     "localhost:0",
		API:      ":8082",
		Media:    "films",
		State:    "/var/lib/baton",
		LogLevel: slog.LevelDebug,
		Memory:   GiB + GiB/2,
		Hosts:    []string{"video.example.org"},
		Limits: Limits{
			Connections: 1, ConnectionsPerAddress: 2, Sessions: 3, SessionsPerAddress: 4, SessionsPerUser: 5,
			Header: 8 * KiB, Body: 9 * KiB, Stranger: 32 * KiB, RequestTime: 5e9, Idle: 6e9,
		},
		Egress: Egress{Deny: []string{"all"}, Allow: []string{"private", "203.0.113.7"}},

		Audit: "/var/log/audit",
		Auth:  Auth{Timeout: time.Second, JWT: JWT{Claim: "rights", Issuer: "me", Audience: "you"}},
		Paths: []PathRule{
			{Pattern: "cam1", Redirect: &redirect, Window: new(64 * KB), Hold: new(hour), Takeover: new(true), LimitsReaders: new(7), LimitsBitRate: new(8 * MbitPerSecond)},
			{Pattern: "**", Reorder: new(0 * hour), MaxPacket: new(65000), FrameRate: new(20), Play: new(PlayQueue)},
			{Pattern: "empty"},
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(URL{}), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
}

// isFlag tells keys that are flags too from those of the file alone.
func isFlag(name string) bool {
	return name != "memory" && name != "hosts" && name != "audit" && !strings.Contains(name, ".")
}

// A key that is added to one of the tables and not to the flags would be
// neither refused nor read.
func TestEveryFlagIsAKeyOfTheFile(t *testing.T) {
	parser, err := kong.New(new(commandLine), helpVars(world(nil, nil)))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"config"}
	for _, k := range serverKeys {
		if isFlag(k.name) {
			want = append(want, k.name)
		}
	}
	var got []string
	for _, f := range parser.Model.DefaultCmd.Flags {
		got = append(got, f.Name)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
	for _, name := range got[1:] {
		if _, err := Load([]string{"--" + name, ""}, world(nil, nil)); err == nil {
			t.Errorf("--%s is not applied: an empty value is not refused", name)
		}
	}
}

func TestDefaultMediaIsTakenWhenItIsAFolder(t *testing.T) {
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"absent": {fstest.MapFS{}, ""},
		"folder": {fstest.MapFS{"media/a.mjpeg": {}}, "./media"},
		"file":   {fstest.MapFS{"media": {}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			command, err := Load(nil, world(nil, c.files))
			if err != nil {
				t.Fatal(err)
			}
			if got := command.(*Serve).Config.Media; got != c.want {
				t.Errorf("media is %q, want %q", got, c.want)
			}
		})
	}
}

func TestStateFolderIsTheUsers(t *testing.T) {
	for _, c := range []struct {
		os   string
		vars map[string]string
		want string
	}{
		{"linux", map[string]string{"HOME": "/home/ann"}, "/home/ann/.local/state/baton"},
		{"linux", map[string]string{"HOME": "/home/ann", "XDG_STATE_HOME": "/x"}, "/x/baton"},
		{"linux", map[string]string{"HOME": "/home/ann", "XDG_STATE_HOME": "x"}, "/home/ann/.local/state/baton"},
		{"linux", nil, ""},
		{"darwin", map[string]string{"HOME": "/Users/ann"}, "/Users/ann/Library/Application Support/baton"},
		{"windows", map[string]string{"LocalAppData": "/ann/AppData/Local"}, "/ann/AppData/Local/baton"},
	} {
		env := world(c.vars, nil)
		env.OS = c.os
		if got := strings.ReplaceAll(env.stateFolder(), `\`, "/"); got != c.want {
			t.Errorf("%s with %v: %q, want %q", c.os, c.vars, got, c.want)
		}
	}
}

func TestUsageErrorsAreOneProblem(t *testing.T) {
	type problem struct{ Key, Hint string }
	for _, c := range []struct {
		args []string
		want problem
	}{
		{[]string{"--rtps", ":1"}, problem{"", "--rtsp"}},
		{[]string{"--frobnicate"}, problem{}},
		{[]string{"srve"}, problem{"", "serve"}},
		{[]string{"help"}, problem{"", "--help"}},
		{[]string{""}, problem{}},
		{[]string{"serve", "cam1"}, problem{}},
		{[]string{"version", "--rtsp", ":1"}, problem{}},
		{[]string{"--rtsp"}, problem{}},
		{[]string{"--rtsp", "--udp", "0"}, problem{}},
		{[]string{"--rtsp", "8554"}, problem{"rtsp", ":8554"}},
		{[]string{"--http="}, problem{"http", ""}},
		{[]string{"--api", "127.0.0.1"}, problem{"api", ""}},
		{[]string{"--udp", "8001-8002"}, problem{"udp", "8000-8001"}},
		{[]string{"--media", "absent"}, problem{"media", ""}},
		{[]string{"--media", "file"}, problem{"media", ""}},
		{[]string{"--state", ""}, problem{"state", ""}},
		{[]string{"--log-level", "warning"}, problem{"log-level", "warn"}},
		{[]string{"--config", ""}, problem{"config", ""}},
	} {
		_, err := Load(c.args, world(nil, fstest.MapFS{"file": {}}))
		if got := placesOf(t, err); len(got) != 1 || got[0] != (place{Key: c.want.Key}) {
			t.Errorf("%q: %v", c.args, got)
		}
		if got := err.(*Error).Problems[0]; got.Hint != c.want.Hint || got.Text == "" || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %q, want hint %q", c.args, got, c.want.Hint)
		}
	}
}

func TestAllBadFlagsAndKeysAreReportedAtOnce(t *testing.T) {
	_, err := loadFile("http: x\nmedia: absent\nfoo: 1\n", "--rtsp", "x", "--udp", "y")
	want := []place{
		{"", 0, "rtsp"},
		{"", 0, "udp"},
		{"baton.yml", 1, "http"},
		{"baton.yml", 2, "media"},
		{"baton.yml", 3, "foo"},
	}
	if diff := cmp.Diff(want, placesOf(t, err)); diff != "" {
		t.Error(diff)
	}
}

func TestAFileThatCannotBeReadIsAProblemOfNoLine(t *testing.T) {
	env := world(nil, fstest.MapFS{
		"folder": {Mode: fs.ModeDir},
		"large":  {Data: make([]byte, maxFile+1)},
	})
	for _, name := range []string{"absent", "folder", "large"} {
		_, err := Load([]string{"--config", name}, env)
		if diff := cmp.Diff([]place{{name, 0, "config"}}, placesOf(t, err)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestARealFileIsRead(t *testing.T) {
	c, err := Load([]string{"--config", "testdata/baton.example.yml"}, Env{})
	if err != nil || c.(*Serve).Config.RTSP != ":8554" {
		t.Fatalf("%v, %v", c, err)
	}
}

// What serves browsers, the operator and students can be left out; students' clients reach it from here unless an address says
// otherwise.
func TestAddressesThatCanBeOff(t *testing.T) {
	for text, want := range map[string]string{"off": "", ":1025": "127.0.0.1:1025", "0.0.0.0:1025": "0.0.0.0:1025", "[::]:1025": "[::]:1025"} {
		c, err := Load([]string{"--http", "off", "--api", "off", "--lab", text}, world(map[string]string{"HOME": "/home/ann"}, nil))
		if err != nil {
			t.Fatal(err)
		}
		if s := c.(*Serve).Config; s.HTTP != "" || s.API != "" || s.Lab != want {
			t.Errorf("%s: %q, %q, %q", text, s.HTTP, s.API, s.Lab)
		}
	}
}

// Without a state folder nothing is kept: neither the file nor the flag means one of that name.
func TestStateThatIsOff(t *testing.T) {
	home := map[string]string{"HOME": "/home/ann"}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "/home/ann/.local/state/baton"},
		{[]string{"--state", "off"}, ""},
		{[]string{"--state", "./off"}, "./off"},
		{[]string{"--config", "off.yml"}, ""},
		{[]string{"--config", "off.yml", "--state", "/x"}, "/x"},
	} {
		got, err := Load(c.args, world(home, fstest.MapFS{"off.yml": {Data: []byte("state: off\n")}}))
		if err != nil || filepath.ToSlash(got.(*Serve).Config.State) != c.want {
			t.Errorf("%q: %v, %v", c.args, got, err)
		}
	}
	got, err := Load([]string{"user", "add", "ann", "--state", "off"}, world(home, nil))
	if err != nil || got.(*UserAdd).State != "" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestVersionIsACommand(t *testing.T) {
	c, err := Load([]string{"version"}, world(nil, nil))
	if diff := cmp.Diff(Command(&Version{}), c); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// The help fits a screen of 100 columns and names every flag and its default.
func TestHelpIsShortAndNamesTheDefaults(t *testing.T) {
	env := world(map[string]string{"HOME": "/home/ann"}, nil)
	for _, args := range [][]string{{"--help"}, {"-h"}, {"serve", "--help"}, {"--rtsp", ":1", "--help"}} {
		c, err := Load(args, env)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(c.(*Help).Text, "\n")
		if len(lines) > 36 {
			t.Errorf("%q: %d lines", args, len(lines))
		}
		for _, line := range lines {
			if len(line) > 100 {
				t.Errorf("%q: %d columns: %s", args, len(line), line)
			}
		}
		for _, k := range serverKeys {
			if isFlag(k.name) && !strings.Contains(c.(*Help).Text, "--"+k.name+" "+k.initial) {
				t.Errorf("%q: --%s is missing", args, k.name)
			}
		}
	}
}
