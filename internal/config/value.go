package config

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/timeline"
)

func parseFolder(s string) (string, error) {
	if s == "" || strings.ContainsRune(s, 0) {
		return "", &valueError{text: fmt.Sprintf("%q is not a folder", s)}
	}
	return s, nil
}

func parseLogLevel(s string) (slog.Level, error) {
	return oneOf(s, map[string]slog.Level{
		"debug": slog.LevelDebug,
		"info":  slog.LevelInfo,
		"warn":  slog.LevelWarn,
		"error": slog.LevelError,
	}, "debug", "info", "warn", "error")
}

func parseStart(s string) (timeline.Start, error) {
	return oneOf(s, map[string]timeline.Start{
		"instant": timeline.StartInstant, "keyframe": timeline.StartKeyframe, "live": timeline.StartLive,
	}, "instant", "keyframe", "live")
}

// parseGroup takes a multicast address, or a range of them.
func parseGroup(s string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(s)
	if addr, no := netip.ParseAddr(s); no == nil && addr.Zone() == "" {
		prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	if err != nil || !prefix.Addr().IsMulticast() || !prefix.Masked().Addr().IsMulticast() {
		return netip.Prefix{}, &valueError{text: fmt.Sprintf("%q is no multicast address, such as 239.255.12.1, nor a range of them, such as 239.255.12.0/24", s)}
	}
	return prefix, nil
}

// parseEvenPort takes a port with room for those of all tracks behind it.
func parseEvenPort(s string) (int, error) {
	port, err := within(2, 65470, parseInt)(s)
	if err == nil && port%2 != 0 {
		err = &valueError{text: fmt.Sprintf("%d is odd, and RTP has the even ports", port)}
	}
	return port, err
}

func parsePlayMode(s string) (PlayMode, error) {
	return oneOf(s, map[string]PlayMode{"replace": PlayReplace, "queue": PlayQueue}, "replace", "queue")
}

// parseBool takes true and false only. What YAML 1.1 took as well gets a hint.
func parseBool(s string) (bool, error) {
	b, err := oneOf(s, map[string]bool{"true": true, "false": false}, "true", "false")
	if e, ok := err.(*valueError); ok {
		switch strings.ToLower(s) {
		case "yes", "y", "on", "1":
			e.hint = "true"
		case "no", "n", "off", "0":
			e.hint = "false"
		}
	}
	return b, err
}

// oneOf looks s up in values, whose keys are words in the order of a sentence.
func oneOf[T any](s string, values map[string]T, words ...string) (T, error) {
	v, ok := values[s]
	if !ok {
		last := len(words) - 1
		return v, &valueError{
			text: fmt.Sprintf("%q is not %s or %s", s, strings.Join(words[:last], ", "), words[last]),
			hint: nearest(s, words),
		}
	}
	return v, nil
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		e := &valueError{text: fmt.Sprintf("%q is not a time such as 10s, 500ms or 1m30s", s)}
		if _, err := time.ParseDuration(s + "s"); err == nil {
			e.hint = s + "s"
		}
		return 0, e
	}
	return d, nil
}

func parseInt(s string) (int, error) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0, &valueError{text: fmt.Sprintf("%q is not a whole number", s)}
	}
	return int(n), nil
}

// within refuses what parse returns below low or above high.
func within[T cmp.Ordered](low, high T, parse func(string) (T, error)) func(string) (T, error) {
	return func(s string) (T, error) {
		v, err := parse(s)
		if err == nil && (v < low || v > high) {
			return v, &valueError{text: fmt.Sprintf("%q is not between %v and %v", s, spell(low), spell(high))}
		}
		return v, err
	}
}

// spell writes a bound as the file would: 1h, not 1h0m0s.
func spell(v any) string {
	text := fmt.Sprint(v)
	if _, ok := v.(time.Duration); ok {
		if short, ok := strings.CutSuffix(text, "m0s"); ok {
			text = short + "m"
		}
		if short, ok := strings.CutSuffix(text, "h0m"); ok {
			text = short + "h"
		}
	}
	return text
}
