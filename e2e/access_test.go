package e2e

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// accessConfig is the example of the manual, with our password, and a path to read.
const accessConfig = `
users:
  - { name: eve, password: "` + password + `", allow: [ { do: read, path: "demo.mp4" } ] }
  - { name: studio, password: "` + password + `", allow: [ { do: [publish, read], path: "stage/*" } ] }
  - { name: root, password: "` + password + `", allow: [ { do: admin } ] }
anonymous: [ { do: [read, publish], from: loopback } ]
audit: stderr
`

// An attempt is one cell of the table: who does what.
type attempt struct{ user, action, path string }

// mayFromElsewhere are the cells that are allowed to those who are not on the server's machine.
var mayFromElsewhere = []attempt{
	{"eve", "read", "/demo.mp4"}, {"studio", "publish", "/stage/a"}, {"root", "admin", "/api/v1/stats"},
}

// attempts are all of them over a transport of RTSP; those over HTTP come with the first.
func attempts(transport string) (all []attempt) {
	for _, user := range []string{"", "eve", "studio", "root", "wrong"} {
		for _, a := range []attempt{{"", "read", "/demo.mp4"}, {"", "read", "/clock"}, {"", "publish", "/stage/a"}, {"", "publish", "/hall"}, {"", "admin", "/api/v1/stats"}} {
			switch {
			case a.action == "admin" && transport != transports[0]:
			case user == "wrong" && (a.path == "/clock" || a.path == "/hall" || a.action == "publish" && transport != transports[0]): // an address that fails more often has to wait
			default:
				all = append(all, attempt{user, a.action, a.path})
			}
		}
	}
	return all
}

// AUT-01, AUT-08, SEC-07: every action of every credential over TCP, UDP and HTTP, from the server's machine and from another
// address: what is not allowed is 401 for who is not known and 403 for who is. No password is in what the server writes, answers or
// was started with.
func TestWhoMayDoWhatFromAnotherAddress(t *testing.T) {
	need(t, "ffmpeg", "curl")
	w := newWire(t)
	s := serveIn(t, inside(w.server), "--config", writeFile(t, accessConfig), "--rtsp", ":8554", "--api", "0.0.0.0:8081", "--log-level", "debug")
	for place, namespace := range map[string]string{"here": w.server, "elsewhere": w.reader} {
		address := w.address
		if place == "here" {
			address = "127.0.0.1"
		}
		for _, transport := range transports {
			all := attempts(transport)
			var running []*program
			for i, a := range all {
				running = append(running, a.begin(t, namespace, address, transport, strconv.Itoa(i)))
			}
			for i, a := range all {
				p := running[i]
				<-p.ended
				if want, got := a.expected(place), outcome(p); got != want {
					t.Errorf("%s over %s: %q does %s %s: %s, want %s", place, transport, a.user, a.action, a.path, got, want)
				}
			}
		}
	}
	texts := []string{s.stdout.String(), s.stderr.String(), commandLine(t, s)}
	for _, path := range []string{"presentations", "sessions", "stats", "openapi.json"} {
		command := append(inside(w.server), "curl", "-s", "--fail", "--digest", "-u", "root:"+password, "http://127.0.0.1:8081/api/v1/"+path)
		texts = append(texts, run(t, time.Minute, command[0], command[1:]...).stdout.String())
	}
	for _, text := range texts {
		if text == "" || strings.Contains(text, "c4nary") {
			t.Errorf("there is nothing, or a password: %.3000s", text)
		}
	}
	if !strings.Contains(s.stderr.String(), "passwords stand in the configuration as they are") {
		t.Error("nobody is warned of passwords that stand in the file")
	}
}

// begin does it. Each publishes to a path of its own.
func (a attempt) begin(t *testing.T, namespace, address, transport, id string) *program {
	t.Helper()
	who := ""
	switch a.user {
	case "":
	case "wrong": // a name each: who guesses at one soon has to wait
		who = "eve" + id + ":wrong@"
	default:
		who = a.user + ":" + strings.ReplaceAll(password, "@", "%40") + "@"
	}
	url := "rtsp://" + who + address + ":8554" + a.path
	command := append(inside(namespace), "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error")
	switch a.action {
	case "read":
		command = append(command, "-rtsp_transport", transport, "-i", url, "-t", "0.5", "-c", "copy", "-f", "null", "-")
	case "publish":
		command = append(command, "-re", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "pcm_mulaw", "-ar", "8000", "-f", "rtsp", "-rtsp_transport", transport, url+id)
	case "admin":
		command = append(inside(namespace), "curl", "-sS", "--digest", "-o", os.DevNull, "-w", "status %{http_code}", "http://"+who+address+":8081"+a.path)
	}
	return start(t, time.Minute, command[0], command[1:]...)
}

// expected is what should come of it: 200, 401 or 403.
func (a attempt) expected(place string) string {
	switch {
	case place == "here" && a.action != "admin", slices.Contains(mayFromElsewhere, a):
		return "200"
	case a.user == "" || a.user == "wrong":
		return "401"
	}
	return "403"
}

// outcome is what came of it.
func outcome(p *program) string {
	text := p.stdout.String() + p.stderr.String()
	for _, status := range []string{"401", "403"} {
		if strings.Contains(text, status) {
			return status
		}
	}
	if p.err != nil {
		return p.verdict() + " " + text
	}
	return "200"
}

// commandLine is what everybody on the machine can read of how the server was started.
func commandLine(t *testing.T, s *server) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
