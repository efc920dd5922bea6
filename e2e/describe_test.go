package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// describe asks for a description, in bare RTSP, and gives status and body.
func describe(target string) (status int, body string, err error) {
	u, err := url.Parse(target)
	if err != nil {
		return 0, "", err
	}
	conn, err := net.DialTimeout("tcp", u.Host, 2*time.Second)
	if err != nil {
		return 0, "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return 0, "", err
	}
	fmt.Fprintf(conn, "DESCRIBE %s RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n", target)
	r := textproto.NewReader(bufio.NewReader(conn))
	line, err := r.ReadLine()
	if err != nil {
		return 0, "", err
	}
	words := strings.SplitN(line, " ", 3)
	if len(words) < 2 || words[0] != "RTSP/1.0" {
		return 0, "", fmt.Errorf("status line %q", line)
	}
	if status, err = strconv.Atoi(words[1]); err != nil {
		return 0, "", err
	}
	header, err := r.ReadMIMEHeader()
	if err != nil {
		return status, "", err
	}
	length, _ := strconv.Atoi(header.Get("Content-Length"))
	b := make([]byte, length)
	_, err = io.ReadFull(r.R, b)
	return status, string(b), err
}

// hasPath waits until a path can be described: until its publisher is there.
func (s *server) hasPath(t *testing.T, path string) {
	t.Helper()
	every := time.NewTicker(100 * time.Millisecond)
	defer every.Stop()
	timeout := time.After(time.Minute)
	for {
		status, _, err := describe(s.url(path))
		if err == nil && status == 200 {
			return
		}
		select {
		case <-every.C:
		case <-timeout:
			t.Fatalf("DESCRIBE %s: %d %v after a minute", s.url(path), status, err)
		}
	}
}
