package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"
)

// The state that is lit follows the buttons, and the list of messages is what the server has answered, in its order.
func TestLayersFollowTheButtons(t *testing.T) {
	s, base := site(t, "--log-level", "debug")
	b := chromium(t)
	b.open(base + "/play/clock")
	b.unfold()
	b.lit("Init")
	for _, step := range []struct{ button, state string }{
		{"SETUP", "Ready"}, {"PLAY", "Playing"}, {"PAUSE", "Ready"}, {"PLAY", "Playing"}, {"TEARDOWN", "Init"},
		{"SETUP", "Ready"}, {"TEARDOWN", "Init"}, // and once more, in a session of its own
	} {
		b.click(step.button)
		b.lit(step.state)
	}
	shown := exchanged(t, eval[[]string](b, `[...document.querySelectorAll(".messages .start")].map(e => e.textContent)`))
	var logged []string
	s.stderr.sees(s.ended, 5*time.Second, func(text string) bool {
		logged = answered(text)
		return len(logged) >= len(shown)
	})
	if !slices.Equal(shown, logged) {
		t.Errorf("the page shows\n  %s\nthe server has answered\n  %s", strings.Join(shown, "\n  "), strings.Join(logged, "\n  "))
	}
	if len(shown) < 8 {
		t.Errorf("only %d requests", len(shown))
	}
}

// exchanged are requests with the status of their answers, in the way of answered.
func exchanged(t *testing.T, starts []string) (list []string) {
	t.Helper()
	for i := 0; i < len(starts); i += 2 {
		request := strings.Fields(starts[i])
		if len(request) != 3 || i+1 == len(starts) || !strings.HasPrefix(starts[i+1], "RTSP/1.0 ") {
			t.Fatalf("no request and its answer: %q", starts[i:min(i+2, len(starts))])
		}
		_, path, _ := strings.Cut(strings.TrimPrefix(request[1], "rtsp://"), "/")
		path, _, _ = strings.Cut(path, "/trackID=") // the log names the presentation
		path = strings.TrimSuffix(path, "/")
		status := strings.Fields(starts[i+1])[1]
		if status == "501" { // what the URL of an unknown method names is not looked into
			path = ""
		}
		list = append(list, fmt.Sprint(request[0], " ", path, " ", status))
	}
	return list
}

// answered is what the log of a server says of requests.
func answered(log string) (list []string) {
	line := regexp.MustCompile(`msg=request .*method=(\S+) path=(\S+) status=(\d+)`)
	for _, m := range line.FindAllStringSubmatch(log, -1) {
		list = append(list, fmt.Sprint(m[1], " ", strings.Trim(m[2], `"`), " ", m[3]))
	}
	return list
}

// The fields of a packet that is clicked, and its bytes, are those that another reader of the same presentation has got.
func TestLayersShowThePacketsAsSent(t *testing.T) {
	s, base := site(t)
	other := listen(t, s.url("/clock"))
	b := chromium(t)
	b.open(base + "/play/clock")
	b.unfold()
	b.click("Play")
	b.plays(5 * time.Second)
	b.until("the burst is over, whose timestamps are its own", `baton.player.state == "playing" && performance.now() - (globalThis.begun ??= performance.now()) > 2500`, 10*time.Second)
	for _, place := range []float64{0.98, 0.85} {
		b.choose(place)
		shown := eval[map[string]string](b, `Object.fromEntries([...document.querySelector(".detail table").querySelectorAll("tr")].map(r => [r.cells[0].textContent, r.cells[1].textContent]))`)
		seq, err := strconv.ParseUint(shown["sequence number"], 10, 16)
		if err != nil {
			t.Fatalf("%v: %v", shown, err)
		}
		p := other.wait(t, uint16(seq))
		want := map[string]string{
			"version": "2", "padding": bit(p.Padding), "extension": bit(p.Extension), "CSRC count": fmt.Sprint(len(p.CSRC)), "marker": bit(p.Marker),
			"payload type": fmt.Sprint(p.PayloadType), "sequence number": fmt.Sprint(p.SequenceNumber), "timestamp": fmt.Sprint(p.Timestamp), "SSRC": fmt.Sprintf("0x%08x", p.SSRC),
		}
		for name, value := range want {
			if shown[name] != value {
				t.Errorf("packet %d: the %s is shown as %q, and is %q", seq, name, shown[name], value)
			}
		}
		bytes, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if got := eval[string](b, `document.querySelector(".detail .hex").textContent`); undumped(got) != fmt.Sprintf("%x", bytes[:min(len(bytes), 512)]) {
			t.Errorf("packet %d: shown are\n%s\nsent were\n%x", seq, got, bytes)
		}
	}
}

