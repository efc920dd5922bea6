package config

import (
	"testing"
	"time"
)

// A page does not wait for ever for the answer to PLAY, and no answer comes at once.
func TestPatienceOfPlayIsBounded(t *testing.T) {
	for value, ok := range map[string]bool{"": true, "100ms": true, "8s": true, "99ms": false, "9s": false, "0s": false, "-1s": false} {
		args := []string{"play", "rtsp://camera/"}
		if value != "" {
			args = append(args, "--patience", value)
		}
		c, err := Load(args, world(nil, nil))
		if (err == nil) != ok {
			t.Errorf("%q: %v", value, err)
		}
		if value == "" && err == nil && c.(*Play).Patience != 3*time.Second {
			t.Errorf("the default is %v", c.(*Play).Patience)
		}
	}
}
