package rtspserver

import "github.com/baton-rtsp/baton/rtsp"

// maxHeaderLine bounds the header lines that the server writes: FFmpeg and GStreamer read 4096 bytes and
// lose the rest (SYN-17).
const maxHeaderLine = 4000

// addList adds a list header, on as many lines as it needs.
func addList(h *rtsp.Header, name, separator string, list []string) {
	line := ""
	for _, element := range list {
		if line != "" && len(name)+len(": ")+len(line)+len(separator)+len(element) > maxHeaderLine {
			h.Add(name, line)
			line = ""
		}
		if line != "" {
			line += separator
		}
		line += element
	}
	if line != "" {
		h.Add(name, line)
	}
}
