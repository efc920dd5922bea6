package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/log"
	cdpnetwork "github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// A console keeps what a page and its browser complain of, and where the page asked for something. It is safe for concurrent use.
type console struct {
	mu    sync.Mutex
	lines []string
	hosts []string
}

// hear takes an event of the browser; it must not wait.
func (c *console) hear(event any) {
	switch e := event.(type) {
	case *log.EventEntryAdded:
		c.say("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
	case *runtime.EventExceptionThrown:
		c.say("exception: %s", thrown(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, strings.Trim(string(a.Value), `"`)+a.Description)
		}
		c.say("%s: %s", e.Type, strings.Join(words, " "))
	case *cdpnetwork.EventRequestWillBeSent:
		c.asked(e.Request.URL)
	case *cdpnetwork.EventWebSocketCreated:
		c.asked(e.URL)
	}
}

func (c *console) say(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, fmt.Sprintf(format, args...))
}

// asked keeps the host of a URL; what has none, such as blob: and data:, stays in the page.
func (c *console) asked(address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.hosts, u.Host) {
		c.hosts = append(c.hosts, u.Host)
	}
}

// read is what was said, and which hosts were asked.
func (c *console) read() (lines, hosts []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.lines), slices.Clone(c.hosts)
}

// complains tells whether something with a word in it is said within a limit.
func (c *console) complains(word string, limit time.Duration) bool {
	tick, end := time.NewTicker(20*time.Millisecond), time.After(limit)
	defer tick.Stop()
	for {
		if lines, _ := c.read(); strings.Contains(strings.Join(lines, "\n"), word) {
			return true
		}
		select {
		case <-tick.C:
		case <-end:
			return false
		}
	}
}

// thrown is what an error of a script says, with where it was thrown if that is known.
func thrown(e *runtime.ExceptionDetails) string {
	if e.Exception == nil {
		return e.Text
	}
	return e.Text + " " + e.Exception.Description
}
