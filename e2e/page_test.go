package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// ways are how a page of this machine may decode, as queries of its address.
func ways() []string { return []string{"", "mse"} }

// with is a path with queries, of which some may be empty.
func with(path string, queries ...string) string {
	queries = slices.DeleteFunc(queries, func(q string) bool { return q == "" })
	if len(queries) == 0 {
		return path
	}
	return path + "?" + strings.Join(queries, "&")
}

// The first picture is there soon after the click, wherever the click falls between two key pictures.
func TestPageShowsAPictureSoon(t *testing.T) {
	const goal, limit = 300, 1500 // ms; the goal is for a machine that does nothing else
	_, base := site(t)
	b := chromium(t)
	for _, gop := range []string{"", "gop=10"} {
		for _, way := range ways() {
			path := with("/play/clock", gop, way)
			var all []float64
			for range 3 {
				b.open(base + path)
				eval[any](b, `(baton.player.on("firstpicture", ms => baton.first ??= ms), 1)`)
				b.click("Play")
				b.until("the first picture", `baton.first !== undefined`, 5*time.Second)
				all = append(all, eval[float64](b, `baton.first`))
			}
			slices.Sort(all)
			t.Logf("%-24s first picture after %.0f ms (goal %d)", path, all, goal)
			if worst := all[len(all)-1]; worst > limit {
				t.Errorf("%s: the first picture comes %.0f ms after the click", path, worst)
			}
		}
	}
}

// onlyAnn is a server that nobody may use without a name, not even this machine, and whose page has a name that makes no secure context.
func onlyAnn(t *testing.T) []string {
	t.Helper()
	return config(t, "hosts: [player.test]\nanonymous: []\nusers: [ { name: ann, password: \""+password+"\", allow: [ { do: read, path: \"**\" } ] } ]\n")
}

// Where the page is no secure context it asks for a name after 401, logs in by digest, and plays by Media Source Extensions.
func TestPageLogsInWithoutHTTPS(t *testing.T) {
	_, base := site(t, onlyAnn(t)...)
	b := chromium(t, "host-resolver-rules=MAP player.test 127.0.0.1")
	b.open(strings.Replace(base, "127.0.0.1", "player.test", 1) + "/play/demo.mp4")
	if eval[bool](b, `isSecureContext || "VideoDecoder" in globalThis || crypto.subtle !== undefined`) {
		t.Fatal("the page is a secure context: this proves nothing")
	}
	if eval[bool](b, `document.getElementById("login").checkVisibility()`) {
		t.Error("it asks for a name before one is needed")
	}
	b.click("Play")
	const asks = `document.getElementById("login").checkVisibility()`
	b.until("it asks for a name", asks+` && document.activeElement.name == "user"`, 5*time.Second)

	b.shot("login", 390, 844)
	b.login("ann", "wrong")
	b.until("it asks again", asks+` && baton.player.state == "failed"`, 5*time.Second)
	t.Logf("of a wrong password the page says: %s", b.says())

	b.login("ann", password)
	b.until("it plays", `baton.player.state == "playing"`, 5*time.Second)
	b.until("the picture changes", `new Promise(r => { const p = baton.print(); setTimeout(() => r(baton.print() != p), 200) })`, 5*time.Second)
	if path := eval[string](b, `baton.player.stats().path`); path != "mse" {
		t.Errorf("it is decoded by %s", path)
	}
	if eval[bool](b, fmt.Sprintf(`document.documentElement.outerHTML.includes(%q) || location.href.includes("ann")`, password)) {
		t.Error("the password is in the page")
	}
}

// login types a name and a password, as people do.
func (b *tab) login(name, password string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.SendKeys(`#login [name="user"]`, name), chromedp.SendKeys(`#login [name="password"]`, password+kb.Enter))
	if err != nil {
		b.t.Fatal(err)
	}
}

