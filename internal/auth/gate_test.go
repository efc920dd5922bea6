package auth

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
)

// tableConfig has a user for each right, and somebody at each service.
const tableConfig = `
anonymous: [ { do: read, path: 'open/**' } ]
users:
  - { name: reader, password: '` + canary + `', allow: [ { do: read } ] }
  - { name: guest, password: '` + canary + `', allow: [ { do: read, path: 'film/**' } ] }
  - { name: replayer, password: '` + canary + `', allow: [ { do: replay } ] }
  - { name: publisher, password: '` + canary + `', allow: [ { do: publish } ] }
  - { name: nobody, password: '` + canary + `' }
  - { name: home, password: '` + canary + `', allow: [ { do: [read, publish], from: loopback } ] }
auth:
  http: 'https://u:` + canary + `@service/ask'
  jwt: { jwks: 'https://service/keys', issuer: issuer, audience: baton }
`

// A credential is what a client of the table shows, and what should come of it.
type credential struct {
	name   string
	user   string   // answers challenges with Digest
	wrong  bool     // with a wrong password
	sha    bool     // with SHA-256 instead of MD5
	header string   // Authorization that is sent at once
	query  string   // of the URL
	may    []Action // besides what everybody may
	at     string   // the only address for which that holds
	known  bool     // who it is
	down   bool     // the service fails
}

func credentialsOfTable(w *web) []credential {
	basic := "Basic " + basic64("reader:"+canary)
	token := func(subject string, life time.Duration, claims map[string]any) string {
		return "?token=" + w.token(subject, life, claims)
	}
	rights := map[string]any{"baton": []map[string]any{{"do": "read"}, {"do": []string{"publish"}, "path": "cam/*"}, {"do": "publish", "path": "open/*"}}}
	all, day := []Action{Read, Replay, Publish}, 24*time.Hour
	return []credential{
		{name: "none"},
		{name: "reader, MD5", user: "reader", may: []Action{Read, Replay}, known: true},
		{name: "reader, SHA-256", user: "reader", sha: true, may: []Action{Read, Replay}, known: true},
		{name: "guest of films", user: "guest", may: []Action{Replay}, known: true},
		{name: "replayer", user: "replayer", may: []Action{Replay}, known: true},
		{name: "publisher", user: "publisher", sha: true, may: []Action{Publish}, known: true},
		{name: "nobody", user: "nobody", known: true},
		{name: "home", user: "home", may: all, at: "127.0.0.1", known: true},
		{name: "stranger", user: "stranger"},
		{name: "wrong password", user: "reader", wrong: true},
		{name: "password in the clear", header: basic},
		{name: "token in a header in the clear", header: "Bearer " + w.token("t", day, rights)},
		{name: "token", query: token("t", day, rights), may: all, known: true},
		{name: "token as jwt", query: strings.Replace(token("t", day, rights), "token", "jwt", 1), may: all, known: true},
		{name: "token without rights", query: token("t", day, nil), known: true},
		{name: "token that is over", query: token("t", -time.Hour, rights)},
		{name: "token of another issuer", query: token("t", day, map[string]any{"iss": "other", "baton": rights["baton"]})},
		{name: "token for another audience", query: token("t", day, map[string]any{"aud": "other", "baton": rights["baton"]})},
		{name: "token without end", query: token("t", day, map[string]any{"exp": nil, "baton": rights["baton"]})},
		{name: "token signed by another", query: "?token=" + newWeb().token("t", day, rights)},
		{name: "token that the service allows", query: "?token=service-yes", may: all, known: true},
		{name: "token that the service forbids", query: "?token=service-no", known: true},
		{name: "token on which the service fails", query: "?token=service-down", down: true},
	}
}

func basic64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// tableService allows one token, forbids another, fails at a third, and knows nobody else.
func tableService(_ context.Context, q question) (int, string) {
	switch q.Token {
	case "service-yes":
		return 200, `{"user": "friend"}`
	case "service-no":
		return 403, ""
	case "service-down":
		return 500, "trouble"
	}
	return 401, ""
}

// expected is the status that a cell of the table must have.
func (c credential) expected(action Action, path, host string) rtsp.StatusCode {
	open := action == Read && strings.HasPrefix(path, "open/")
	for _, a := range c.may {
		if a == action && (c.at == "" || c.at == host) {
			return 200
		}
	}
	switch {
	case c.down:
		return 503
	case open && (c.known && !strings.Contains(c.query, "service") || c.user == "" && c.query == "" || c.user != "" && !c.wrong && c.known):
		return 200
	case c.known:
		return 403
	case open && c.user != "":
		return 200 // nobody has asked whose request it is
	}
	return 401
}

