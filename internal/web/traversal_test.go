package web

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Nothing but the assets comes out of the HTTP server, however a name is written: not a file beside or above them, not one of a folder whose
// name only begins the same, and no list of a folder (ZLMediaKit #2005, #1960, #4817). The requests are written by hand: clients tidy names up.
func TestNoNameLeadsOutOfTheAssets(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"site/assets/a.js": "fine", "site/assets/sub/b.js": "fine", "site/play.html": "page", "site/index.html": "page", "site/secret.js": "canary",
		"site/assets-secret/c.js": "canary", "secret.js": "canary", "site-secret/d.js": "canary",
	} {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	site := New(Config{RTSP: http.NotFoundHandler(), API: http.NotFoundHandler(), Files: os.DirFS(filepath.Join(dir, "site")), Logger: slog.New(slog.DiscardHandler)})
	served := make(chan error)
	go func() { served <- site.Serve(ln) }() // ends with Close
	defer func() { <-served }()
	defer site.Close()
	get := func(method, name string) (status, answer string) {
		nc, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		nc.SetDeadline(time.Now().Add(5 * time.Second))
		io.WriteString(nc, method+" "+name+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		b, _ := io.ReadAll(nc)
		status, answer, _ = strings.Cut(string(b), "\r\n")
		return status, answer
	}
	if status, answer := get("GET", "/assets/a.js"); status != "HTTP/1.1 200 OK" || !strings.Contains(answer, "fine") {
		t.Fatalf("%s: %s", status, answer)
	}
	var names []string
	for _, root := range []string{"/assets/", "/assets/sub/", "/play/", "/", "/rtsp/", "/api/", "http://localhost/assets/", "//localhost/assets/"} {
		for _, up := range []string{
			"../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "%252e%252e%252f", "..%c0%af", "....//", "..;/", "./../", "/../", "%2f..%2f", "%00../", "..%00/", "a.js/../../", "sub/../../", "",
		} {
			for _, file := range []string{"secret.js", "assets-secret/c.js", "../secret.js", "..%2fsecret.js", "site-secret/d.js", "..%2fsite-secret%2fd.js", "etc/passwd", "", "play.html"} {
				names = append(names, root+up+file, root+up+up+up+file)
			}
		}
	}
	names = append(names, "secret.js", "*", "/assets", "/assets-secret/c.js", "/secret.js", "/"+dir+"/secret.js", "file://"+dir+"/secret.js", "/assets/"+strings.Repeat("../", 5000)+"secret.js", "/assets/a.js%00.html")
	for _, name := range names {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			if status, answer := get(method, name); strings.Contains(answer, "canary") || strings.Contains(answer, "a.js\"") || strings.Contains(answer, "root:") || strings.Contains(status, " 5") {
				t.Errorf("%s %.60s: %s\n%.200s", method, name, status, answer)
			}
		}
	}
}
