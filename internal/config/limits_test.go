package config

import (
	"net/netip"
	"testing"
)

func TestBitRates(t *testing.T) {
	for text, want := range map[string]BitRate{
		"8Mb/s": 8e6, "2.5 Mb/s": 2500000, "1Gb/s": 1e9, "64kb/s": 64000, "9b/s": 9, "0b/s": 0,
		"8": -1, "8MB": -1, "8MB/s": -1, "Mb/s": -1, "-1Mb/s": -1, "NaNMb/s": -1, "InfMb/s": -1, "1e99Gb/s": -1, "": -1, "8mb/s": -1,
	} {
		got, err := ParseBitRate(text)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
		if again, err := ParseBitRate(got.String()); got >= 0 && (err != nil || again != got) {
			t.Errorf("%q is spelled %q: %d, %v", text, got, again, err)
		}
	}
}

// What is out of its bounds, in a group too, is told with its line; a group is no value and has no strange keys.
func TestLimitsAreBounded(t *testing.T) {
	for _, line := range []string{
		"limits: {connections: 0}", "limits: {connections: 1000001}", "limits: {header: 1KiB}", "limits: {body: 1GB}", "limits: {stranger: 1KiB}",
		"limits: {request-time: 1ms}", "limits: {idle: 25h}", "limits: {}\nlimits: {}", "limits: 5", "limits: {sessions: many}", "limits: {conections: 5}",
		"limits: {limits: {sessions: 5}}", "egress: {deny: [linklocal]}", "egress: {allow: [camera.lan]}", "egress: [all]",
		"hosts: http://video.example.org", "hosts: []", "hosts: [a:80]",
		"paths: {a: {limits: {readers: 0}}}", "paths: {a: {limits: {bit-rate: 5}}}", "paths: {a: {limits: {sessions: 5}}}",
	} {
		if _, err := loadFile(line); err == nil {
			t.Errorf("%s: no problem", line)
		}
	}
}

// A policy means what the file says; off denies nothing.
func TestEgressOfTheFile(t *testing.T) {
	metadata := netip.MustParseAddr("169.254.169.254")
	for text, denied := range map[string]bool{
		"": true, "egress: {deny: off}": false, "egress: {deny: []}": false, "egress: {deny: [private]}": false, "egress: {allow: [link-local]}": false,
		"egress: {deny: [all], allow: [private]}": true, "egress.deny: all": true,
	} {
		if err := mustLoadFile(t, text).Egress.Policy().Check(metadata); (err != nil) != denied {
			t.Errorf("%s: %v", text, err)
		}
	}
}
