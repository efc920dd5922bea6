package e2e

import (
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// helpers are what the tests ask a page with: the player, the picture as it is shown, and how loud it is.
const helpers = `globalThis.baton = {
	get element() { return document.querySelector("baton-player") },
	get player() { return this.element.player },
	find(label) {
		const all = [...document.querySelectorAll("button"), ...this.element.shadowRoot.querySelectorAll("button")]
		return all.filter(b => (b.ariaLabel || b.textContent) == label && b.checkVisibility()).pop()
	},
	place(label) {
		const b = this.find(label)
		if (!b) return null
		b.scrollIntoView({block: "center"})
		const r = b.getBoundingClientRect()
		return [r.x + r.width / 2, r.y + r.height / 2]
	},
	get screen() { return this.player?.element.querySelector("canvas, video, audio") },
	grey(width, height) {
		const c = this.canvas ??= new OffscreenCanvas(width, height)
		c.width = width; c.height = height
		const g = c.getContext("2d", {willReadFrequently: true})
		g.drawImage(this.screen, 0, 0, width, height)
		const b = g.getImageData(0, 0, width, height).data, out = new Uint8Array(width * height)
		for (let i = 0; i < out.length; i++) out[i] = (b[4 * i] * 77 + b[4 * i + 1] * 150 + b[4 * i + 2] * 29) >> 8
		return out
	},
	print() { let h = 0; for (const v of this.grey(64, 36)) h = (h * 31 + v) | 0; return h },
	text(bytes) { let s = ""; for (const v of bytes) s += String.fromCharCode(v); return btoa(s) },
	level() {
		let tap = this.player.audio
		if (!tap && this.screen instanceof HTMLMediaElement) { // what the browser plays by itself
			if (this.video !== this.screen) { this.video = this.screen; this.node = new AudioContext().createMediaElementSource(this.video); this.node.connect(this.node.context.destination) }
			tap = this.node
		}
		if (!tap) return 0
		if (this.tap !== tap) { this.tap = tap; this.meter = new AnalyserNode(tap.context, {fftSize: 8192}); tap.connect(this.meter) }
		const b = new Float32Array(this.meter.fftSize)
		this.meter.getFloatTimeDomainData(b)
		return Math.sqrt(b.reduce((s, v) => s + v * v, 0) / b.length)
	},
	async until(f, ms) {
		const end = performance.now() + ms
		for (;;) {
			try { const v = await f(); if (v) return v } catch (e) { if (performance.now() > end) throw e }
			if (performance.now() > end) return null
			await new Promise(r => setTimeout(r, 20))
		}
	},
}; 1`

// A tab is a page in Debian's Chromium.
type tab struct {
	t       *testing.T
	ctx     context.Context
	console console
}

// chromium starts a browser with more flags, each "name" or "name=value". It is stopped at the end of the test.
func chromium(t *testing.T, flags ...string) *tab {
	t.Helper()
	need(t, "chromium")
	profile, err := os.MkdirTemp("", "baton-chromium-") // not the test's: its children may write there for a moment longer
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("mute-audio", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1440, 900))
	for _, f := range flags {
		name, value, found := strings.Cut(f, "=")
		if options = append(options, chromedp.Flag(name, value)); !found {
			options[len(options)-1] = chromedp.Flag(name, true)
		}
	}
	ctx, stopAll := chromedp.NewExecAllocator(context.Background(), options...)
	b := &tab{t: t}
	ctx, stop := chromedp.NewContext(ctx, chromedp.WithListener(b.console.hear))
	b.ctx = ctx
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[int](`1`)); err != nil { // the browser lives as long as the context of the first
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if lines, _ := b.console.read(); t.Failed() && len(lines) > 0 {
			t.Logf("the page's console:\n%s", strings.Join(lines, "\n"))
		}
		stop()
		stopAll()
		os.RemoveAll(profile)
	})
	return b
}

// open opens a page.
func (b *tab) open(url string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Navigate(url)); err != nil {
		b.t.Fatalf("%s: %v", url, err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[int](helpers)); err != nil {
		b.t.Fatal(err)
	}
}

// eval is what an expression of the page comes to; a promise is waited for.
func eval[T any](b *tab, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// until waits until an expression of the page is true.
func (b *tab) until(what, script string, limit time.Duration) {
	b.t.Helper()
	if !eval[bool](b, fmt.Sprintf("baton.until(() => (%s), %d).then(v => !!v)", script, limit.Milliseconds())) {
		b.t.Fatalf("%s: not within %v; the page says %q", what, limit, b.says())
	}
}

// says is the sentence for people.
func (b *tab) says() string {
	b.t.Helper()
	return eval[string](b, `document.getElementById("status")?.textContent ?? document.body.innerText`)
}

// click clicks the button of a name, as a mouse does.
func (b *tab) click(name string) {
	b.t.Helper()
	b.until("button "+name, fmt.Sprintf("baton.find(%q)", name), 5*time.Second)
	place := eval[[]float64](b, fmt.Sprintf(`(async () => { // where it rests: a bar moves while its buttons come and go
		for (let last = "";;) {
			const place = await baton.place(%[1]q)
			if (String(place) == last) return place
			last = String(place)
			await new Promise(r => setTimeout(r, 100))
		}
	})()`, name))
	ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.MouseClickXY(place[0], place[1])); err != nil {
		b.t.Fatal(err)
	}
}

// shot saves what the page looks like, where BATON_SHOTS says.
func (b *tab) shot(name string, width, height int64) {
	b.t.Helper()
	folder := os.Getenv("BATON_SHOTS")
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.EmulateViewport(width, height)); err != nil {
		b.t.Fatal(err)
	}
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// greyscale is what is shown.
func greyscale(t *testing.T, text string, width, height int) *image.Gray {
	t.Helper()
	pixels, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(pixels) != width*height {
		t.Fatalf("a picture of %d bytes: %v", len(pixels), err)
	}
	return &image.Gray{Pix: pixels, Stride: width, Rect: image.Rect(0, 0, width, height)}
}
