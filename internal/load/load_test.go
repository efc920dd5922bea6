package load_test

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/auth"
	"github.com/baton-rtsp/baton/internal/cert"
	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/load"
	"github.com/baton-rtsp/baton/internal/paths"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/timeline"
)

// serve runs a server on loopback and returns its URL.
func serve(t *testing.T) string {
	t.Helper()
	return serveUsers(t, nil, nil)
}

// serveUsers is serve for those whom an authorizer lets in, over TLS where a certificate is given.
func serveUsers(t *testing.T, who rtspserver.Authorizer, secure *tls.Config) string {
	t.Helper()
	url, _ := serveAll(t, who, secure)
	return url
}

// serveAll is serveUsers, with the URL of a WebSocket too, which is a device that asks for Ann at the handshake where the query says so.
func serveAll(t *testing.T, who rtspserver.Authorizer, secure *tls.Config) (url, web string) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	names := paths.New(paths.Config{Settings: func(string) config.PathSettings { return config.DefaultPathSettings() }, Budget: timeline.NewBudget(64 << 20), Logger: log})
	t.Cleanup(names.Close)
	server, err := rtspserver.New(&rtspserver.Config{Handler: names, Authorizer: who, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	rtp, rtcp, err := rtspserver.ListenFreePair(ln.Addr().(*net.TCPAddr).AddrPort().Addr())
	if err != nil {
		t.Fatal(err)
	}
	scheme := "rtsp://"
	if secure != nil {
		scheme, ln = "rtsps://", rtspserver.NewTLSListener(ln, secure)
	}
	ended := make(chan error, 2)
	packets := server.BeginPackets(rtp, rtcp)
	go func() { ended <- packets() }()        // ends with Shutdown
	go func() { ended <- server.Serve(ln) }() // ends with Shutdown
	t.Cleanup(func() {
		server.Shutdown(context.Background())
		<-ended
		<-ended
	})
	pages := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); r.URL.RawQuery == "device" && (user != "ann" || password != "p@ss") {
			rw.Header().Set("WWW-Authenticate", `Basic realm="device"`)
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		server.ServeWebSocket(rw, r)
	}))
	pages.Config.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	if pages.TLS = secure; secure != nil {
		pages.StartTLS()
	} else {
		pages.Start()
	}
	t.Cleanup(pages.Close)
	return scheme + ln.Addr().String(), strings.Replace(pages.URL, "http", "ws", 1)
}

// lostOf is how many packets a server may be blamed for: over UDP a machine that is busy does not read its sockets in time.
func lostOf(r *load.Result, udp bool) int {
	if udp && r.Lost < r.Packets/2 {
		return 0
	}
	return r.Lost
}

// What is published comes to every reader, whole, and tells when it left.
func TestReadersOfAPublisher(t *testing.T) {
	for _, udp := range []bool{false, true} {
		url := serve(t) + "/load%d"
		ctx, cancel := context.WithCancel(t.Context())
		published := make(chan error, 1)
		go func() { // ends with ctx
			published <- load.Publish(ctx, load.PublishConfig{URL: url, Paths: 2, UDP: udp, BitRate: 1e6, GOP: 10})
		}()
		read := load.ReadConfig{URL: url, Paths: 2, Readers: 6, Look: 2, UDP: udp, Measure: time.Second}
		r, err := load.Read(ctx, read)
		for begun := time.Now(); (err != nil || r.Failed > 0 || r.Packets == 0) && time.Since(begun) < 10*time.Second; { // not all publishers are there yet
			r, err = load.Read(ctx, read)
		}
		cancel()
		if gone := <-published; gone != nil {
			t.Error(gone)
		}
		if err != nil {
			t.Fatal(err)
		}
		if r.Readers+r.Failed != 6 || r.Starved+r.Gone+lostOf(r, udp) > 0 || r.Packets == 0 || r.Gigabits == 0 || r.LatencyP50 <= 0 || r.KeyP99 <= 0 {
			t.Errorf("UDP %v: %+v", udp, r)
		}
	}
}

