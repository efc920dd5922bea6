package e2e

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/sdp"
)

// tableUsers is one user for each right, and one whose rights hold on the server's machine.
const tableUsers = `
users:
  - { name: ann, password: "` + password + `", allow: [ { do: read } ] }
  - { name: eve, password: "` + password + `", allow: [ { do: read, path: "demo.mp4" } ] }
  - { name: ray, password: "` + password + `", allow: [ { do: replay } ] }
  - { name: studio, password: "` + password + `", allow: [ { do: [publish, read], path: "stage/*" } ] }
  - { name: root, password: "` + password + `", allow: [ { do: admin } ] }
  - { name: home, password: "` + password + `", allow: [ { do: [read, publish, admin], from: loopback } ] }
audit: stderr
`

// A door is how one comes in.
type door struct {
	name, url string // url: what is in front of the path
	sealed    bool   // TLS
}

// doors are those of the two servers of the table: one of them speaks TLS.
var doors = []door{
	{"tcp", "rtsp://HOST:8554/", false}, {"udp", "rtsp://HOST:8554/", false}, {"ws", "ws://HOST:8080/rtsp", false}, {"http", "http://HOST:8080/", false},
	{"rtsps", "rtsps://HOST:9322/", true}, {"wss", "wss://HOST:9080/rtsp", true}, {"https", "https://HOST:9080/", true},
	{"api", "http://HOST:8081/", false},
}

// A cell of the table: at a door, from a place, somebody with a credential does something.
type cell struct {
	door        door
	here        bool
	who, secret string // secret: the password
	basic       bool   // over HTTP: Basic at once, instead of Digest when asked
	act, path   string
}

func (c cell) String() string {
	return fmt.Sprintf("%s, here %v, %q %.4s (basic %v): %s %s", c.door.name, c.here, c.who, c.secret, c.basic, c.act, c.path)
}

// cells are all of them.
func cells() (all []cell) {
	for _, d := range doors {
		acts := []string{"read clock", "read stage/live", "replay demo.mp4", "publish stage/N", "publish hall/N"}
		switch d.name {
		case "http", "https":
			acts = []string{"list api/v1/presentations"}
		case "api":
			acts = []string{"admin api/v1/stats"}
		}
		for _, here := range []bool{true, false} {
			for _, who := range []string{"", "ann", "eve", "ray", "studio", "root", "home", "stranger", "ann:wrong"} {
				name, wrong, _ := strings.Cut(who, ":")
				c := cell{door: d, here: here, who: name, secret: password}
				if wrong != "" {
					c.secret = wrong
				}
				for _, act := range acts {
					c.act, c.path, _ = strings.Cut(act, " ")
					c.path = strings.ReplaceAll(c.path, "N", fmt.Sprint(len(all)))
					all = append(all, c)
				}
				if d.name == "http" || d.name == "https" || d.name == "api" {
					c.basic = true
					all = append(all, c)
				}
			}
		}
	}
	return all
}

// expected is the answer by the rules of the manual, not by the code.
func (c cell) expected() int {
	known := c.secret == password && c.who != "" && c.who != "stranger"
	unasked := c.here && c.act != "admin" // this machine may read and publish without being anybody
	if c.basic && !c.door.sealed {
		known = false // a password in the clear is as if it had not come
	}
	switch {
	case c.basic && c.door.sealed && c.who != "" && !known:
		return 401 // who says who they are has to prove it
	case unasked:
		return 200
	case !known:
		return 401
	}
	may := map[string]string{
		"ann": "read clock, read stage/live, replay demo.mp4", "eve": "replay demo.mp4", "ray": "replay demo.mp4",
		"studio": "read stage/live, publish stage/", "root": "admin api/v1/stats",
	}[c.who]
	if c.who == "home" && c.here {
		may = "admin api/v1/stats"
	}
	if c.act == "list" || strings.Contains(may, strings.TrimRight(c.act+" "+c.path, "0123456789")) {
		return 200
	}
	return 403
}

// AUT-01, AUT-08, AUT-12, WSK-06, KEY-02: protocol × action × credential × place, every cell, with two servers, from loopback and from another
// address of a network of our own. No password is in what the servers write.
func TestEveryDoorActionAndCredential(t *testing.T) {
	w := newWire(t)
	var addresses strings.Builder // one for each attempt: who guesses has to wait, and all who are at that address
	for i := 3; i < 250; i++ {
		fmt.Fprintf(&addresses, "address add 10.213.77.%d/24 dev wire0\n", i)
	}
	ip(t, "-n", w.reader, "-batch", writeFile(t, addresses.String()))
	clear := serveIn(t, inside(w.server), "--config", writeFile(t, tableUsers), "--rtsp", ":8554", "--http", ":8080", "--api", ":8081", "--log-level", "debug")
	sealed := serveIn(t, inside(w.server), "--config", writeFile(t, tableUsers+"tls: { auto: true }\n"), "--rtsp", ":9554", "--rtsps", ":9322", "--http", ":9080", "--log-level", "debug")
	k := &keys{t: t, namespaces: map[bool]string{true: w.server, false: w.reader}, address: map[bool]string{true: "127.0.0.1", false: w.address}}
	k.stage()
	all := cells()
	turns := make(chan bool, 16)
	var group sync.WaitGroup
	for i, c := range all {
		turns <- true
		group.Go(func() {
			defer func() { <-turns }()
			if got, want := k.try(c, i), c.expected(); got != want {
				t.Errorf("%v: %d, want %d", c, got, want)
			}
		})
	}
	group.Wait()
	t.Logf("%d cells", len(all))
	for _, s := range []*server{clear, sealed} {
		for _, text := range []string{s.stdout.String(), s.stderr.String(), commandLine(t, s)} {
			if text == "" || strings.Contains(text, "c4nary") || strings.Contains(text, "response=") {
				t.Errorf("there is nothing, or a password: %.3000s", text)
			}
		}
	}
}

