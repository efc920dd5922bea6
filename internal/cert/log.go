package cert

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"go.uber.org/zap/zapcore"
)

// A slogCore brings what the library logs to our log: what it goes through step by step is for who debugs, and what comes of it is said
// in a line.
type slogCore struct{ *slog.Logger }

// A line is how an entry of the library is logged.
type line struct {
	level slog.Level
	text  string   // "": as the library has it
	only  []string // of its fields; nil: all
}

// lines are those entries that are not logged as others of their level. Read only.
var lines = map[string]line{
	"certificate obtained successfully": {slog.LevelInfo, "certificate obtained", []string{"identifier", "issuer"}},
	"certificate renewed successfully":  {slog.LevelInfo, "certificate renewed", []string{"identifier", "issuer"}},
	// The first is of a name that has none yet, the second of one whose certificate is due.
	"will retry": {slog.LevelWarn, "no certificate from the authority, it is asked again", []string{"error", "retrying_in"}},
	"job failed": {slog.LevelWarn, "certificate not renewed, the authority is asked again", []string{"error"}},
	// These come before one of those two, which say it too.
	"could not get certificate from issuer": {level: slog.LevelDebug},
	"challenge failed":                      {level: slog.LevelDebug},
	"validating authorization":              {level: slog.LevelDebug},
	"HTTP request failed; retrying":         {level: slog.LevelDebug},
}

// Enabled tells whether a level is logged. Which line an entry becomes is not known yet.
func (c slogCore) Enabled(l zapcore.Level) bool {
	return l >= zapcore.InfoLevel || c.Logger.Enabled(context.Background(), slog.LevelDebug)
}

// With is a core that adds fields to each entry.
func (c slogCore) With(fields []zapcore.Field) zapcore.Core {
	return slogCore{c.Logger.With(attributes(fields, nil)...)}
}

// Check adds the core to an entry that is to be logged.
func (c slogCore) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) {
		return ce.AddCore(e, c)
	}
	return ce
}

// Write logs an entry. That an attempt ended because the program does is not worth a line.
func (c slogCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	l, ok := lines[e.Message]
	if !ok {
		l.level = level(e.Level)
	}
	if l.text == "" {
		l.text = "certificates: " + e.Message
	}
	all := attributes(fields, l.only)
	if e.Message == "job failed" && slices.ContainsFunc(all, ended) {
		return nil
	}
	c.Log(context.Background(), l.level, l.text, all...)
	return nil
}

// ended finds the text of context.Canceled, which is all that the library leaves of it.
func ended(value any) bool {
	text, ok := value.(string)
	return ok && strings.HasSuffix(text, context.Canceled.Error())
}

// Sync has nothing to do.
func (c slogCore) Sync() error { return nil }

func level(l zapcore.Level) slog.Level {
	switch {
	case l <= zapcore.InfoLevel:
		return slog.LevelDebug
	case l == zapcore.WarnLevel:
		return slog.LevelWarn
	}
	return slog.LevelError
}

// attributes are fields, or only those of some names.
func attributes(fields []zapcore.Field, only []string) []any {
	m := zapcore.NewMapObjectEncoder()
	var all []any
	for _, f := range fields {
		f.AddTo(m)
	}
	for k, v := range m.Fields {
		if only == nil || slices.Contains(only, k) {
			all = append(all, k, v)
		}
	}
	return all
}
