package payload

import (
	"encoding/hex"
	"strings"
)

// decodeHex reads the config of MPEG-4 fmtp.
func decodeHex(s string) ([]byte, error) { return hex.DecodeString(strings.TrimSpace(s)) }
