package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/auth"
	"github.com/pion/rtp"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtsptest"
)

// Baton play shows in a browser what servers of others have, and the layers show what it really exchanges with them.
func TestPlayShowsOtherServers(t *testing.T) {
	for _, server := range []struct {
		name   string
		url    func(t *testing.T) string
		pauses bool
	}{{"gst-rtsp-server", func(t *testing.T) string { return gstServer(t) + "/test" }, true}, {"gortsplib", published, false}, {"camera with quirks", camera, true}} {
		t.Run(server.name, func(t *testing.T) {
			url := server.url(t)
			b := chromium(t)
			for _, transport := range []string{"udp", "tcp"} {
				t.Run(transport, func(t *testing.T) {
					b.t = t
					p := player(t, b, url, "--transport", transport)
					b.playsStepByStep()
					b.lit("Playing")
					b.until("packets are counted", `document.querySelector(".tracks tbody tr")?.cells[2].textContent > 60`, 10*time.Second)
					network(b, url, transport)
					b.click("PAUSE")
					if server.pauses {
						b.lit("Ready")
						b.click("PLAY")
					} else {
						b.until("it is told that there is no PAUSE", `document.getElementById("status").textContent.includes("501")`, 5*time.Second)
						b.moves()
					}
					b.lit("Playing")
					b.click("TEARDOWN")
					b.lit("Init")
					if secret := "p@ss"; strings.Contains(eval[string](b, `document.body.textContent`), secret) || strings.Contains(p.stdout.String()+p.stderr.String(), secret) {
						t.Error("the password is shown")
					}
				})
			}
		})
	}
}

var printedPage = regexp.MustCompile(`http://\S+`) // read only

// player starts baton play and opens the page that it has printed.
func player(t *testing.T, b *tab, url string, flags ...string) *program {
	t.Helper()
	p := start(t, 5*time.Minute, baton(), append([]string{"play", url, "--no-browser"}, flags...)...)
	if !p.sees(10*time.Second, printedPage.MatchString) {
		t.Fatal(p.verdict())
	}
	b.open(printedPage.FindString(p.stdout.String()))
	return p
}

// network checks where packets are said to come from and to go to: the ports that the server has said in its answer to SETUP.
func network(b *tab, url, transport string) {
	b.t.Helper()
	answer := eval[string](b, `[...document.querySelectorAll(".messages li.received pre")].map(e => e.textContent).find(t => /^transport:/im.test(t))`)
	by := eval[string](b, `document.querySelector(".tracks tbody tr").cells[1].textContent`)
	if transport == "tcp" {
		channel := regexp.MustCompile(`interleaved=(\d+)`).FindStringSubmatch(answer)
		if channel == nil || by != "channel "+channel[1] {
			b.t.Errorf("packets come by %q; the server has answered %q", by, answer)
		}
	} else {
		ports := regexp.MustCompile(`client_port=(\d+)`).FindStringSubmatch(answer)
		from := regexp.MustCompile(`server_port=(\d+)`).FindStringSubmatch(answer)
		if ports == nil || from == nil || by != fmt.Sprintf("127.0.0.1:%s → 127.0.0.1:%s", from[1], ports[1]) {
			b.t.Errorf("packets come by %q; the server has answered %q", by, answer)
		}
	}
	b.choose(0.98)
	if got := eval[string](b, `document.querySelector(".detail p").textContent`); !strings.Contains(got, "("+strings.ToUpper(transport)) || !strings.Contains(got, "127.0.0.1:") {
		b.t.Errorf("a packet is said to come so: %q", got)
	}
}

// published is a film that is published again and again to a server made with gortsplib, which wants credentials.
func published(t *testing.T) string {
	port := pair(t)
	r := &relay{}
	r.server = &gortsplib.Server{Handler: r, RTSPAddress: "127.0.0.1:0", AuthMethods: []auth.VerifyMethod{auth.VerifyMethodDigestMD5},
		UDPRTPAddress: fmt.Sprintf("127.0.0.1:%d", port), UDPRTCPAddress: fmt.Sprintf("127.0.0.1:%d", port+1)}
	if err := r.server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.server.Close)
	film := t.TempDir() + "/film.mp4"
	run(t, time.Minute, baton(), "record", serve(t).url("/demo.mp4"), film, "--duration", "8s")
	url := "rtsp://admin:p%40ss@" + r.server.NetListener().Addr().String() + "/film"
	p := start(t, 5*time.Minute, baton(), "publish", film, url, "--loop")
	if !p.sees(10*time.Second, func(out string) bool { return strings.Contains(out, "publishing") }) {
		t.Fatal(p.verdict())
	}
	t.Cleanup(p.kill)
	return url
}