// The keys do what the buttons do, right after a click on Play and without another.
func TestPageObeysKeys(t *testing.T) {
	_, base := site(t)
	b := chromium(t)
	b.open(base + "/play/demo.mp4")
	b.click("Play")
	b.until("it plays", `baton.player.state == "playing" && baton.player.position > 0`, 5*time.Second)
	b.key(" ")
	b.until("space pauses", `baton.player.state == "paused"`, 3*time.Second)
	b.key(" ")
	b.until("space plays on", `baton.player.state == "playing"`, 3*time.Second)

	from := eval[float64](b, `baton.player.position`)
	b.key(kb.ArrowRight)
	b.until("the right arrow goes on", fmt.Sprintf(`baton.player.position >= %f`, from+4.5), 3*time.Second)
	b.key(kb.ArrowLeft)
	b.until("the left arrow goes back", fmt.Sprintf(`baton.player.position < %f`, from+4), 3*time.Second)

	b.key(kb.ArrowDown)
	b.until("the down arrow makes it quieter", `Math.abs(baton.player.volume - 0.9) < 0.01`, 3*time.Second)
	b.key(kb.ArrowUp)
	b.until("the up arrow makes it louder", `Math.abs(baton.player.volume - 1) < 0.01`, 3*time.Second)
	b.key("m")
	b.until("m mutes", `baton.player.muted`, 3*time.Second)
	b.key("m")
	b.until("m ends that", `!baton.player.muted`, 3*time.Second)
	b.key("f")
	b.until("f fills the screen", `document.fullscreenElement === baton.element`, 3*time.Second)
	b.key("f")
	b.until("f ends that", `document.fullscreenElement === null`, 3*time.Second)
	if y := eval[float64](b, `scrollY`); y != 0 {
		t.Errorf("the keys scrolled the page by %.0f", y)
	}
}

// key presses a key, wherever the focus is.
func (b *tab) key(k string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.KeyEvent(k)); err != nil {
		b.t.Fatal(err)
	}
}

// A screen reader has a name for everything that can be used, and before the start exactly one is "Play".
func TestPageHasNames(t *testing.T) {
	_, base := site(t)
	b := chromium(t)
	b.open(base + "/play/demo.mp4")
	plays := 0
	for _, c := range b.usable() {
		if c.name == "Play" {
			plays++
		}
	}
	if plays != 1 {
		t.Errorf("%d controls are named Play before the start: %v", plays, b.usable())
	}

	b.click("Play")
	b.until("it plays", `baton.player.state == "playing" && baton.player.position > 0`, 5*time.Second)
	eval[any](b, `document.querySelectorAll("details").forEach(d => { d.open = true })`)
	b.shot("open", 800, 1000)
	all := b.usable()
	if len(all) < 10 {
		t.Errorf("only %v can be used", all)
	}
	for _, want := range []control{{"button", "Pause"}, {"slider", "Position"}, {"slider", "Volume"}, {"button", "Mute"}, {"button", "Full screen"}, {"button", "Save the picture"}} {
		if !slices.Contains(all, want) {
			t.Errorf("there is no %v in %v", want, all)
		}
	}
	for _, c := range all {
		if c.name == "" {
			t.Errorf("a %s has no name", c.role)
		}
	}
	t.Logf("%d controls have names", len(all))
}

// A control is what a screen reader says of one.
type control struct{ role, name string }

// usable are the controls of the page that are visible.
func (b *tab) usable() (all []control) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	if _, err := chromedp.Call(ctx, accessibility.Enable, cdp.Empty{}); err != nil {
		b.t.Fatal(err)
	}
	tree, err := chromedp.Call(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		b.t.Fatal(err)
	}
	roles := []string{"button", "slider", "combobox", "textbox", "checkbox", "link", "tab", "DisclosureTriangle", "menuitem", "radio", "spinbutton"}
	for _, n := range tree.Nodes {
		if role := spoken(n.Role); !n.Ignored && slices.Contains(roles, role) {
			all = append(all, control{role, spoken(n.Name)})
		}
	}
	return all
}

// spoken is the text of a value of the accessibility tree.
func spoken(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}

// The page asks nobody but its own server, and does nothing that its own policy forbids.
func TestPageKeepsToItself(t *testing.T) {
	_, base := site(t)
	own := strings.TrimPrefix(base, "http://")
	b := chromium(t)
	for _, path := range []string{"/play/demo.mp4", "/play/clock?mse", "/play/movie.mjpeg"} {
		b.open(base + path)
		eval[any](b, `(document.addEventListener("securitypolicyviolation", e => console.error("forbidden:", e.effectiveDirective, e.blockedURI)), 1)`)
		b.click("Play")
		b.until(path+" plays", `baton.player.state == "playing" && baton.screen && baton.print() != 0`, 5*time.Second)
		eval[any](b, `document.querySelectorAll("details").forEach(d => { d.open = true })`)
		b.until("it has told something", `document.getElementById("facts").textContent.includes("Decoded by")`, 5*time.Second)
	}
	lines, hosts := b.console.read()
	if !slices.Equal(hosts, []string{own}) {
		t.Errorf("the page asked %v, its server is %s", hosts, own)
	}
	for _, line := range lines {
		t.Errorf("the browser complains: %s", line)
	}

	eval[any](b, `(new Image().src = "http://other.example/x.png", 1)`) // is heard, or this test would prove nothing
	if !b.console.complains("forbidden: img-src", 5*time.Second) {
		t.Errorf("the policy of the page forbids nothing: %v", lines)
	}
}