func bit(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// undumped are the digits of a dump.
func undumped(text string) string {
	var digits strings.Builder
	for line := range strings.Lines(text) {
		if len(line) > 53 && !strings.HasPrefix(line, "…") {
			digits.WriteString(strings.ReplaceAll(line[6:53], " ", ""))
		}
	}
	return digits.String()
}

// A listener keeps what another library than ours reads of a presentation of one track.
type listener struct {
	sdp     []byte
	mu      sync.Mutex
	packets map[uint16]*rtp.Packet
	changed chan struct{} // capacity 1
}

// listen reads until the end of the test. Whoever wants to is told of each packet.
func listen(t *testing.T, url string, each ...func(*rtp.Packet)) *listener {
	t.Helper()
	u, err := base.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{packets: map[uint16]*rtp.Packet{}, changed: make(chan struct{}, 1)}
	c := gortsplib.Client{Scheme: u.Scheme, Host: u.Host, Protocol: new(gortsplib.ProtocolTCP)}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	desc, answer, err := c.Describe(u)
	if err == nil {
		l.sdp = answer.Body
		err = c.SetupAll(desc.BaseURL, desc.Medias)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.OnPacketRTPAny(func(_ *description.Media, _ format.Format, p *rtp.Packet) {
		for _, f := range each {
			f(p)
		}
		l.mu.Lock()
		l.packets[p.SequenceNumber] = p.Clone()
		l.mu.Unlock()
		select {
		case l.changed <- struct{}{}:
		default:
		}
	})
	if _, err := c.Play(nil); err != nil {
		t.Fatal(err)
	}
	return l
}

// wait is the packet of a sequence number, which may have come already.
func (l *listener) wait(t *testing.T, seq uint16) *rtp.Packet {
	t.Helper()
	for end := time.After(5 * time.Second); ; {
		l.mu.Lock()
		p := l.packets[seq]
		l.mu.Unlock()
		if p != nil {
			return p
		}
		select {
		case <-l.changed:
		case <-end:
			t.Fatalf("the other reader has not got packet %d", seq)
		}
	}
}

// What is written at the console goes to the server, and the raw answer is shown, also that of a method that there is not.
func TestLayersSendByHand(t *testing.T) {
	_, base := site(t)
	b := chromium(t)
	b.open(base + "/play/clock")
	b.unfold()
	for _, c := range []struct{ line, status, has string }{
		{"OPTIONS", "RTSP/1.0 200 OK", "Public: OPTIONS, DESCRIBE"},
		{"FROBNICATE", "RTSP/1.0 501 Not Implemented", "CSeq: "},
		{"OPTIONS | Require: org.example.nothing", "RTSP/1.0 551 ", "Unsupported: org.example.nothing"},
		{"DESCRIBE", "RTSP/1.0 200 OK", "m=video"},
	} {
		b.write(".console input", c.line+"\r")
		b.until(c.line+" is answered", fmt.Sprintf(`document.querySelector(".answer").textContent.startsWith(%q)`, c.status), 5*time.Second)
		if got := eval[string](b, `document.querySelector(".answer").textContent`); !strings.Contains(got, c.has) {
			t.Errorf("%s: there is no %q in %q", c.line, c.has, got)
		}
	}
	b.lit("Init") // nothing of this is a change of state
}

// What was seen is saved as a file that tshark takes apart: RTSP both ways, RTP by the SETUP that it saw, nothing malformed.
func TestLayersAreSavedForWireshark(t *testing.T) {
	need(t, "tshark")
	_, base := site(t)
	b := chromium(t)
	b.open(base + "/play/demo.mp4")
	b.unfold()
	b.click("Play")
	b.plays(5 * time.Second)
	b.until("packets of both tracks are seen", `[...document.querySelectorAll(".tracks tbody tr")].filter(r => r.cells[2].textContent > 20).length == 2`, 10*time.Second)
	b.click("Pause")
	b.lit("Ready")
	file := b.download(func() { b.click("Save for Wireshark") })
	for filter, least := range map[string]int{
		`rtsp.method == "SETUP"`: 2, `rtsp.method == "PLAY"`: 1, `rtsp.method == "PAUSE"`: 1, `rtsp.status == 200`: 5, "rtp": 40, "rtcp.pt == 200": 1,
	} {
		if n := dissected(t, file, filter); n < least {
			t.Errorf("%s: %d packets, want %d or more", filter, n, least)
		}
	}
	if n := dissected(t, file, "_ws.malformed || tcp.analysis.flags"); n > 0 {
		t.Errorf("%d packets are malformed, or not in their order", n)
	}
}

// dissected is how many packets of a recording a filter of tshark finds. Options come in front.
func dissected(t *testing.T, file, filter string, options ...string) int {
	t.Helper()
	p := run(t, time.Minute, "tshark", append(options, "-r", file, "-Y", filter)...)
	return strings.Count(p.stdout.String(), "\n")
}

// Folded, the layers listen to no packet; messages, which are few, are kept for who opens them later.
func TestFoldedLayersCostNothing(t *testing.T) {
	_, base := site(t)
	b := chromium(t)
	b.open(base + "/play/clock")
	// Whoever listens to packets from now on is counted: the way that every listener takes.
	eval[any](b, `(() => {
		const player = baton.player, on = player.on.bind(player)
		globalThis.listening = 0
		player.on = (name, f) => {
			const end = on(name, f)
			if (name != "packet" && name != "message") return end
			listening++
			return () => { listening--; end() }
		}
	})()`)
	b.click("Play")
	b.plays(5 * time.Second)
	if eval[bool](b, `listening != 0 || document.querySelector(".messages").children.length != 0 || document.querySelector(".tracks").children.length != 0`) {
		t.Error("something is done before the layers are open")
	}
	b.unfold()
	b.until("they see", `listening == 1 && document.querySelector(".tracks tbody tr")`, 5*time.Second)
	b.press(".layers > summary")
	b.until("nothing listens any more", `listening == 0`, 5*time.Second)
	if eval[bool](b, `new Promise(r => { const text = () => document.querySelector(".tracks").textContent, before = text(); setTimeout(() => r(text() != before), 600) })`) {
		t.Error("the table goes on behind the fold")
	}
}
