// Package container describes opened media files: tracks, and a compact index of their samples that playbacks share. The
// packages below it read one container each and fill the index; package vod plays what they found. Nothing here knows a
// container format, keeps a whole file in memory or writes to a file.
package container