// Both tracks come, and a reader that stops reading is told apart from the others; readers come and go beside them.
func TestReadersOfTwoTracks(t *testing.T) {
	for _, udp := range []bool{false, true} {
		url := serve(t) + "/load"
		ctx, cancel := context.WithCancel(t.Context())
		published := make(chan error, 1)
		go func() { // ends with ctx
			published <- load.Publish(ctx, load.PublishConfig{URL: url, Audio: true, UDP: udp, BitRate: 1e6, GOP: 10})
		}()
		churn := load.ChurnConfig{URL: url, Joins: 20, Rate: 100, UDP: udp}
		c, err := load.Churn(ctx, churn)
		for begun := time.Now(); c != nil && c.Joined < 20 && time.Since(begun) < 10*time.Second; { // the publisher is not there yet
			c, err = load.Churn(ctx, churn)
		}
		if err != nil || c.Joined != 20 {
			t.Errorf("UDP %v: %+v, %v", udp, c, err)
		}
		read := load.ReadConfig{URL: url, Readers: 4, Tracks: 2, Look: 2, UDP: udp, Measure: time.Second, Stall: true}
		r, err := load.Read(ctx, read)
		for tries := 0; err == nil && tries < 2 && r.Stalled != nil && !r.Stalled.Caught; tries++ { // a machine that is busy is late for everybody
			r, err = load.Read(ctx, read)
		}
		cancel()
		if gone := <-published; gone != nil {
			t.Error(gone)
		}
		if err != nil {
			t.Fatal(err)
		}
		if r.Failed+r.Starved+r.Gone+lostOf(r, udp) > 0 || r.Stalled == nil || !r.Stalled.Caught {
			t.Errorf("UDP %v: %+v, %+v", udp, r, r.Stalled)
		}
	}
}

