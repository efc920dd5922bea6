package e2e

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	printedAdmin     = regexp.MustCompile(`need a user: (\w+), password (\w+)\.`)
	printedElsewhere = regexp.MustCompile(`(?m)^  elsewhere +(\S+)$`)
)

// The person who installs a server to be reached by others: what the first start prints works on another machine with the admin whom
// it made, and without an edit besides name and password; over TLS too, once that is set. Who mistypes the password reads why.
func TestNewcomerIsReachedByOthers(t *testing.T) {
	need(t, "ffprobe", "gst-launch-1.0", "curl")
	for name, text := range map[string]string{"clear": "", "TLS": "tls: { auto: true }\n"} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t)
			ip(t, "-n", w.server, "route", "add", "default", "via", "10.213.77.2") // by which address others come is known from that
			flags := []string{"--rtsp", ":8554", "--http", ":8080"}
			if text != "" {
				flags = append(flags, append(config(t, text), "--rtsps", ":8322")...)
			}
			s := serveIn(t, inside(w.server), flags...)
			admin, pasted := printedAdmin.FindStringSubmatch(s.stdout.String()), printedElsewhere.FindAllStringSubmatch(s.stdout.String(), -1)
			if admin == nil || len(pasted) != 2 {
				t.Fatalf("no admin, or nothing for elsewhere: %s", s.stdout)
			}
			media, site := strings.Replace(pasted[0][1], "USER:PASSWORD", admin[1]+":"+admin[2], 1), pasted[1][1]

			try := func(want string, command ...string) {
				t.Helper()
				p := start(t, time.Minute, "ip", append(inside(w.reader)[1:], command...)...)
				<-p.ended
				if out := p.stdout.String() + p.stderr.String(); !strings.Contains(out, want) {
					t.Errorf("%s: %s: no %q in %s", p, p.verdict(), want, out)
				}
			}
			ffprobe := func(url string) []string {
				return []string{"ffprobe", "-hide_banner", "-rtsp_transport", "tcp", url}
			}
			try("Video: h264", ffprobe(media)...)
			try("401 Unauthorized", ffprobe(pasted[0][1])...) // as it is printed
			try("401 Unauthorized", ffprobe(strings.Replace(media, admin[1]+":"+admin[2]+"@", "", 1))...)
			try("Got EOS from element", "gst-launch-1.0", "rtspsrc", "location="+strings.Replace(media, "/clock", "/demo.mp4", 1), "protocols=tcp", "tls-validation-flags=0", "!", "fakesink", "num-buffers=50")
			list := []string{"curl", "-sk", "--digest", "-u", admin[1] + ":" + admin[2], site + "/api/v1/presentations"}
			try(`"demo.mp4"`, list...)
			list[4] = "eve:wrong"
			try("Unauthorized", list...)

			wrong := strings.Replace(media, admin[2], "wrong", 1)
			for range 3 {
				try("401 Unauthorized", ffprobe(wrong)...)
			}
			try("503 Too Many Failed Logins", ffprobe(wrong)...)
			if !strings.Contains(s.stderr.String(), `"a login has failed" address=10.213.77.2 protocol=`+strings.SplitN(media, ":", 2)[0]+` `) || strings.Contains(s.stderr.String(), admin[2]) {
				t.Errorf("the log: %s", s.stderr)
			}
		})
	}
}
