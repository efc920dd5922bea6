package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
)

func TestBytesAreReadWithTheirUnit(t *testing.T) {
	for text, want := range map[string]Bytes{
		"0": 0, "0B": 0, "1": 1, "65536": 65536, "8MB": 8e6, "8 MB": 8e6, "8mb": 8e6,
		"1KB": 1000, "1KiB": 1024, "1MiB": 1 << 20, "1GB": 1e9, "1GiB": 1 << 30, "1TB": 1e12, "1TiB": 1 << 40,
		"1.5MB": 1500000, "0.5KiB": 512, "9223372036854775807": math.MaxInt64,
	} {
		if got, err := ParseBytes(text); got != want || err != nil {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", " ", "MB", "-1MB", "+1", "1e3", "0x10", "1,5MB", "1..5MB", ".", "8M", "8XB", "8MBMB",
		"0.0001KB", "9223372036854775808", "9999999TiB", strings.Repeat("9", 1000)} {
		if got, err := ParseBytes(text); err == nil {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

func TestBytesTextIsReadBack(t *testing.T) {
	for size, want := range map[Bytes]string{
		0: "0B", 1: "1B", 1001: "1001B", 8 * MB: "8MB", 1000 * MB: "1GB", 64 * KiB: "64KiB", 3 * TiB: "3TiB", 1500 * KB: "1500KB",
	} {
		if got := size.String(); got != want {
			t.Errorf("%d: %s, want %s", int64(size), got, want)
		}
		if back, err := ParseBytes(want); back != size || err != nil {
			t.Errorf("%s: %d, %v, want %d", want, back, err, size)
		}
	}
}

func FuzzParseBytes(f *testing.F) {
	for _, s := range []string{"8MB", "1.5 GiB", "0", "9223372036854775807", "1e3", "0.0001KB", "."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, err := ParseBytes(s)
		if err != nil {
			return
		}
		if back, err := ParseBytes(b.String()); b < 0 || back != b || err != nil {
			t.Errorf("%q: %d is written as %s and read as %d, %v", s, b, b, back, err)
		}
	})
}

// RFC 3550 §11: RTP on an even port, RTCP on the odd one above it.
func TestUDPPortsAreAnEvenPortAndTheNext(t *testing.T) {
	for text, want := range map[string]UDPPorts{
		"0": {}, "8000-8001": {8000, 8001}, "2-3": {2, 3}, "65534-65535": {65534, 65535},
	} {
		got, err := ParseUDPPorts(text)
		if got != want || err != nil || got.String() != text {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for text, hint := range map[string]string{
		"8000": "8000-8001", "8001": "8000-8001", "8001-8002": "8000-8001", "8000-8003": "8000-8001", "8000-": "8000-8001",
		"1": "2-3", "0-1": "", "": "", "-": "", "a-b": "", "65536-65537": "", "8000-8001-8002": "8000-8001", "+8000-8001": "",
	} {
		_, err := ParseUDPPorts(text)
		if e, ok := err.(*valueError); !ok || e.hint != hint {
			t.Errorf("%q: %v, want hint %q", text, err, hint)
		}
	}
}

func TestAddressesAreHostAndPort(t *testing.T) {
	for _, text := range []string{":0", ":8554", "127.0.0.1:8554", "[::1]:8554", "[fe80::1%eth0]:1", "localhost:65535", "my_host.lan:1"} {
		if _, err := parseAddress(text); err != nil {
			t.Error(err)
		}
	}
	for _, text := range []string{"", "8554", ":", ":65536", ":-1", ":+1", ":rtsp", "host", "::1", "::1:8554", "[::1]", "a b:1", "http://h:1", "[host:1]:1"} {
		if _, err := parseAddress(text); err == nil {
			t.Errorf("%q is an address", text)
		}
	}
}

func TestURLsAreRTSP(t *testing.T) {
	for _, text := range []string{"rtsp://h", "rtsp://h:554/a/b?c=d", "rtsps://[::1]:322/", "rtsp://u:p@h/%20"} {
		if u, err := ParseURL(text); err != nil || u.Location() != text || u.IsZero() {
			t.Errorf("%q: %v, %v", text, u.Location(), err)
		}
	}
	for _, text := range []string{"", "/b", "h:554", "http://h/", "rtsp:///a", "rtsp://:554/", "rtsp://h:0/", "rtsp://h:65536/",
		"rtsp://h:x/", "rtsp://h/a b", "rtsp://h/\r\nX: y", "rtsp://h/é", "rtsp:h"} {
		if _, err := ParseURL(text); err == nil {
			t.Errorf("%q is a URL", text)
		}
	}
}

// Neither a good redirect that is formatted, logged or marshalled nor the
// sentence about a bad one tells its user and password.
func TestUserAndPasswordOfARedirectAreNotTold(t *testing.T) {
	const canary = "hunter2"
	u, err := ParseURL("rtsp://ann:" + canary + "@other:8554/cam1")
	if err != nil {
		t.Fatal(err)
	}
	settings := (&Config{Paths: []PathRule{{Pattern: "cam1", Redirect: &u}}}).Path("cam1")
	var told strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&told, verb+verb, u, settings)
	}
	log := slog.New(slog.NewJSONHandler(&told, nil))
	log.Info("text", "redirect", u, "settings", settings)
	slog.New(slog.NewTextHandler(&told, nil)).Info("text", "redirect", u, "settings", settings)
	marshalled, _ := json.Marshal(settings)
	told.Write(marshalled)
	for _, bad := range []string{"ftp://ann:%s@h", "ann:%s@h", "rtsp://ann:%s@h:x/", "rtsp://ann:%s@h:0", "rtsp://ann:%%zz%s@h", "rtsp:ann:%s@h", "rtsp://ann:%s/@h", "rtsp://ann:%s @h"} {
		_, err := loadFile("paths: {cam1: {redirect: \"" + fmt.Sprintf(bad, canary) + "\"}}\n")
		if err == nil {
			t.Errorf("%q is a URL", bad)
		}
		fmt.Fprintln(&told, err)
	}
	if strings.Contains(told.String(), canary) || strings.Contains(told.String(), "ann") {
		t.Error(told.String())
	}
	if want := "rtsp://other:8554/cam1"; u.String() != want || !strings.Contains(string(marshalled), want) {
		t.Errorf("%s, %s", u, marshalled)
	}
}

func TestPlayModesHaveAName(t *testing.T) {
	for mode, want := range map[PlayMode]string{PlayReplace: "replace", PlayQueue: "queue", 7: "PlayMode(7)"} {
		if got := mode.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
