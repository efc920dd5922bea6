package e2e

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// press clicks the middle of what a selector finds in the page, as a mouse does.
func (b *tab) press(selector string) { b.pressAt(selector, 0.5, 0.5) }

// pressAt clicks a place, in parts of the width and of the height.
func (b *tab) pressAt(selector string, x, y float64) {
	b.t.Helper()
	b.until(selector+" is there", fmt.Sprintf("document.querySelector(%q)", selector), 5*time.Second)
	place := eval[[]float64](b, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q); e.scrollIntoView({block: "center"})
		const r = e.getBoundingClientRect(); return [r.x + r.width * %f, r.y + r.height * %f] })()`, selector, x, y))
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.MouseClickXY(place[0], place[1])); err != nil {
		b.t.Fatal(err)
	}
}

// write writes into a field in the place of what was there; "\r" is Enter.
func (b *tab) write(selector, text string) {
	b.t.Helper()
	b.press(selector)
	eval[any](b, fmt.Sprintf(`document.querySelector(%q).select()`, selector))
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.KeyEvent(text)); err != nil {
		b.t.Fatal(err)
	}
}

// download does what makes the page give a file, and is where that file is.
func (b *tab) download(act func()) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	folder := b.t.TempDir()
	progress := chromedp.Events(ctx, browser.DownloadProgress)
	allow := browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, DownloadPath: folder, EventsEnabled: new(true)}
	if _, err := chromedp.Run(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Call(ctx, browser.SetDownloadBehavior, allow)
		return err
	})); err != nil {
		b.t.Fatal(err)
	}
	act()
	for e, err := range progress {
		if err != nil {
			b.t.Fatal(err)
		}
		if e.State == browser.DownloadProgressStateCompleted {
			return filepath.Join(folder, e.GUID)
		}
	}
	b.t.Fatal("nothing was given")
	return ""
}

// playsStepByStep opens the layers, sets up and plays, and sees the states that this leads to.
func (b *tab) playsStepByStep() {
	b.t.Helper()
	b.unfold()
	b.lit("Init")
	b.click("SETUP")
	b.lit("Ready")
	b.click("PLAY")
	b.plays(15 * time.Second)
}

// plays begins, and waits until the picture changes.
func (b *tab) plays(limit time.Duration) {
	b.t.Helper()
	b.until("it plays", `baton.player.state == "playing"`, limit)
	b.moves()
}

// moves waits until the picture changes.
func (b *tab) moves() {
	b.t.Helper()
	b.until("the picture changes", `new Promise(r => { const p = baton.print(); setTimeout(() => r(baton.print() != p), 200) })`, 10*time.Second)
}

// unfold opens the layers.
func (b *tab) unfold() {
	b.t.Helper()
	b.press(".layers > summary")
	b.until("the layers are open", `document.querySelector(".layers").open`, 5*time.Second)
}

// lit waits until a state of the diagram is lit, and no other.
func (b *tab) lit(state string) {
	b.t.Helper()
	b.until(state+" is lit", fmt.Sprintf(`[...document.querySelectorAll(".layers [data-state].on")].map(g => g.dataset.state).join() == %q
		&& document.querySelector(".layers .states").ariaLabel.endsWith(%q)`, state, state), 5*time.Second)
}

// choose clicks the strip of packets at a place, and again until there is a packet near.
func (b *tab) choose(x float64) {
	b.t.Helper()
	eval[any](b, `document.querySelector(".chosen").replaceChildren()`)
	for range 20 {
		b.pressAt(".strip", x, 0.2)
		if eval[bool](b, `baton.until(() => document.querySelector(".detail"), 200).then(v => !!v)`) {
			return
		}
	}
	b.t.Fatal("no packet can be clicked")
}

// follow does what leads to another page, and is where that is.
func (b *tab) follow(act func()) (path string) {
	b.t.Helper()
	return b.followOn(act, "")
}

// followOn is follow where the page with the path between leads on by itself.
func (b *tab) followOn(act func(), between string) (path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	loaded := chromedp.Events(ctx, page.LoadEventFired)
	act()
	for _, err := range loaded {
		if err != nil {
			b.t.Fatalf("it leads nowhere: %v", err)
		}
		if path = eval[string](b, `location.pathname`); path != between {
			break
		}
	}
	eval[int](b, helpers)
	return path
}
