package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// speaks is a page that speaks RTSP over WebSocket and says what it got.
const speaks = `<!doctype html><script>
const said = [], base = "%[2]s/clock"
const ws = new WebSocket("%[1]s", ["rtsp.onvif.org"])
ws.binaryType = "arraybuffer"
const end = s => fetch("/said", {method: "POST", body: said.concat(s).join("\n")})
const send = s => ws.send(new TextEncoder().encode(s + "\r\n\r\n"))
ws.onopen = () => { said.push("open " + ws.protocol); send("OPTIONS * RTSP/1.0\r\nCSeq: 1") }
ws.onclose = e => end("close " + e.code)
let step = 0, frames = 0
ws.onmessage = e => {
	const b = new Uint8Array(e.data)
	if (b[0] == 0x24) {
		if (++frames == 25) { said.push("25 messages of media"); ws.close() }
		return
	}
	const text = new TextDecoder().decode(b)
	said.push(text.split("\r\n")[0])
	switch (++step) {
	case 1: send("DESCRIBE " + base + " RTSP/1.0\r\nCSeq: 2\r\nAccept: application/sdp"); break
	case 2: send("SETUP " + base + "/trackID=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1"); break
	case 3: send("PLAY " + base + " RTSP/1.0\r\nCSeq: 4\r\nSession: " + /Session: ([^;\r]+)/.exec(text)[1]); break
	}
}
</script>`

// WSK-01, WSK-02, WSK-07: a page in Chromium that is let in plays over WebSocket, and one that is not is turned away.
func TestChromiumPlaysOverWebSocket(t *testing.T) {
	need(t, "chromium")
	for name, test := range map[string]struct{ origin, want string }{
		"let in":      {"", "open rtsp.onvif.org\nRTSP/1.0 200 OK\nRTSP/1.0 200 OK\nRTSP/1.0 200 OK\nRTSP/1.0 200 OK\n25 messages of media\nclose 1000"},
		"turned away": {"https://other.example", "close 1006"},
	} {
		t.Run(name, func(t *testing.T) {
			said := make(chan string, 1)
			page := make(chan string, 1)
			host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					b, _ := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
					said <- string(b)
				} else if r.URL.Path == "/" {
					io.WriteString(w, <-page)
				}
			}))
			defer host.Close()
			origin := test.origin
			if origin == "" {
				origin = host.URL
			}
			web := fmt.Sprint("127.0.0.1:", pair(t)) // free for UDP, and for TCP more likely than not
			s := serve(t, append(config(t, fmt.Sprintf("origins: [%q]\n", origin)), "--http", web)...)
			page <- fmt.Sprintf(speaks, "ws://"+web+"/rtsp", s.base)
			browse(t, host.URL+"/")
			select {
			case got := <-said:
				if strings.TrimSpace(got) != test.want {
					t.Errorf("the page says:\n%s", got)
				}
			case <-time.After(50 * time.Second):
				t.Error("the page says nothing")
			}
		})
	}
}

// browse opens a page in Chromium until the end of the test.
func browse(t *testing.T, url string) {
	t.Helper()
	profile, err := os.MkdirTemp("", "baton-chromium-") // not the test's: its children may write there for a moment longer
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, time.Minute, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0", "--user-data-dir="+profile, url)
	t.Cleanup(func() {
		p.cmd.Process.Signal(syscall.SIGTERM)
		if !p.endsWithin(5 * time.Second) {
			p.kill()
		}
		os.RemoveAll(profile)
	})
}