// keys try doors.
type keys struct {
	t                   *testing.T
	namespaces, address map[bool]string // by here
}

// stage publishes to stage/live of both servers, from their machine.
func (k *keys) stage() {
	for _, d := range []door{{url: "rtsp://HOST:8554/"}, {url: "rtsp://HOST:9554/"}} {
		c := cell{door: d, here: true, path: "stage/live"}
		client, err := rtspclient.Publish(k.t.Context(), k.url(c), k.sound(), k.config(c, 0))
		if err != nil {
			k.t.Fatal(err)
		}
		talk(k.t, client)
	}
}

// sound is what is published.
func (k *keys) sound() *sdp.Session {
	s, err := sdp.Parse([]byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\na=control:trackID=0\r\n"))
	if err != nil {
		panic(err)
	}
	return s
}

func (k *keys) url(c cell) string {
	url := strings.Replace(c.door.url, "HOST", k.address[c.here], 1)
	if strings.HasPrefix(url, "ws") {
		return url
	}
	return url + c.path
}

// config is how the client of a cell connects; id gives it an address of its own.
func (k *keys) config(c cell, id int) *rtspclient.Config {
	cfg := &rtspclient.Config{Lowers: []rtspclient.Lower{rtspclient.TCP}, Timeout: 20 * time.Second, Dial: func(ctx context.Context, u *rtsp.URL) (net.Conn, error) {
		return k.dial(ctx, c, id, net.JoinHostPort(u.Hostname(), strconv.Itoa(int(u.Port()))))
	}}
	if c.who != "" {
		cfg.User, cfg.Password = c.who, c.secret
	}
	if strings.HasPrefix(c.door.url, "ws") {
		cfg.RequestURL = "rtsp://" + k.address[c.here] + ":8554/" + c.path
	}
	if c.door.name == "udp" {
		cfg.Lowers = []rtspclient.Lower{rtspclient.UDP}
		cfg.ListenPair = func(local netip.Addr) (a, b rtspclient.PacketConn, err error) {
			err = within(k.namespaces[c.here], func() error {
				x, err := net.ListenUDP("udp", &net.UDPAddr{IP: local.AsSlice()})
				if err != nil {
					return err
				}
				y, err := net.ListenUDP("udp", &net.UDPAddr{IP: local.AsSlice()})
				a, b = x, y
				return err
			})
			return a, b, err
		}
	}
	return cfg
}

// dial opens a connection from the place and the address of a cell.
func (k *keys) dial(ctx context.Context, c cell, id int, address string) (conn net.Conn, err error) {
	from := net.IPv4(10, 213, 77, byte(3+id%240))
	if c.here {
		from = net.IPv4(127, 0, 1, byte(3+id%240))
	}
	if conn, err = dialFrom(ctx, k.namespaces[c.here], from, address); err != nil {
		return nil, err
	}
	if c.door.sealed {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // certificates have tests of their own
	}
	return conn, nil
}

// try does what a cell says, and returns the status that came of it; 0 is trouble.
func (k *keys) try(c cell, id int) int {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if c.act == "list" || c.act == "admin" {
		return k.ask(ctx, c, id)
	}
	cfg := k.config(c, id)
	var client *rtspclient.Client
	var err error
	if c.act == "publish" {
		client, err = rtspclient.Publish(ctx, k.url(c), k.sound(), cfg)
	} else {
		client, err = rtspclient.Play(ctx, k.url(c), cfg)
	}
	if err == nil {
		client.Close()
	}
	return statusOf(k.t, err)
}

// ask does it over HTTP.
func (k *keys) ask(ctx context.Context, c cell, id int) int {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		return k.dial(ctx, cell{here: c.here}, id, address)
	}, DialTLSContext: func(ctx context.Context, _, address string) (net.Conn, error) { return k.dial(ctx, c, id, address) }}}
	status, authorization := 0, ""
	for range 2 { // with what is asked for, the second time
		r, err := http.NewRequestWithContext(ctx, "GET", k.url(c), nil)
		if err != nil {
			panic(err)
		}
		switch {
		case c.basic && c.who != "":
			r.SetBasicAuth(c.who, c.secret)
		case authorization != "":
			r.Header.Set("Authorization", authorization)
		}
		answer, err := client.Do(r)
		if err != nil {
			return statusOf(k.t, err)
		}
		answer.Body.Close()
		status = answer.StatusCode
		if status != 401 || c.basic || c.who == "" {
			break
		}
		authorization = digest(answer.Header.Values("WWW-Authenticate"), c.who, c.secret, "/"+c.path)
	}
	return status
}

// digest answers the first challenge.
func digest(challenges []string, user, password, uri string) string {
	c := rtsp.ParseChallenges(challenges)[0]
	h := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
	response := h(h(user+":"+c.Param("realm")+":"+password) + ":" + c.Param("nonce") + ":00000001:c:auth:" + h("GET:"+uri))
	return fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="c", response="%s"`,
		user, c.Param("realm"), c.Param("nonce"), uri, response)
}
