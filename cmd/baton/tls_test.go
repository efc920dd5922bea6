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

// With a certificate RTSP over TLS and HTTPS are there, under the fingerprint that is printed.
func TestServeOverTLS(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "baton.yml")
	if err := os.WriteFile(file, []byte("tls: { auto: true }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0") // a port that is free now
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	web := ln.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	g, ended := &greeting{done: make(chan struct{})}, make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"--config", file, "--rtsp", "127.0.0.1:0", "--rtsps", "127.0.0.1:0", "--udp", "0", "--http", web, "--state", dir}, g, io.Discard)
	}()
	<-g.done
	m := regexp.MustCompile(`rtsps://(\S+)`).FindStringSubmatch(g.text.String())
	if m == nil {
		t.Fatalf("no URL in %q", g.text.String())
	}
	trusted := &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		sum := strings.ReplaceAll(fmt.Sprintf("% X", sha256.Sum256(s.PeerCertificates[0].Raw)), " ", ":")
		if !strings.Contains(g.text.String(), "SHA-256 "+sum) {
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
	cancel()
	if code := <-ended; code != exitOK {
		t.Errorf("exit code %d", code)
	}
}
