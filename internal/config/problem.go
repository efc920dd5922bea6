package config

import (
	"fmt"
	"strings"
)

// Problem is one thing wrong with the command line or the configuration file.
type Problem struct {
	File string // the configuration file; empty for the command line
	Line int    // line of File from 1; 0 when it is about no line
	Key  string // the key or flag, as in "udp" or "paths.cam1.hold"; may be empty
	Text string // the sentence, without file, line and hint
	Hint string // what was probably meant; empty if nothing comes near
}

// String returns the problem as FILE:LINE: sentence.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
	}
	b.WriteString(p.Text)
	if p.Hint != "" {
		fmt.Fprintf(&b, "; did you mean %s?", p.Hint)
	}
	return b.String()
}

// Error is everything that is wrong, at least one problem: those of the command
// line, then those of the file in the order of its lines.
type Error struct {
	Problems []Problem
}

// Error returns one line for each problem.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// valueError says why a text is not a value.
type valueError struct {
	text string
	hint string
}

func (e *valueError) Error() string {
	return Problem{Text: e.text, Hint: e.hint}.String()
}
