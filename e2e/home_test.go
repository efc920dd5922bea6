package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// row is the row of a presentation on the home page, as an expression of the page; name is what stands there.
func row(name string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("#groups .row")].find(r => r.querySelector(".name > span").textContent == %q)`, name)
}

// The home page lists what can be played, with what is known of it and who reads it, finds it, and leads to the player.
func TestHomeListsAndLeads(t *testing.T) {
	s, base := site(t)
	film := filepath.Join(t.TempDir(), "film.mp4")
	run(t, time.Minute, baton(), "record", s.url("/demo.mp4"), film, "--duration", "4s")
	p := start(t, 2*time.Minute, baton(), "publish", film, s.url("/yard/gate"), "--loop")
	if !p.sees(10*time.Second, func(out string) bool { return strings.Contains(out, "publishing") }) {
		t.Fatal(p.verdict())
	}
	defer p.kill()

	b := chromium(t)
	b.open(base + "/")
	b.until("the film is listed", row("demo.mp4"), 5*time.Second)
	b.until("what is published is listed", row("yard/gate"), 5*time.Second)
	for name, words := range map[string][]string{"demo.mp4": {"H.264", "AAC", "×"}, "yard/gate": {"H.264", "AAC", "Live"}, "clock": {"Live"}} {
		for _, word := range words { // files are looked into one by one
			b.until(fmt.Sprintf("%s has %q", name, word), row(name)+fmt.Sprintf(`.textContent.includes(%q)`, word), 15*time.Second)
		}
		text := eval[string](b, row(name)+`.textContent`)
		if strings.Contains(text, "reader") {
			t.Errorf("%s has readers, before anybody reads: %q", name, text)
		}
	}

	listen(t, s.url("/clock"))
	listen(t, s.url("/clock"))
	b.until("its readers are counted", row("clock")+`.textContent.includes("2 readers")`, 10*time.Second)

	b.write("#search", "gate")
	b.until("the search filters", row("yard/gate")+` && document.querySelectorAll("#groups .row").length == 1`, 5*time.Second)
	if path := b.follow(func() { b.write("#search", "gate\r") }); path != "/play/yard/gate" {
		t.Errorf("Enter leads to %s", path)
	}
	for _, name := range []string{"demo.mp4", "yard/gate"} {
		b.open(base + "/")
		if path := b.pick(name); path != "/play/"+name {
			t.Errorf("a click on %s leads to %s", name, path)
		}
		b.click("Play")
		b.plays(10 * time.Second)
	}
}

// pick clicks the row of a presentation, and is where that leads.
func (b *tab) pick(name string) string {
	b.t.Helper()
	b.until(name+" is listed", row(name), 10*time.Second)
	eval[any](b, row(name)+`.id = "chosen"`)
	return b.follow(func() { b.press("#chosen") })
}

// Names of files and of what is published are text.
func TestHomeRunsNothingOfOthers(t *testing.T) {
	folder := t.TempDir()
	_, base := site(t, "--media", folder)
	hostile := []string{`<img src=x onerror=globalThis.pwned=1>.wav`, `"><script>globalThis.pwned=2<.wav`, `javascript:globalThis.pwned=3;.wav`, `'onmouseover='pwned=4.wav`}
	for _, name := range hostile {
		if err := os.WriteFile(filepath.Join(folder, name), silence(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := chromium(t)
	b.open(base + "/")
	for _, name := range hostile {
		b.until(name+" is listed", row(name), 10*time.Second)
		href := eval[string](b, row(name)+`.href`)
		if !strings.HasPrefix(href, base+"/play/") {
			t.Errorf("%s leads to %s", name, href)
		}
	}
	eval[any](b, `document.querySelectorAll("#groups .row").forEach(r => r.dispatchEvent(new MouseEvent("mouseover", {bubbles: true})))`)
	if eval[bool](b, `globalThis.pwned !== undefined || document.querySelector("main img, main script") !== null`) {
		t.Error("a name runs on the home page")
	}
	for _, name := range hostile {
		b.open(base + "/")
		b.pick(name)
		b.until("its name is shown", fmt.Sprintf(`document.getElementById("name").textContent == %q`, name), 5*time.Second)
		if eval[bool](b, `globalThis.pwned !== undefined || document.querySelector("main img, main script, h1 *") !== null`) {
			t.Errorf("%s runs in the player", name)
		}
	}
}

// silence is a second of G.711 in a WAV file.
func silence() []byte {
	head := "RIFF\x58\x1f\x00\x00WAVEfmt \x12\x00\x00\x00\x07\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00\x00\x00fact\x04\x00\x00\x00\x40\x1f\x00\x00data\x40\x1f\x00\x00"
	return append([]byte(head), strings.Repeat("\xff", 8000)...)
}
