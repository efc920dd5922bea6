package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sealedServer runs a server with a certificate of its own, with more flags, and gives its greeting and how it ends.
func sealedServer(t *testing.T, flags ...string) (text string, end func() int) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "baton.yml")
	if err := os.WriteFile(file, []byte("tls: { auto: true }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	g, ended := &greeting{done: make(chan struct{})}, make(chan int, 1)
	args := append([]string{"--config", file, "--rtsp", "127.0.0.1:0", "--rtsps", "127.0.0.1:0", "--udp", "0", "--api", "off", "--state", dir}, flags...)
	go func() { ended <- run(ctx, args, g, io.Discard) }() // ends with end
	<-g.done
	return g.text.String(), func() int {
		cancel()
		return <-ended
	}
}

// SEC-08: a client takes a certificate that it cannot verify only when it is told by its fingerprint or by a file, and says how.
func TestCommandsTrustWhomTheyAreTold(t *testing.T) {
	text, end := sealedServer(t, "--http", "off")
	defer end()
	url := regexp.MustCompile(`rtsps://\S+`).FindString(text) + "/clock"
	sum := regexp.MustCompile(`SHA-256 (\S+)`).FindStringSubmatch(text)[1]
	probe := func(flags ...string) (code int, said string) {
		var out, problems strings.Builder
		code = run(t.Context(), append([]string{"probe", "--duration", "100ms", url}, flags...), &out, &problems)
		return code, problems.String()
	}
	code, said := probe()
	if plain := strings.ReplaceAll(sum, ":", ""); code != exitFailed || !strings.Contains(said, "--trust "+plain) {
		t.Errorf("a stranger: %d %s", code, said)
	}
	if code, said := probe("--trust", sum); code != exitOK {
		t.Errorf("its fingerprint: %d %s", code, said)
	}
	if code, said := probe("--trust", strings.Repeat("00", 32)); code != exitFailed || !strings.Contains(said, "another certificate") {
		t.Errorf("another fingerprint: %d %s", code, said)
	}
}

// With a certificate RTSP over TLS and HTTPS are there, under the fingerprint that is printed.
func TestServeOverTLS(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free now
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	web := ln.Addr().String()
	text, end := sealedServer(t, "--http", web)
	m := regexp.MustCompile(`rtsps://(\S+)`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no URL in %q", text)
	}
	trusted := &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		sum := strings.ReplaceAll(fmt.Sprintf("% X", sha256.Sum256(s.PeerCertificates[0].Raw)), " ", ":")
		if !strings.Contains(text, "SHA-256 "+sum) {
			return fmt.Errorf("%s was not printed", sum)
		}
		return nil
	}}
	nc, err := tls.Dial("tcp", m[1], trusted)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	io.WriteString(nc, "DESCRIBE "+m[0]+"/clock RTSP/1.0\r\nCSeq: 1\r\n\r\n")
	answer := make([]byte, 16)
	if _, err := io.ReadFull(nc, answer); err != nil || string(answer) != "RTSP/1.0 200 OK\r" {
		t.Errorf("%v: %q", err, answer)
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: trusted}}
	defer client.CloseIdleConnections()
	resp, err := client.Get("https://" + web + "/play/clock")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the page: %s", resp.Status)
	}
	inTheClear(t, web)
	if code := end(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// inTheClear sees that who speaks to the port of HTTPS without TLS is told what it is.
func inTheClear(t *testing.T, web string) {
	t.Helper()
	for request, want := range map[string]string{
		"GET /play/a%2Fb?c=d HTTP/1.1\r\nHost: cams.example:8080\r\n\r\n": "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://cams.example:8080/play/a%2Fb?c=d\r\n",
		"GET // HTTP/1.1\r\nHost: cams.example\r\n\r\n":                   "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://cams.example//\r\n",
		"GET / HTTP/1.0\r\n\r\n":                                          "HTTP/1.1 400 Bad Request\r\n",
		"POST /api HTTP/1.1\r\nHost: cams.example\r\n\r\n":                "HTTP/1.1 400 Bad Request\r\n",
		"DESCRIBE rtsp://cams.example/clock RTSP/1.0\r\nCSeq: 1\r\n\r\n":  "HTTP/1.1 400 Bad Request\r\n",
		"\x80\x2e\x01\x00": "", // SSL 2
	} {
		nc, err := net.Dial("tcp", web)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(nc, request)
		got, _ := io.ReadAll(nc) // it ends, in an error or not
		nc.Close()
		if !strings.HasPrefix(string(got), want) || want == "" && len(got) > 0 {
			t.Errorf("%q: %q", request, got)
		}
	}
}
