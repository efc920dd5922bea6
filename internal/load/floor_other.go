//go:build !linux

package load

import (
	"context"
	"net"
)

// Floor needs Linux.
func Floor(context.Context, FloorConfig, func(net.Addr)) error { return ErrNoFloor }
