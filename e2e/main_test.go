// Package e2e runs Baton against the programs it is made for: ffmpeg, ffprobe,
// ffplay and GStreamer, over real sockets. It never looks inside Baton: it
// starts the command, reads what it prints and stops it as a user would.
//
// These tests need programs and time, so they run only with BATON_INTEROP=1,
// which ./check sets. A test whose peer is not installed is skipped and says
// so; ./check decides whether that is a failure.
package e2e

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	flag.Bool("long", false, "take ten minutes where one shows most")
	if os.Getenv("BATON_INTEROP") != "1" {
		fmt.Println("e2e: nothing run: BATON_INTEROP=1 is not set")
		return
	}
	printPeers()
	folder, err := os.MkdirTemp("", "baton-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := 1
	if err := build(batonPath(folder)); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		os.Setenv("BATON_E2E_COMMAND", batonPath(folder))
		code = m.Run()
	}
	os.RemoveAll(folder)
	os.Exit(code)
}

// baton is the command under test, built once by TestMain.
func baton() string { return os.Getenv("BATON_E2E_COMMAND") }

func batonPath(folder string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(folder, "baton.exe")
	}
	return filepath.Join(folder, "baton")
}

func build(to string) error {
	out, err := exec.Command("go", "build", "-o", to, "../cmd/baton").CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build ../cmd/baton: %w\n%s", err, out)
	}
	return nil
}

// printPeers names the programs and their versions, once: results mean little
// without them.
func printPeers() {
	for _, peer := range [][]string{
		{"ffmpeg", "-version"},
		{"ffprobe", "-version"},
		{"ffplay", "-version"},
		{"gst-launch-1.0", "--gst-version"},
	} {
		fmt.Printf("peer: %s\n", version(peer[0], peer[1]))
	}
}

func version(name, flag string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, flag).Output()
	if err != nil {
		return name + " is not there: " + err.Error()
	}
	line, _ := bufio.NewReader(strings.NewReader(string(out))).ReadString('\n')
	line, _, _ = strings.Cut(line, " Copyright")
	return strings.TrimSpace(line)
}

// need skips a test whose peer is not installed.
func need(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
}