// camera is a camera that shows the clock and has habits of many: a session with blanks, no Content-Base, absolute controls, a
// description whose lines end with LF only, a PLAY without Range and RTP-Info, PAUSE that OPTIONS does not tell of, no GET_PARAMETER.
func camera(t *testing.T) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "rtsp://" + ln.Addr().String() + "/live.sdp"
	cam := &rtsptest.Camera{User: "admin", Password: "p@ss", Timeout: 10, Public: "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN", ListenPair: udpPair}
	cam.Answer = func(req *rtsp.Request, resp *rtsp.Response) {
		switch req.Method {
		case rtsp.MethodDescribe:
			resp.Header.Del("Content-Base")
		case rtsp.MethodSetup:
			if resp.Status == rtsp.StatusOK {
				resp.Header.Set("Session", " 4711 ; Timeout = 10 ")
			}
		case rtsp.MethodGetParameter:
			resp.Status = rtsp.StatusMethodNotAllowed
		}
	}
	clock := listen(t, serve(t).url("/clock"), func(p *rtp.Packet) {
		if b, err := p.Marshal(); err == nil {
			cam.Send(0, false, b)
		}
	})
	description := regexp.MustCompile(`(?m)^a=(range|control):.*\r\n`).ReplaceAllString(string(clock.sdp), "")
	cam.Description = strings.ReplaceAll(description+"a=control:"+url+"/trackID=0\r\n", "\r\n", "\n")
	cam.Serve(ln)
	t.Cleanup(cam.Close)
	return strings.Replace(url, "rtsp://", "rtsp://admin:p%40ss@", 1)
}

// udpPair are two sockets of a camera.
func udpPair() (a, b rtsptest.PacketConn, err error) {
	if a, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
		return nil, nil, err
	}
	if b, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
		a.Close()
		return nil, nil, err
	}
	return a, b, nil
}

// What the layers of baton play have seen is saved with the addresses and ports that it was exchanged by.
func TestPlayIsSavedForWireshark(t *testing.T) {
	need(t, "tshark")
	s := serve(t)
	port := s.base[strings.LastIndexByte(s.base, ':')+1:]
	b := chromium(t)
	for _, transport := range []string{"udp", "tcp"} {
		player(t, b, s.url("/demo.mp4"), "--transport", transport)
		b.unfold()
		b.click("Play")
		b.plays(10 * time.Second)
		b.until("packets of both tracks are seen", `[...document.querySelectorAll(".tracks tbody tr")].filter(r => r.cells[2].textContent > 20).length == 2`, 10*time.Second)
		file := b.download(func() { b.click("Save for Wireshark") })
		as := []string{"-d", "tcp.port==" + port + ",rtsp"}
		for filter, least := range map[string]int{
			"tcp.dstport == " + port + ` && rtsp.method == "SETUP"`: 2, "tcp.srcport == " + port + " && rtsp.status == 200": 4,
			transport + " && rtp": 40, "rtcp.pt == 200": 1,
		} {
			if n := dissected(t, file, filter, as...); n < least {
				t.Errorf("%s: %s: %d packets, want %d or more", transport, filter, n, least)
			}
		}
		if n := dissected(t, file, "_ws.malformed || tcp.analysis.flags", as...); n > 0 {
			t.Errorf("%s: %d packets are malformed, or not in their order", transport, n)
		}
		b.click("TEARDOWN")
		b.lit("Init")
	}
}

// At the console of baton play a request goes to the other server, in the session that plays or without one.
func TestPlaySendsByHand(t *testing.T) {
	s := serve(t, "--log-level", "debug")
	b := chromium(t)
	player(t, b, s.url("/clock"))
	b.unfold()
	for _, playing := range []bool{false, true} {
		if playing {
			b.click("Play")
			b.plays(10 * time.Second)
		}
		for line, status := range map[string]string{"OPTIONS": "RTSP/1.0 200 OK", "FROBNICATE": "RTSP/1.0 501 Not Implemented"} {
			b.write(".console input", line+"\r")
			b.until(line+" is answered", fmt.Sprintf(`document.querySelector(".answer").textContent.startsWith(%q)`, status), 5*time.Second)
		}
	}
	n := func(log string) (n int) {
		for _, line := range answered(log) {
			if strings.HasPrefix(line, "FROBNICATE ") && strings.HasSuffix(line, " 501") {
				n++
			}
		}
		return n
	}
	if !s.stderr.sees(s.ended, 5*time.Second, func(log string) bool { return n(log) == 2 }) {
		t.Errorf("the server has seen it %d times, and not twice", n(s.stderr.String()))
	}
	shown := exchanged(t, eval[[]string](b, `[...document.querySelectorAll(".messages .start")].map(e => e.textContent)`))
	var logged []string
	if !s.stderr.sees(s.ended, 5*time.Second, func(log string) bool { logged = answered(log); return slices.Equal(shown, logged) }) {
		t.Errorf("the page shows\n  %s\nthe server has answered\n  %s", strings.Join(shown, "\n  "), strings.Join(logged, "\n  "))
	}
}

