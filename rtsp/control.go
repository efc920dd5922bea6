package rtsp

import "strings"

// ResolveControl returns the URL that an a=control attribute names under the base URL, by the rule that FFmpeg and live555
// follow: an absolute URL stands for itself, "*" and "" are the base, an absolute path replaces that of the base, and all
// else is appended to the base as text with one "/" between, behind a query if there is one. RFC 2326 §C.1.1.
func ResolveControl(base, control string) string {
	control = trim(control)
	switch {
	case control == "" || control == "*":
		return base
	case strings.Contains(control, "://"):
		return dropDoubledScheme(control)
	case control[0] == '/':
		return JoinControl(base, control)
	case control[0] == '?' || strings.HasSuffix(base, "/"):
		return base + control
	}
	return base + "/" + control
}

// JoinControl resolves control like [ResolveControl], but a relative one by the rules of RFC 1808 §4: it replaces what follows
// the last "/" of the base path, and the query. GStreamer and browsers do so. A client tries one rule after the other.
func JoinControl(base, control string) string {
	control = trim(control)
	if control == "" || control == "*" || strings.Contains(control, "://") {
		return ResolveControl(base, control)
	}
	path := 0 // where the path of base begins
	if i := strings.Index(base, "://"); i >= 0 {
		path = i + len("://")
		path += authorityEnd(base[path:])
	}
	end := len(base) // of the path
	if i := strings.IndexAny(base[path:], "?#"); i >= 0 {
		end = path + i
	}
	switch {
	case control[0] == '/':
		return base[:path] + control
	case control[0] == '?':
		return base[:end] + control
	}
	slash := strings.LastIndexByte(base[path:end], '/')
	if slash < 0 {
		return base[:path] + "/" + control
	}
	return base[:path+slash+1] + control
}

// dropDoubledScheme repairs "rtsp://rtsp://h/p", which some cameras send.
func dropDoubledScheme(s string) string {
	for {
		_, rest, ok := cutScheme(s)
		if !ok {
			return s
		}
		if _, _, again := cutScheme(rest); !again {
			return s
		}
		s = rest
	}
}