// The floor sends what a publisher would.
func TestReadersOfTheFloor(t *testing.T) {
	for _, mode := range []load.FloorMode{load.FloorTCP, load.FloorUDP, load.FloorGSO, load.FloorTLS} {
		ctx, cancel := context.WithCancel(t.Context())
		at := make(chan net.Addr, 1)
		ended := make(chan error, 1)
		go func() { // ends with ctx
			ended <- load.Floor(ctx, load.FloorConfig{Address: "127.0.0.1:0", Mode: mode, BitRate: 1e6}, func(a net.Addr) { at <- a })
		}()
		select {
		case err := <-ended:
			if err == load.ErrNoFloor { //nolint:errorlint // it is the sentinel itself
				t.Skip(err)
			}
			t.Fatal(err)
		case a := <-at:
			scheme, udp := "rtsp", mode == load.FloorUDP || mode == load.FloorGSO
			if mode == load.FloorTLS {
				scheme = "rtsps"
			}
			r, err := load.Read(ctx, load.ReadConfig{URL: scheme + "://" + a.String() + "/", Readers: 4, Look: 2, UDP: udp, Measure: time.Second})
			if err != nil || r.Starved+r.Failed > 0 || r.Packets == 0 || r.LatencyP50 <= 0 {
				t.Errorf("%s: %+v, %v", mode, r, err)
			}
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// Nobody there is an error, not a result.
func TestNoServer(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "rtsp://" + ln.Addr().String() + "/load"
	ln.Close()
	if r, err := load.Read(t.Context(), load.ReadConfig{URL: url, Readers: 2, Measure: time.Second}); err == nil {
		t.Errorf("got %+v", r)
	}
}

// Those who come to be served are told apart from those who want nothing, whom the server closes when they speak too slowly.
func TestSiege(t *testing.T) {
	base := serve(t)
	res, err := load.Siege(t.Context(), load.SiegeConfig{
		Target: "tcp" + strings.TrimPrefix(base, "rtsp"), Say: "OPTIONS * RTSP/1.0", Conns: 20, URL: base + "/clock", Hold: time.Second,
	})
	if err != nil || res.Conns != 20 || res.Refused != 0 || res.SetUps == 0 || res.Failed > 0 || res.P50 <= 0 {
		t.Errorf("%+v, %v", res, err)
	}
}

// Where nobody is asked for a password, none is guessed.
func TestGuessing(t *testing.T) {
	res, err := load.Guess(t.Context(), load.GuessConfig{URL: serve(t) + "/clock", Guesses: 200})
	if err != nil || res.Failed != 200 || res.Looked+res.Turned != 0 || res.Logins == 0 || res.Lost > 0 {
		t.Errorf("%+v, %v", res, err)
	}
}

// Guesses are looked at or turned away, with Digest and, inside TLS, with Basic, and who knows the password gets in meanwhile.
func TestGuessesBesideWhoKnows(t *testing.T) {
	ann := auth.Hashed(config.User{Name: "ann", Allow: []config.Right{{Do: []config.Action{config.ActionRead}}}}, config.NewSecret("secret"))
	source, err := cert.Open(t.Context(), cert.Config{Auto: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	for _, secure := range []*tls.Config{nil, source.TLS()} {
		known, err := auth.New(t.Context(), auth.Config{Users: []config.User{ann}})
		if err != nil {
			t.Fatal(err)
		}
		url := strings.Replace(serveUsers(t, &auth.Gate{Authorizer: known}, secure)+"/clock", "://", "://ann:secret@", 1)
		res, err := load.Guess(t.Context(), load.GuessConfig{URL: url, Guesses: 20, AtOnce: 10})
		if err != nil || res.Failed > 0 || res.Looked == 0 || res.Turned == 0 || res.Looked+res.Turned != 20 || res.Logins == 0 || res.Lost > 0 || res.First <= 0 {
			t.Errorf("%.6s: %+v, %v", url, res, err)
		}
	}
}

// A witness counts the requests that say whose they are.
type witness struct {
	rtspserver.Authorizer
	said atomic.Int64
}

func (w *witness) Authorize(ctx context.Context, r *rtspserver.Request, access rtspserver.Access) (string, error) {
	if r.Header.Has("Authorization") {
		w.said.Add(1)
	}
	return w.Authorizer.Authorize(ctx, r, access)
}

// Readers log in, each of them, over whatever they come. A password that is wrong is given once, by one of them, and a server that is
// not trusted gets none (AUT-14, AUT-15, WSK-06).
func TestReadersLogIn(t *testing.T) {
	ann := auth.Hashed(config.User{Name: "ann", Allow: []config.Right{{Do: []config.Action{config.ActionRead}, Path: "clock"}}}, config.NewSecret("p@ss"))
	source, err := cert.Open(t.Context(), cert.Config{Auto: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	trusted := &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(tls.ConnectionState) error { return nil }}
	for _, secure := range []*tls.Config{nil, source.TLS("http/1.1")} {
		known, err := auth.New(t.Context(), auth.Config{Users: []config.User{ann}, Auth: config.Auth{MD5: true}})
		if err != nil {
			t.Fatal(err)
		}
		w := &witness{Authorizer: &auth.Gate{Authorizer: known}}
		plain, web := serveAll(t, w, secure)
		for _, base := range []string{plain, web} {
			as := func(who, path string, cfg *tls.Config) (*load.Result, error) {
				w.said.Store(0)
				return load.Read(t.Context(), load.ReadConfig{
					URL: strings.Replace(base, "://", "://"+who, 1) + path, Readers: 20, Look: 2, TLS: cfg, Measure: 500 * time.Millisecond,
				})
			}
			if r, err := as("ann:p%40ss@", "/clock", trusted); err != nil || r.Readers != 20 || r.Failed+r.Gone+r.Starved+r.Lost > 0 || r.Packets == 0 {
				t.Errorf("%.6s: %+v, %v", base, r, err)
			}
			if r, err := as("ann:p%40ss@", "/clock?device", trusted); secure != nil && (err != nil || r.Readers != 20 || r.Starved > 0) {
				t.Errorf("%.6s, a device: %+v, %v", base, r, err)
			}
			for _, test := range []struct {
				who, path string
				code      rtsp.StatusCode
				said      int64
			}{{"ann:wrong@", "/clock", 401, 1}, {"ann:p%40ss@", "/other", 403, 1}, {"", "/clock", 401, 0}, {"ann:wrong@", "/clock?device", 401, 0}} {
				if strings.HasSuffix(test.path, "device") && !strings.HasPrefix(base, "wss") {
					continue
				}
				r, err := as(test.who, test.path, trusted)
				var refused *rtsp.StatusError
				if !errors.As(err, &refused) || refused.Code != test.code || w.said.Load() != test.said {
					t.Errorf("%.6s %s%s: %+v, %v, told %d times", base, test.who, test.path, r, err, w.said.Load())
				}
			}
			var stranger *tls.CertificateVerificationError
			if r, err := as("ann:p%40ss@", "/clock", &tls.Config{}); secure != nil && (!errors.As(err, &stranger) || w.said.Load() != 0) {
				t.Errorf("%.6s: %+v, %v, told %d times", base, r, err, w.said.Load())
			}
		}
	}
}
