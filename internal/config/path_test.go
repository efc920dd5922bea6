package config

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestAPathWithoutRulesHasTheDefaults(t *testing.T) {
	want := PathSettings{
		Linger:       10 * time.Second,
		StartTimeout: 10 * time.Second,

		Window:    8e6,
		Hold:      10 * time.Second,
		Reorder:   100 * time.Millisecond,
		MaxPacket: 1400,
		FrameRate: 25,
		Play:      PlayReplace, // STA-05: a new PLAY replaces at once unless config says queue

		MulticastPort: 5004,
		MulticastTTL:  1,

		LimitsReaders: 20000,
		LimitsBitRate: 5e8,
	}
	if got := new(Config).Path("cam1"); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestRulesAreLaidFromTheLeastToTheMostSpecific(t *testing.T) {
	// The file's order is the opposite of the specificity.
	c := mustLoadFile(t, `
paths:
  stage/cam1: {hold: 1s}
  stage/cam*: {hold: 2s, max-packet: 502}
  stage/*:    {hold: 3s, max-packet: 503, frame-rate: 3}
  "*/*":      {hold: 4s, max-packet: 504, frame-rate: 4, reorder: 4ms}
  stage/**:   {hold: 5s, max-packet: 505, frame-rate: 5, reorder: 5ms, window: 5MB}
  "**":       {hold: 6s, max-packet: 506, frame-rate: 6, reorder: 6ms, window: 6MB, play: queue}
`)
	settings := func(hold, packet, rate, reorder int, window Bytes) PathSettings {
		return PathSettings{
			Hold:      time.Duration(hold) * time.Second,
			MaxPacket: packet,
			FrameRate: rate,
			Reorder:   time.Duration(reorder) * time.Millisecond,
			Window:    window,
			Play:      PlayQueue,

			Linger:       10 * time.Second,
			StartTimeout: 10 * time.Second,

			MulticastPort: 5004,
			MulticastTTL:  1,

			LimitsReaders: 20000,
			LimitsBitRate: 5e8,
		}
	}
	for name, want := range map[string]PathSettings{
		"stage/cam1":  settings(1, 502, 3, 4, 5*MB),
		"/stage/cam1": settings(1, 502, 3, 4, 5*MB),
		"stage/cam2":  settings(2, 502, 3, 4, 5*MB),
		"stage/left":  settings(3, 503, 3, 4, 5*MB),
		"other/left":  settings(4, 504, 4, 4, 6*MB),
		"stage/a/b":   settings(5, 505, 5, 5, 5*MB),
		"/stage/":     settings(5, 505, 5, 5, 5*MB),
		"cam1":        settings(6, 506, 6, 6, 6*MB),
		"":            settings(6, 506, 6, 6, 6*MB),
	} {
		if diff := cmp.Diff(want, c.Path(name), cmp.AllowUnexported(URL{}), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
	}
}

func TestOfEquallySpecificRulesTheLaterWins(t *testing.T) {
	c := mustLoadFile(t, "paths:\n  a/*: {hold: 1s}\n  \"*/b\": {hold: 2s}\n")
	if got := c.Path("a/b").Hold; got != 2*time.Second {
		t.Errorf("hold is %v", got)
	}
}

func TestMulticastGroups(t *testing.T) {
	for text, good := range map[string]bool{
		"239.1.2.3": true, "239.1.2.0/24": true, "ff15::1": true, "ff15::/112": true, "10.0.0.1": false, "224.0.0.0/2": false, "all": false, "ff02::1%lo": false,
	} {
		if _, err := parseGroup(text); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, good := range map[string]bool{"5004": true, "5005": false, "65472": false, "0": false} {
		if _, err := parseEvenPort(text); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Keys with a point in them may be written as a map.
func TestGroupedKeys(t *testing.T) {
	for _, text := range []string{"lag: { jump: 2s, close-after: 30s }", "lag.jump: 2s\n    lag.close-after: 30s", "lag:\n      jump: 2s\n      close-after: 30s"} {
		c := mustLoadFile(t, "paths:\n  a:\n    "+text+"\n")
		if s := c.Path("a"); s.LagJump != 2*time.Second || s.LagCloseAfter != 30*time.Second {
			t.Errorf("%s: %+v", text, s)
		}
	}
}

// A source is a URL, a list of them, or a file; users and passwords are never shown.
func TestSources(t *testing.T) {
	for text, want := range map[string]string{
		"rtsp://u:secret@a/x":                  "rtsp://a/x",
		"[rtsp://u:secret@a/x, rtsps://b/y]":   "rtsp://a/x rtsps://b/y",
		"\"file:my demo.mp4\"":                 "file:my demo.mp4",
		"\n    - rtsp://a/x\n    - rtsp://b/y": "rtsp://a/x rtsp://b/y",
	} {
		c := mustLoadFile(t, "paths:\n  cam:\n    source: "+text+"\n")
		s := c.Path("cam").Source
		if got := fmt.Sprintf("%v", s); got != want || strings.Contains(fmt.Sprintf("%+v %#v %q", c, s, s), "secret") {
			t.Errorf("%s: %s", text, got)
		}
		if got := c.Standing(); len(got) != 1 || got[0] != "cam" {
			t.Errorf("standing: %q", got)
		}
	}
	c := mustLoadFile(t, "paths:\n  \"nvr/*\": {source: rtsp://a/x}\n  a: {source: rtsp://a/x, on-demand: true}\n")
	if got := c.Standing(); len(got) != 0 {
		t.Errorf("standing: %q", got)
	}
	for _, bad := range []string{"http://a/x", "file:", "", "rtsp://a/x b"} {
		if _, err := parseSources(bad); err == nil {
			t.Errorf("%q is a source", bad)
		}
	}
}

// A setting needs a field in PathSettings, one in PathRule, a line in apply, and
// a key in the table.
func TestEverySettingHasItsKeyAndIsApplied(t *testing.T) {
	settings := reflect.TypeFor[PathSettings]()
	if settings.NumField() != len(pathKeys) {
		t.Errorf("%d settings and %d keys", settings.NumField(), len(pathKeys))
	}
	for i := range settings.NumField() {
		field := settings.Field(i)
		var rule PathRule
		var got PathSettings
		value := reflect.ValueOf(&rule).Elem().FieldByName(field.Name)
		value.Set(reflect.New(field.Type))
		reflect.ValueOf(&got).Elem().Field(i).Set(other(field.Type))
		rule.apply(&got, "")
		if !reflect.ValueOf(got).Field(i).IsZero() {
			t.Errorf("%s is not applied", field.Name)
		}
		if k := pathKeys[i]; !strings.EqualFold(strings.NewReplacer("-", "", ".", "").Replace(k.name), field.Name) {
			t.Errorf("key %d is %s, the setting %s", i, k.name, field.Name)
		}
	}
}

// other returns a value of the type that is not zero.
func other(typ reflect.Type) reflect.Value {
	switch v := reflect.New(typ).Elem(); typ.Kind() {
	case reflect.Bool:
		v.SetBool(true)
		return v
	case reflect.Struct:
		if typ == reflect.TypeFor[netip.Prefix]() {
			return reflect.ValueOf(netip.MustParsePrefix("239.0.0.1/32"))
		}
		u, _ := ParseURL("rtsp://h")
		return reflect.ValueOf(u)
	default:
		return reflect.ValueOf(1).Convert(typ)
	}
}

func ExampleConfig_Path() {
	hold := time.Minute
	c := &Config{Paths: []PathRule{{Pattern: "stage/*", Hold: &hold}}}
	fmt.Println(c.Path("stage/left").Hold)
	fmt.Println(c.Path("cam1").Hold)
	// Output:
	// 1m0s
	// 10s
}

// Path is called once for each request that names a path.
func BenchmarkPath(b *testing.B) {
	c := &Config{Paths: []PathRule{{Pattern: "**"}, {Pattern: "stage/*"}}}
	for i := range 100 {
		c.Paths = append(c.Paths, PathRule{Pattern: fmt.Sprintf("stage/cam%d", i)})
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Path("stage/cam50")
	}
}
