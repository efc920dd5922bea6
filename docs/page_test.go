package docs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A page is conformance.md: a preamble, the items that are covered, the items
// that are not yet. Its tables can be written back (see TestMain's -update).
type page struct {
	preamble string // up to and with the heading of the first section
	between  string // the heading of the second section and what follows it
	covered  map[string]*row
	notYet   map[string]*row
}

// A row is one line of a table.
type row struct {
	id    string
	rfc   string   // where it is written, or "practice"
	text  string   // what Baton does; in the second section, why it does not
	tests []string // folder.TestName
	line  int
}

const (
	coveredHeading = "## Covered\n"
	notYetHeading  = "## Not yet\n"

	coveredHead = "| ID | RFC | What Baton does | Test |\n| --- | --- | --- | --- |\n"
	notYetHead  = "| ID | Why |\n| --- | --- |\n"
)

// groups names the groups of items in the order of ids.txt.
var groups = []struct{ prefix, title string }{
	{"SYN", "Message syntax"},
	{"FRM", "Interleaved framing"},
	{"CON", "CSeq, connections, pipelining"},
	{"CAP", "OPTIONS, parameters, feature negotiation"},
	{"ERR", "Status codes"},
	{"URL", "URLs and control attributes"},
	{"STA", "States and aggregation"},
	{"SES", "Sessions and liveness"},
	{"TRN", "The Transport header"},
	{"RTI", "RTP-Info"},
	{"RNG", "Range, Scale, Speed, seeking"},
	{"DSC", "DESCRIBE, entities, caching"},
	{"ANN", "ANNOUNCE and RECORD"},
	{"RED", "REDIRECT and requests of the server"},
	{"V2", "RTSP 2.0"},
	{"AUT", "Authentication"},
	{"KEY", "TLS, SRTP, keys"},
	{"RTP", "RTP and RTCP"},
	{"FBK", "Feedback, retransmission, FEC"},
	{"NAT", "NAT"},
	{"HTT", "RTSP in HTTP"},
	{"WSK", "RTSP in WebSocket"},
	{"ONV", "ONVIF live"},
	{"REP", "ONVIF replay"},
	{"PLD", "Payload formats"},
	{"SDP", "SDP"},
	{"SEC", "Robustness and security"},
}

// due are the groups of which every item is either covered or explained.
var due = []string{"SYN", "FRM", "CON", "CAP", "ERR", "URL", "STA", "SES", "TRN", "RTI", "RNG", "DSC", "ANN", "RED", "RTP", "NAT", "SDP", "PLD", "SEC", "AUT"}

func group(id string) string {
	prefix, _, _ := strings.Cut(id, "-")
	return prefix
}

var tableRow = regexp.MustCompile(`^\| ((?:[A-Z]{3}|V2)-\w+) +\|(.*)\|$`)

func parsePage(text string) (*page, error) {
	preamble, rest, ok := strings.Cut(text, coveredHeading)
	if !ok {
		return nil, errors.New("conformance.md has no section Covered")
	}
	covered, notYet, ok := strings.Cut(rest, notYetHeading)
	if !ok {
		return nil, errors.New("conformance.md has no section Not yet")
	}
	p := &page{preamble: preamble + coveredHeading}
	line := strings.Count(p.preamble, "\n")
	var err1, err2 error
	p.covered, err1 = parseRows(covered, line, 4)
	p.notYet, err2 = parseRows(notYet, line+strings.Count(covered, "\n")+1, 2)
	intro, _, _ := strings.Cut(notYet, notYetHead[:strings.Index(notYetHead, "\n")])
	intro, _, _ = strings.Cut(intro, "\n### ")
	p.between = notYetHeading + intro
	return p, errors.Join(err1, err2)
}

func parseRows(text string, line, columns int) (map[string]*row, error) {
	rows := make(map[string]*row)
	var errs []error
	for s := range strings.Lines(text) {
		line++
		m := tableRow.FindStringSubmatch(strings.TrimSpace(s))
		if m == nil {
			if strings.HasPrefix(s, "|") && !strings.HasPrefix(s, "| ID |") && !strings.HasPrefix(s, "| --- |") {
				errs = append(errs, fmt.Errorf("conformance.md:%d: not a row: %q", line, s))
			}
			continue
		}
		cells := strings.Split(m[2], "|")
		if len(cells) != columns-1 {
			errs = append(errs, fmt.Errorf("conformance.md:%d: %s: %d cells, not %d", line, m[1], len(cells)+1, columns))
			continue
		}
		if rows[m[1]] != nil {
			errs = append(errs, fmt.Errorf("conformance.md:%d: %s: a second row, the first is on line %d", line, m[1], rows[m[1]].line))
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		r := &row{id: m[1], text: cells[0], line: line}
		if columns == 4 {
			r.rfc, r.text = cells[0], cells[1]
			r.tests = strings.FieldsFunc(cells[2], func(c rune) bool { return strings.ContainsRune("`, ", c) })
		}
		rows[r.id] = r
	}
	return rows, errors.Join(errs...)
}

// format writes the page, rows in the order of ids, a table for each group.
func (p *page) format(ids []string) string {
	var b strings.Builder
	b.WriteString(p.preamble)
	for _, g := range groups {
		rows := inOrder(p.covered, ids, g.prefix)
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %s (%s)\n\n%s", g.title, g.prefix, coveredHead)
		for _, r := range rows {
			fmt.Fprintf(&b, "| %s | %s | %s | `%s` |\n", r.id, r.rfc, r.text, strings.Join(r.tests, "`, `"))
		}
	}
	b.WriteString("\n" + strings.TrimRight(p.between, "\n") + "\n")
	for _, g := range groups {
		rows := inOrder(p.notYet, ids, g.prefix)
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %s, not yet\n\n%s", g.title, notYetHead)
		for _, r := range rows {
			fmt.Fprintf(&b, "| %s | %s |\n", r.id, r.text)
		}
	}
	return b.String()
}

func inOrder(rows map[string]*row, ids []string, prefix string) []*row {
	var found []*row
	for _, id := range ids {
		if r := rows[id]; r != nil && group(id) == prefix {
			found = append(found, r)
		}
	}
	return found
}

// parseIDs reads ids.txt.
func parseIDs(text string) ([]string, error) {
	var ids []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, id := range strings.Fields(line) {
			if !wellFormed.MatchString(id) {
				return nil, fmt.Errorf("ids.txt: %q is no ID", id)
			}
			if slices.Contains(ids, id) {
				return nil, fmt.Errorf("ids.txt: %s is there twice", id)
			}
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// prefixes is the alternation of all groups, for regular expressions.
const prefixes = `(?:SYN|FRM|CON|CAP|ERR|URL|STA|SES|TRN|RTI|RNG|DSC|ANN|RED|V2|AUT|KEY|RTP|FBK|NAT|HTT|WSK|ONV|REP|PLD|SDP|SEC)`

var wellFormed = regexp.MustCompile(`^` + prefixes + `-(?:\d{2,3}|3xx|X\d)$`)
