package e2e

import (
	"context"
	"flag"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/memory"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A page that plays for a minute, or ten with -long, gets no bigger, and closes every picture it decoded.
func TestPageDoesNotGrow(t *testing.T) {
	minutes := time.Minute
	if flag.Lookup("long").Value.String() == "true" {
		minutes *= 10
	}
	folder := t.TempDir()
	film := serve(t)
	run(t, time.Minute, baton(), "record", film.url("/demo.mp4"), filepath.Join(folder, "film.mp4"), "--duration", "8s")
	_, base := site(t, append(config(t, "paths:\n  channel: { source: \"file:film.mp4\", loop: true }\n"), "--media", folder)...)
	for _, way := range ways() {
		t.Run("by "+way, func(t *testing.T) {
			t.Parallel()
			b := chromium(t)
			b.open(base + with("/play/channel", way))
			b.click("Play")
			b.until("it plays", `baton.player.state == "playing" && baton.player.stats()?.framesShown > 0`, 10*time.Second)
			stays(t, b, minutes)
		})
	}
}

// stays measures a page for a time, and compares the end of it with the beginning.
func stays(t *testing.T, b *tab, long time.Duration) {
	t.Helper()
	const warmth = 15 * time.Second // until buffers and lists that have a bound are full
	const bytes, nodes = 2 << 20, 50
	shown := func() int { return eval[int](b, `baton.player.stats().framesShown`) }
	b.measure(warmth)
	from, before := shown(), b.measure(long/6)
	b.measure(long - long/3)
	after := b.measure(long / 6)
	t.Logf("%v: %.1f MB and %d nodes at first, %.1f MB and %d nodes at last, %d pictures", long, before.megabytes(), before.nodes, after.megabytes(), after.nodes, shown()-from)
	if after.bytes > before.bytes+bytes || after.nodes > before.nodes+nodes {
		t.Errorf("the page grows: %+v, then %+v", before, after)
	}
	if want := int(20 * long.Seconds()); shown()-from < want {
		t.Errorf("%d pictures were shown, want %d", shown()-from, want)
	}
	const kept = 30.0 // s; the player removes what is older than 20
	if span := eval[float64](b, `(b => b?.length ? b.end(b.length - 1) - b.start(0) : 0)(baton.screen.buffered)`); span > kept {
		t.Errorf("the browser still has %.0f s of media", span)
	}
	lines, _ := b.console.read()
	if i := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, "garbage collected without being closed") }); i >= 0 {
		t.Errorf("a picture was not closed: %s", lines[i])
	}
}

// A footprint is what a page holds after its garbage is collected.
type footprint struct{ bytes, nodes int64 }

func (f footprint) megabytes() float64 { return float64(f.bytes) / (1 << 20) }

// measure takes the least that a page holds in a time, once every two seconds.
func (b *tab) measure(long time.Duration) footprint {
	b.t.Helper()
	var all []footprint
	for end := time.Now().Add(long); len(all) == 0 || time.Now().Before(end); {
		all = append(all, b.footprint())
		eval[any](b, `new Promise(r => setTimeout(r, 2000, 1))`)
	}
	return slices.MinFunc(all, func(x, y footprint) int { return int(x.bytes - y.bytes) })
}

func (b *tab) footprint() footprint {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	_, err := chromedp.Call(ctx, heapprofiler.CollectGarbage, cdp.Empty{})
	if err != nil {
		b.t.Fatal(err)
	}
	heap, err := chromedp.Call(ctx, runtime.GetHeapUsage, cdp.Empty{})
	if err != nil {
		b.t.Fatal(err)
	}
	counters, err := chromedp.Call(ctx, memory.GetDOMCounters, cdp.Empty{})
	if err != nil {
		b.t.Fatal(err)
	}
	return footprint{int64(heap.UsedSize + heap.EmbedderHeapUsedSize + heap.BackingStorageSize), counters.Nodes}
}