// The picture is with the sound.
func TestPageKeepsLipSync(t *testing.T) {
	const limit = 0.040 // s
	_, base := site(t)
	b := chromium(t)
	b.open(base + "/play/demo.mp4")
	b.click("Play")
	b.until("it has sound and picture", `baton.player.stats()?.avOffset !== undefined && baton.player.position > 1`, 5*time.Second)
	offs := eval[[]float64](b, `new Promise(r => { const all = []; const id = setInterval(() => {
		const v = baton.player.stats().avOffset; if (v !== undefined) all.push(v)
		if (all.length == 100) { clearInterval(id); r(all) } }, 50) })`)
	slices.Sort(offs)
	low, middle, high := offs[5], offs[50], offs[94]
	t.Logf("the picture is ahead of the sound by %.0f ms (median), %.0f to %.0f (90 %%)", 1000*middle, 1000*low, 1000*high)
	if low < -limit || high > limit {
		t.Errorf("the picture is %.0f to %.0f ms off the sound, more than %.0f", 1000*low, 1000*high, 1000*limit)
	}
}

// The picture that is shown can be saved, of what is live as of what is stored, by either way of decoding.
func TestPageSavesThePicture(t *testing.T) {
	_, base := site(t)
	b := chromium(t)
	for _, path := range []string{"/play/clock", "/play/demo.mp4"} {
		for _, way := range ways() {
			b.open(base + with(path, way))
			eval[any](b, `(HTMLAnchorElement.prototype.click = function() { baton.saved = [this.download, this.href] }, 1)`) // files are the browser's business
			b.click("Play")
			b.until("it plays", `baton.player.state == "playing" && baton.screen && baton.print() != 0`, 5*time.Second)
			b.click("Save the picture")
			b.until(path+" is saved", `baton.saved`, 5*time.Second)
			got := eval[[]any](b, `new Promise(r => { const i = new Image(); i.onload = () => r([baton.saved[0], i.naturalWidth, i.naturalHeight]); i.src = baton.saved[1] })`)
			want := []any{strings.TrimPrefix(path, "/play/") + ".png", 640.0, 360.0}
			if !slices.Equal(got, want) {
				t.Errorf("%s: saved as %v, want %v", with(path, way), got, want)
			}
		}
	}
}

// Whoever leaves the page leaves the server too, at once, and can come back.
func TestPageLeaves(t *testing.T) {
	s, base := site(t)
	b := chromium(t)
	b.open(base + "/play/clock")
	b.click("Play")
	b.until("it plays", `baton.player.state == "playing"`, 5*time.Second)
	b.open("about:blank")
	left := time.Now()
	if !s.stderr.sees(s.ended, 5*time.Second, func(text string) bool { return strings.Contains(text, "session ended") }) {
		t.Fatal("the server's session goes on")
	}
	t.Logf("the server's session has ended %v after the page was left", time.Since(left).Round(time.Millisecond))
	b.back("/play/clock")
	b.click("Play")
	b.until("it plays again", `baton.player.state == "playing" && baton.screen && baton.print() != 0`, 5*time.Second)
}

// back goes back to a page that was left, which may be made anew or be the one that was kept.
func (b *tab) back(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	eval[any](b, `(setTimeout(() => history.back()), 1)`) // behind the answer: the page that gives it is gone then
	script := fmt.Sprintf(`location.pathname == %q && document.readyState == "complete"`, path)
	for there := false; !there; { // it fails in between
		if there, _ = chromedp.Run(ctx, chromedp.Evaluate[bool](script)); ctx.Err() != nil {
			b.t.Fatalf("the page %s does not come back", path)
		}
	}
	eval[any](b, helpers)
}

// A page of somebody else that is let in has the player in it.
func TestElementInAPageOfOthers(t *testing.T) {
	var base string
	others := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><script type="module" src="%s/assets/player.js"></script>
			<baton-player src="/clock" gateway="%s/rtsp" controls></baton-player>`, base, strings.Replace(base, "http:", "ws:", 1))
	}))
	defer others.Close()
	_, base = site(t, config(t, fmt.Sprintf("origins: [%q]\n", others.URL))...)
	b := chromium(t)
	b.open(others.URL)
	b.until("the element is there", `customElements.get("baton-player") && baton.player`, 5*time.Second)
	b.click("Play")
	b.until("it plays", `baton.player.state == "playing" && baton.screen && baton.print() != 0`, 5*time.Second)
}