// While the layers are folded the gateway tells the page nothing: there is no socket for it.
func TestPlayTracesOnlyWhatIsLookedAt(t *testing.T) {
	s := serve(t)
	b := chromium(t)
	player(t, b, s.url("/clock"))
	eval[any](b, `(() => { const Plain = WebSocket; globalThis.traces = []; globalThis.WebSocket = class extends Plain { constructor(url, ...more) { super(url, ...more); if (String(url).endsWith("/trace")) traces.push(this) } } })()`)
	b.click("Play")
	b.plays(10 * time.Second)
	if eval[int](b, `traces.length`) != 0 {
		t.Error("a socket is open before the layers are")
	}
	b.unfold()
	b.until("packets are counted", `traces.length == 1 && document.querySelector(".tracks tbody tr")`, 5*time.Second)
	b.press(".layers > summary")
	b.until("the socket is closed", `traces.every(s => s.readyState == WebSocket.CLOSED)`, 5*time.Second)
}

// Without a page it prints what comes.
func TestPlayHeadless(t *testing.T) {
	s := serve(t)
	for _, transport := range []string{"udp", "tcp"} {
		p := start(t, time.Minute, baton(), "play", s.url("/demo.mp4"), "--headless", "--transport", transport)
		line := regexp.MustCompile(`(?m)^ +\d+ s +[1-9]\d* kb/s   track 0: [1-9]\d* packets, 0 lost, jitter [\d.]+ ms   track 1: [1-9]\d* packets, 0 lost`)
		if !p.sees(10*time.Second, func(out string) bool {
			return strings.Contains(out, "track 0: video H264 over "+strings.ToUpper(transport)) && len(line.FindAllString(out, -1)) >= 2
		}) {
			t.Errorf("%s: %s", transport, p.stdout.String())
		}
		p.kill()
	}
}

// The page stays this browser's when it is loaded again, and when the printed address is opened again; what else is served on this machine
// is not told how to get in, whatever the browser shows of it.
func TestPlayIsForOneBrowser(t *testing.T) {
	s := serve(t)
	var told atomic.Value
	other := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if from := r.Header.Get("Referer"); r.Header.Get("Cookie") != "" || from != "" && !strings.HasPrefix(from, "http://"+r.Host) {
			told.Store(fmt.Sprint(r.URL, r.Header))
		}
		fmt.Fprint(rw, "<p>elsewhere")
	}))
	defer other.Close()
	b := chromium(t)
	p := player(t, b, s.url("/clock"))
	b.click("Play")
	b.plays(10 * time.Second)
	room := eval[string](b, `location.href`)
	if eval[string](b, `document.cookie`) != "" {
		t.Error("scripts see the key")
	}
	leave := func(url string) func() {
		return func() { eval[any](b, fmt.Sprintf(`setTimeout(() => location.assign(%q))`, url)) }
	}
	b.follow(leave(other.URL + "/play/clock"))
	if got := told.Load(); got != nil {
		t.Errorf("another server is told %s", got)
	}
	b.open(room)
	b.follow(func() { eval[any](b, `setTimeout(() => location.reload())`) })
	b.click("Play")
	b.plays(10 * time.Second)
	path := b.followOn(leave(printedPage.FindString(p.stdout.String())), "/")
	if !strings.HasSuffix(room, path) {
		t.Errorf("the printed address leads to %s, not to %s", path, room)
	}
	b.click("Play")
	b.plays(10 * time.Second)
	stranger := chromium(t)
	for _, url := range []string{room, printedPage.FindString(p.stdout.String())} {
		stranger.open(url)
		stranger.until("it is said how to come in", `document.body.textContent.includes("Open the address that baton play has printed.")`, 5*time.Second)
	}
	if out := p.stdout.String() + p.stderr.String(); strings.Contains(out, strings.Split(room, "/")[3]) {
		t.Error("the room is in what the program writes")
	}
}

// What is over WebSocket is played in the page too. A URL that shows a page, and has no RTSP, is said to be that, in the page and in a
// line, with what to do instead.
func TestPlayOverWebSocket(t *testing.T) {
	s := serve(t)
	web := strings.Replace(regexp.MustCompile(`http://\S+`).FindString(s.stdout.String()), "http", "ws", 1)
	film := t.TempDir() + "/film.mp4"
	run(t, time.Minute, baton(), "record", s.url("/demo.mp4"), film, "--duration", "4s")
	from := start(t, 5*time.Minute, baton(), "publish", film, s.url("/rtsp"), "--loop") // what is asked for at ws://HOST/rtsp
	if !from.sees(10*time.Second, func(out string) bool { return strings.Contains(out, "publishing") }) {
		t.Fatal(from.verdict())
	}
	b := chromium(t)
	player(t, b, web+"/rtsp")
	b.click("Play")
	b.plays(10 * time.Second)
	const says = "there is no RTSP over WebSocket at this URL: the handshake is answered with 200 OK; a camera that has one tells where"
	player(t, b, web+"/")
	b.click("Play")
	b.until("it is said what is there", `document.getElementById("status").textContent.includes("`+says+`")`, 10*time.Second)
	p := start(t, time.Minute, baton(), "play", web+"/", "--headless")
	<-p.ended
	if line := p.stderr.String(); p.cmd.ProcessState.ExitCode() != 4 || strings.Count(line, "\n") != 1 || !strings.Contains(line, says) {
		t.Errorf("%s: %s", p.verdict(), line)
	}
}
