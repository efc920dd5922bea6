package e2e

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// SEC-08: the first start gets a certificate from an authority, whichever way it checks the name and whoever has port 443; browsers and
// players that trust the authority take it. The next start has it from the state folder: the authority is gone by then.
func TestACMECertificateIsObtainedAndKept(t *testing.T) {
	need(t, "gst-launch-1.0")
	const nobody = 9 // a port
	for name, c := range map[string]struct {
		rule acmeRule
		web  string
	}{
		"by HTTP on port 80":                        {acmeRule{tls: nobody}, "8443"},
		"by TLS on port 443":                        {acmeRule{http: nobody}, "8443"},
		"by TLS on port 443, which is the web side": {acmeRule{http: nobody}, "443"},
	} {
		t.Run(name, func(t *testing.T) {
			a, state := newAuthority(t, c.rule), t.TempDir()
			a.open()
			root := a.root()
			s := a.serve(state, "--http", "127.0.0.1:"+c.web)
			s.hasCertificate(time.Minute)
			serial := a.serial("8322", root)
			a.program.kill()
			s.stop()
			next := a.serve(state, "--http", "127.0.0.1:"+c.web)
			for _, port := range []string{"8322", c.web} {
				if got := a.serial(port, root); got != serial {
					t.Errorf("port %s after another start: %s, was %s", port, got, serial)
				}
			}
			if a.plays(t) {
				t.Error("GStreamer takes a certificate of an authority that it does not know")
			}
			a.known(root)
			if !a.plays(t) {
				t.Error("GStreamer does not take the certificate")
			}
			a.publishes(next)
			a.run("curl", "-sSf", "-o", "/dev/null", "https://"+acmeName+":"+c.web+"/play/clock")
			if strings.Contains(next.stderr.String(), "certificate obtained") {
				t.Error("the authority was asked again")
			}
			ownerAlone(t, filepath.Join(state, "acme"))
		})
	}
}

// plays tells whether GStreamer, which verifies certificates, plays the clock over TLS.
func (a *authority) plays(t *testing.T) bool {
	t.Helper()
	command := append(inside(a.namespace), "gst-launch-1.0", "rtspsrc", "location=rtsps://"+acmeName+":8322/clock", "!", "decodebin", "!",
		"fakesink", "sync=false", "num-buffers=10")
	p := start(t, time.Minute, command[0], command[1:]...)
	<-p.ended
	return strings.Contains(p.stdout.String(), "Got EOS from element")
}

// publishes has GStreamer, which verifies certificates, publish over TLS.
func (a *authority) publishes(s *server) {
	s.t.Helper()
	command := append(inside(a.namespace), "gst-launch-1.0", "audiotestsrc", "is-live=true", "!", "mulawenc", "!",
		"rtspclientsink", "location=rtsps://"+acmeName+":8322/gst", "protocols=tcp")
	p := start(s.t, time.Minute, command[0], command[1:]...)
	if !s.stderr.sees(p.ended, 20*time.Second, func(text string) bool { return strings.Contains(text, "path=gst") }) {
		s.t.Errorf("GStreamer cannot publish: %s %s", p.verdict(), p.stderr)
	}
}

// SEC-08: a certificate that is due is replaced while a viewer looks on, who notices nothing.
func TestACMECertificateIsRenewedUnderAViewer(t *testing.T) {
	t.Parallel()
	need(t, "ffmpeg")
	a := newAuthority(t, acmeRule{life: 90})
	a.open()
	root := a.root()
	s := a.serve(t.TempDir(), "--http", "127.0.0.1:443")
	s.hasCertificate(time.Minute)
	serial := a.serial("8322", root)
	command := append(inside(a.namespace), "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-progress", "-",
		"-i", "rtsps://"+acmeName+":8322/clock", "-c", "copy", "-f", "null", "-")
	viewer := start(t, 5*time.Minute, command[0], command[1:]...)
	if !s.stderr.sees(s.ended, 3*time.Minute, func(text string) bool { return strings.Contains(text, `msg="certificate renewed"`) }) {
		t.Fatal("no other certificate after three minutes")
	}
	for _, port := range []string{"8322", "443"} {
		if a.serial(port, root) == serial {
			t.Errorf("port %s still shows the old one", port)
		}
	}
	before := len(viewer.stdout.String())
	if !viewer.sees(10*time.Second, func(text string) bool { return strings.Count(text[before:], "frame=") > 3 }) {
		t.Errorf("the viewer gets nothing any more: %s %s", viewer.verdict(), viewer.stderr)
	}
	if n := strings.Count(s.stderr.String(), "msg=session "); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// An authority that is not there, or will not, keeps nobody from starting. It is told in a line an attempt, and asked again.
func TestACMEAuthorityThatFailsIsAskedAgain(t *testing.T) {
	t.Parallel()
	need(t, "ffprobe")
	for name, c := range map[string]struct {
		rule acmeRule
		open bool
		why  string
	}{
		"down":    {acmeRule{}, false, "connection refused"},
		"refuses": {acmeRule{refuses: []string{acmeName}}, true, "rejectedIdentifier"},
		"blind":   {acmeRule{http: 9, tls: 9}, true, "authorization failed"}, // to our ports
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAuthority(t, c.rule)
			if c.open {
				a.open()
			}
			s := a.serve(t.TempDir(), "--http", "127.0.0.1:8443")
			a.run("ffprobe", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", s.url("/clock"))
			complaints := func(n int) func(string) bool {
				return func(text string) bool {
					return strings.Count(text, "level=WARN")+strings.Count(text, "level=ERROR") >= n
				}
			}
			if !s.stderr.sees(s.ended, 30*time.Second, complaints(1)) || !strings.Contains(s.stderr.String(), c.why) {
				t.Fatal("nobody is told why there is no certificate")
			}
			if !strings.Contains(s.stderr.String(), `msg="no certificate from the authority, it is asked again"`) {
				t.Error("nor that it is asked again")
			}
			if !c.open {
				a.open() // it comes back
				s.hasCertificate(90 * time.Second)
				a.serial("8322", a.root())
			}
			if complaints(2)(s.stderr.String()) {
				t.Error("it is told more than once an attempt")
			}
		})
	}
}

// ownerAlone fails where others may read what is in a folder.
func ownerAlone(t *testing.T, folder string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !d.IsDir() {
			files++
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		return nil
	})
	if err != nil || files < 4 { // account and certificate with a key each, at the least
		t.Errorf("%d files in %s, %v", files, folder, err)
	}
}
