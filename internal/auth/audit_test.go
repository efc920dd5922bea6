package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What everybody may do costs nobody a password: it does not fill a disk either, as refusals do not. How much was left out is told.
func TestAuditOfEverybodyIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		a := NewAudit(&b)
		r := read("open")
		r.Method = strings.Repeat("M", 10000) // as HTTP has it
		for range 1000 {
			a.Note(r, "", nil)
		}
		if n := strings.Count(b.String(), "\n"); n != maxNobody || b.Len() > 300*maxNobody {
			t.Errorf("%d lines, %d bytes", n, b.Len())
		}
		time.Sleep(time.Second) // of virtual time
		b.Reset()
		for range 1000 {
			a.Note(r, "ann", nil)
		}
		if n := strings.Count(b.String(), "\n"); n != 1000 || !strings.Contains(b.String(), `"omitted":950`) {
			t.Errorf("%d lines of a user\n%.300s", n, b.String())
		}
	})
}

// The audit log says what an admin did to what: the path that was asked for, without the query, which can hold a token.
func TestAuditOfTheAPI(t *testing.T) {
	var b bytes.Buffer
	a := authorityOf(t, `users: [ { name: root, password: '`+canary+`', allow: [ { do: admin } ] } ]`, newWeb())
	h := ForAdmins(a, NewAudit(&b), http.NotFoundHandler())
	r := httptest.NewRequest("DELETE", "https://u:"+canary+"@h/api/v1/sessions/9f86d081?token="+canary, nil)
	r.SetBasicAuth("root", canary)
	h.ServeHTTP(httptest.NewRecorder(), r)
	if line := b.String(); !strings.Contains(line, `"user":"root","action":"admin","method":"DELETE","path":"/api/v1/sessions/9f86d081"`) || strings.Contains(line, canary) {
		t.Error(line)
	}
}

// A full takes as many bytes as there is room for.
type full struct {
	bytes.Buffer
	room int
}

func (f *full) Write(b []byte) (int, error) {
	n, _ := f.Buffer.Write(b[:min(len(b), f.room)])
	f.room -= n
	if n < len(b) {
		return n, errors.New("disk is full")
	}
	return n, nil
}

// A full disk stops nobody and is told once; when there is room again, each line is whole.
func TestAuditOnAFullDisk(t *testing.T) {
	w := &full{room: 20}
	a, told := NewAudit(w), 0
	a.Failed = func(error) { told++ }
	for range 3 {
		a.Note(read("cam"), "ann", nil)
	}
	w.room = 1 << 20
	a.Note(read("cam"), "bob", nil)
	a.Note(read("cam"), "eve", nil)
	lines := strings.Split(strings.TrimSpace(w.String()), "\n")
	for i, line := range lines {
		if json.Valid([]byte(line)) != (i > 0) {
			t.Errorf("line %d: %s", i, line)
		}
	}
	if len(lines) != 3 {
		t.Errorf("%d lines", len(lines))
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}
