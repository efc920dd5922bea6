//go:build !linux

package rtspserver

// watchErrors does nothing: on this system an unconnected socket does not tell which destination refused.
// Readers that are gone time out instead.
func watchErrors(*udpSocket) {}

func drainErrors(*udpSocket) bool { return false }

func isRefused(error) bool { return false }
