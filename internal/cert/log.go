package cert

import (
	"context"
	"log/slog"

	"go.uber.org/zap/zapcore"
)

// A slogCore brings what the library logs to our log.
type slogCore struct{ *slog.Logger }

// Enabled tells whether a level is logged.
func (c slogCore) Enabled(l zapcore.Level) bool {
	return c.Logger.Enabled(context.Background(), level(l))
}

// With is a core that adds fields to each entry.
func (c slogCore) With(fields []zapcore.Field) zapcore.Core {
	return slogCore{c.Logger.With(attributes(fields)...)}
}

// Check adds the core to an entry that is to be logged.
func (c slogCore) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) {
		return ce.AddCore(e, c)
	}
	return ce
}

// Write logs an entry.
func (c slogCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	c.Log(context.Background(), level(e.Level), "certificates: "+e.Message, attributes(fields)...)
	return nil
}

// Sync has nothing to do.
func (c slogCore) Sync() error { return nil }

func level(l zapcore.Level) slog.Level {
	switch {
	case l < zapcore.InfoLevel:
		return slog.LevelDebug
	case l == zapcore.InfoLevel:
		return slog.LevelInfo
	case l == zapcore.WarnLevel:
		return slog.LevelWarn
	}
	return slog.LevelError
}

func attributes(fields []zapcore.Field) []any {
	m := zapcore.NewMapObjectEncoder()
	var all []any
	for _, f := range fields {
		f.AddTo(m)
	}
	for k, v := range m.Fields {
		all = append(all, k, v)
	}
	return all
}