// AUT-01, AUT-08, AUT-12: every protocol × action × credential from this machine and from elsewhere, every request of
// a session. Passwords are in no line of a log.
func TestEveryProtocolActionAndCredential(t *testing.T) {
	for _, protocol := range []string{"tcp", "udp", "websocket"} {
		for _, host := range []string{"127.0.0.1", "192.0.2.66"} {
			t.Run(protocol+" from "+host, func(t *testing.T) {
				w := newWeb()
				w.answer = tableService
				serveGated(t, tableConfig, w, func(t *testing.T, world *servertest.World, audit *bytes.Buffer) {
					if protocol == "websocket" {
						world.BeginWeb()
					}
					cells := 0
					for _, action := range []Action{Read, Replay, Publish} {
						for _, place := range []string{"open/", "cam/"} {
							for _, cred := range credentialsOfTable(w) {
								path := place + "x"
								if action == Replay {
									path = "film/" + place + "x"
								}
								world.Handler.Put(path, nil)
								if action != Publish {
									world.Handler.Live(path, servertest.Audio)
								}
								want := cred.expected(action, path, host)
								if got := attempt(world, host, protocol, action, path, cred); got != want {
									t.Errorf("%s %s, %s: %d, want %d", action, path, cred.name, got, want)
								}
								cells++
								world.Wait(11 * time.Minute) // all failures are forgotten
							}
						}
					}
					if cells != 3*2*23 {
						t.Errorf("%d cells", cells)
					}
					for name, log := range map[string]string{"log": world.Log.String(), "audit": audit.String()} {
						for _, secret := range []string{canary, basic64("reader:" + canary), "service-yes", "eyJ", "response="} {
							if strings.Contains(log, secret) {
								t.Errorf("%q is in the %s", secret, name)
							}
						}
					}
					if !strings.Contains(audit.String(), `"user":"jwt:t","action":"publish"`) || !strings.Contains(audit.String(), `"allowed":false,"why":"not allowed"`) {
						t.Error("the audit log does not tell who did what")
					}
				})
			})
		}
	}
}

// attempt does all that an action takes, and returns the status of the first request that is refused, 200 if none is.
func attempt(w *servertest.World, host, protocol string, action Action, path string, cred credential) rtsp.StatusCode {
	c := w.DialAs(host)
	defer c.Close()
	transport := "Transport: RTP/AVP/TCP;unicast"
	if protocol == "udp" {
		rtp, rtcp, port := w.Packets(host)
		defer rtp.Close()
		defer rtcp.Close()
		transport = fmt.Sprintf("Transport: RTP/AVP;unicast;client_port=%d-%d", port, port+1)
	}
	steps := [][]string{{"OPTIONS", ""}, {"DESCRIBE", ""}, {"SETUP", "/trackID=0", transport}, {"PLAY", ""}, {"GET_PARAMETER", ""}, {"PAUSE", ""}, {"TEARDOWN", ""}}
	if action == Publish {
		steps = [][]string{{"OPTIONS", ""}, {"ANNOUNCE", "", "Content-Type: application/sdp", "\r\n" + servertest.Audio},
			{"SETUP", "/" + servertest.Parse(servertest.Audio).Media[0].Control(), transport + ";mode=record"}, {"RECORD", ""}, {"TEARDOWN", ""}}
	}
	a := &asker{c: c, cred: cred}
	for _, step := range steps {
		if got := a.do(step[0], path+step[1]+cred.query, step[2:]...); got != 200 {
			return got
		}
	}
	return 200
}

// An asker answers challenges as players do: when it is asked, and from then on with every request.
type asker struct {
	c          *servertest.Client
	cred       credential
	challenges []string
	count      int
}

func (a *asker) do(method, path string, headers ...string) rtsp.StatusCode {
	r := a.c.Do(method, path, append(a.authorization(method, path), headers...)...)
	if r.Status == rtsp.StatusUnauthorized && a.cred.user != "" && a.challenges == nil {
		a.challenges = r.Header.Values("WWW-Authenticate")
		r = a.c.Do(method, path, append(a.authorization(method, path), headers...)...)
	}
	return r.Status
}

func (a *asker) authorization(method, path string) []string {
	if a.cred.header != "" {
		return []string{"Authorization: " + a.cred.header}
	}
	algorithm, password := "MD5", canary
	if a.cred.sha {
		algorithm = "SHA-256"
	}
	if a.cred.wrong {
		password = "wrong"
	}
	for _, c := range rtsp.ParseChallenges(a.challenges) {
		if c.Param("algorithm") == algorithm {
			a.count++
			return []string{"Authorization: " + answered(c, a.cred.user, password, method, a.c.W.URL+"/"+path, a.count)}
		}
	}
	return nil
}

// SEC-02, AUT-08: a session of a user is not another user's, of the same address, with right credentials.
func TestAUserCannotStealASession(t *testing.T) {
	asked := newWeb()
	asked.answer = tableService
	serveGated(t, tableConfig, asked, func(t *testing.T, w *servertest.World, _ *bytes.Buffer) {
		w.Handler.Live("cam/x", servertest.Audio)
		owner, thief := &asker{c: w.Dial(), cred: credential{user: "reader"}}, &asker{c: w.Dial(), cred: credential{user: "home"}}
		thief.c.Close()
		thief.c = w.DialAs("127.0.0.1")
		owner.c.Close()
		owner.c = w.DialAs("127.0.0.1")
		defer thief.c.Close()
		defer owner.c.Close()
		if got := owner.do("SETUP", "cam/x/trackID=0", "Transport: RTP/AVP/TCP;unicast"); got != 200 {
			t.Fatalf("SETUP: %d", got)
		}
		thief.c.Session = owner.c.Session
		for _, method := range []string{"OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "RECORD", "ANNOUNCE", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN"} {
			if got := thief.do(method, "cam/x", "Session: "+owner.c.Session, "Transport: RTP/AVP/TCP;unicast", "Content-Type: application/sdp", "\r\n"+servertest.Audio); got != 454 {
				t.Errorf("%s: %d", method, got)
			}
		}
		if got := owner.do("PLAY", "cam/x"); got != 200 {
			t.Errorf("PLAY of the owner: %d", got)
		}
	})
}

