package e2e

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// acmeName is what certificates are asked for. In the authority's namespace every name is 127.0.0.1.
const acmeName = "cams.example.test"

// An authority is Let's Encrypt's own test authority, pebble, in a network namespace whose ports 80 and 443 nobody else has.
type authority struct {
	*program
	t         *testing.T
	namespace string
	etc       string // folder of what stands there in place of that of /etc
	trust     string // file of who signs for the authority's own web server
	command   []string
}

// An acmeRule is what an authority does otherwise than most.
type acmeRule struct {
	http, tls int      // where it checks names; 0: ports 80 and 443
	refuses   []string // names
	life      int      // of certificates, in seconds; 0: 90 days
}

// newAuthority makes the namespace and the names in it, and prepares an authority; start runs it.
func newAuthority(t *testing.T, rule acmeRule) *authority {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("network namespaces need root on Linux")
	}
	need(t, "ip", "openssl", "curl")
	name := fnv.New32()
	name.Write([]byte(t.Name()))
	a := &authority{t: t, namespace: fmt.Sprintf("baton-ca%d-%x", os.Getpid(), name.Sum32())}
	a.etc = filepath.Join("/etc/netns", a.namespace) // `ip netns exec` puts it there
	t.Cleanup(func() { os.RemoveAll(a.etc) })
	a.put("resolv.conf", "nameserver 127.0.0.1\n")
	ip(t, "netns", "add", a.namespace)
	t.Cleanup(func() { ip(t, "netns", "del", a.namespace) })
	ip(t, "-n", a.namespace, "link", "set", "lo", "up")
	i := newIssuer(t)
	a.trust = i.file
	cert, key := i.pair(t)
	folder := buildPebble(t)
	a.command = slices.Concat(inside(a.namespace), []string{"env", "PEBBLE_VA_NOSLEEP=1", filepath.Join(folder, "pebble"), "-dnsserver", "127.0.0.1:53", "-config", rule.file(t, cert, key)})
	names := append(inside(a.namespace), filepath.Join(folder, "pebble-challtestsrv"), "-dnsserver", "127.0.0.1:53", "-defaultIPv6", "",
		"-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "", "-management", "127.0.0.1:8055")
	start(t, 20*time.Minute, names[0], names[1:]...)
	return a
}

// put makes a file of /etc, for programs that are started from now on.
func (a *authority) put(name, text string) {
	a.t.Helper()
	name = filepath.Join(a.etc, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		a.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		a.t.Fatal(err)
	}
}

// file is the configuration of pebble.
func (r acmeRule) file(t *testing.T, cert, key string) string {
	t.Helper()
	port := func(given, usual int) int {
		if given != 0 {
			return given
		}
		return usual
	}
	text, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000", "certificate": cert, "privateKey": key,
		"httpPort": port(r.http, 80), "tlsPort": port(r.tls, 443), "domainBlocklist": r.refuses, "keyAlgorithm": "ecdsa",
		"retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles":   map[string]any{"default": map[string]any{"description": "default", "validityPeriod": r.life}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return writeFile(t, string(text))
}

// buildPebble builds the authority and its names, of the version that their module here says, and gives the folder.
func buildPebble(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	const commands = "github.com/letsencrypt/pebble/v2/cmd/"
	out, err := exec.Command("go", "build", "-C", "peers/pebble", "-o", folder, commands+"pebble", commands+"pebble-challtestsrv").CombinedOutput()
	if err != nil {
		t.Fatalf("pebble cannot be built: %v\n%s", err, out)
	}
	return folder
}

// open runs the authority and waits until it can be asked.
func (a *authority) open() {
	a.t.Helper()
	a.program = start(a.t, 20*time.Minute, a.command[0], a.command[1:]...)
	a.root()
}

// known has the programs there trust the authority as they trust those that a system comes with.
func (a *authority) known(root string) {
	a.t.Helper()
	text, err := os.ReadFile(root)
	if err != nil {
		a.t.Fatal(err)
	}
	a.put("ssl/certs/ca-certificates.crt", string(text))
}

// root is a file of the certificate by which those that the authority has signed are verified: another one after each start.
func (a *authority) root() string {
	a.t.Helper()
	return writeFile(a.t, a.run("curl", "-sSf", "--cacert", a.trust, "--retry", "50", "--retry-delay", "1", "--retry-connrefused", "https://127.0.0.1:15000/roots/0"))
}

// run runs a program in the namespace and gives what it prints.
func (a *authority) run(command ...string) string {
	a.t.Helper()
	command = append(inside(a.namespace), command...)
	return run(a.t, time.Minute, command[0], command[1:]...).stdout.String()
}

// serve starts a server there that asks the authority, with a state folder that may have been used before.
func (a *authority) serve(state string, flags ...string) *server {
	a.t.Helper()
	file := writeFile(a.t, "tls: { acme: { domains: ["+acmeName+"], email: someone@example.test, ca: \"https://127.0.0.1:14000/dir\" } }\n")
	return serveIn(a.t, append(inside(a.namespace), "env", "SSL_CERT_FILE="+a.trust),
		append([]string{"--config", file, "--rtsp", "127.0.0.1:8554", "--rtsps", "127.0.0.1:8322", "--state", state}, flags...)...)
}

// hasCertificate waits until the server says that it has one.
func (s *server) hasCertificate(limit time.Duration) {
	s.t.Helper()
	if !s.stderr.sees(s.ended, limit, func(text string) bool { return strings.Contains(text, `msg="certificate obtained"`) }) {
		s.t.Fatalf("no certificate after %v", limit)
	}
}

// serial is that of the certificate that a port shows, which has to be one of the authority for the name.
func (a *authority) serial(port, root string) string {
	a.t.Helper()
	text := a.run("sh", "-c", "openssl s_client -connect "+acmeName+":"+port+" -servername "+acmeName+" -verify_hostname "+acmeName+
		" -verify_return_error -CAfile "+root+" </dev/null | openssl x509 -noout -serial")
	if !strings.HasPrefix(text, "serial=") {
		a.t.Fatalf("port %s shows no certificate: %q", port, text)
	}
	return text
}