// AUT-02, AUT-12: SHA-256 first, MD5 behind it, and nothing that a password in the clear would answer.
func TestChallengesInTheClear(t *testing.T) {
	a := authorityOf(t, tableConfig, newWeb())
	clear, tls := a.Challenge(read("p")).Challenges, a.Challenge(&Request{Secure: true}).Challenges
	if len(clear) != 2 || !strings.Contains(clear[0], "algorithm=SHA-256") || !strings.Contains(clear[1], "algorithm=MD5") {
		t.Errorf("%q", clear)
	}
	if len(tls) != 4 || !strings.HasPrefix(tls[0], "Bearer ") || !strings.HasPrefix(tls[3], "Basic ") {
		t.Errorf("%q", tls)
	}
}

// AUT-01, AUT-12: inside TLS a password and a token may come as they are, also for the admin API; in the clear they may
// not, and no right of anonymous leads there.
func TestGuardOfTheAdminAPI(t *testing.T) {
	w := newWeb()
	a := authorityOf(t, `
anonymous: [ { do: [read, publish] } ]
users: [ { name: root, password: '`+canary+`', allow: [ { do: admin } ] }, { name: ann, password: '`+canary+`', allow: [ { do: read } ] } ]
auth: { jwt: { jwks: 'https://service/keys' } }
`, w)
	handler := ForAdmins(a, nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	token := "Bearer " + w.token("t", time.Hour, map[string]any{"baton": []any{map[string]any{"do": "admin"}}})
	for _, c := range []struct {
		url, authorization string
		want               int
	}{
		{"http://h/", "", 401}, {"http://h/", basic("root", canary), 401}, {"http://h/", token, 401},
		{"https://h/", "", 401}, {"https://h/", basic("root", canary), 204}, {"https://h/", basic("root", "x"), 401},
		{"https://h/", basic("ann", canary), 403}, {"https://h/", token, 204}, {"https://h/", "Bearer x", 401},
		{"http://h/", "digest", 204},
	} {
		r := httptest.NewRequest("GET", c.url, nil)
		if c.authorization == "digest" {
			c.authorization = authorization(a.Challenge(httpRequest(r, Admin)).Challenges, "SHA-256", "root", canary, "GET", r.RequestURI)
		}
		r.Header.Set("Authorization", c.authorization)
		got := httptest.NewRecorder()
		handler.ServeHTTP(got, r)
		if got.Code != c.want || (got.Code == 401) != (len(got.Result().Header.Values("WWW-Authenticate")) > 0) {
			t.Errorf("%s %.9s: %d %v, want %d", c.url, c.authorization, got.Code, got.Header(), c.want)
		}
	}
	for range 20 {
		r := httptest.NewRequest("GET", "https://h/", nil)
		r.Header.Set("Authorization", basic("root", "x"))
		got := httptest.NewRecorder()
		handler.ServeHTTP(got, r)
		if got.Code == 429 && got.Header().Get("Retry-After") != "" {
			return
		}
	}
	t.Error("guessing is never made to wait")
}

// AUT-10: who has to wait is told why and how long, in the words that players print; a service that fails is told as any
// other fault.
func TestWhoGuessesIsToldWhy(t *testing.T) {
	w := newWeb()
	w.answer = tableService
	serveGated(t, tableConfig, w, func(t *testing.T, world *servertest.World, _ *bytes.Buffer) {
		c := world.DialAs("192.0.2.66")
		defer c.Close()
		challenges := c.Do("DESCRIBE", "cam/x").Header.Values("WWW-Authenticate")
		a := &asker{c: c, cred: credential{user: "reader", wrong: true}, challenges: challenges}
		for range freeOfUser {
			if got := a.do("DESCRIBE", "cam/x"); got != 401 {
				t.Fatal(got)
			}
		}
		r := c.Do("DESCRIBE", "cam/x", a.authorization("DESCRIBE", "cam/x")...)
		if r.Status != 503 || r.Reason != "Too Many Failed Logins" || r.Header.Get("Retry-After") != "1" {
			t.Errorf("%d %s, %v", r.Status, r.Reason, r.Header)
		}
		world.Wait(2 * time.Second)
		if r := c.Do("DESCRIBE", "cam/x?token=service-down"); r.Status != 503 || r.Reason != "Service Unavailable" {
			t.Errorf("of a service that fails: %d %s", r.Status, r.Reason)
		}
	})
}
