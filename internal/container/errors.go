package container

import (
	"errors"
	"fmt"
)

// ErrFormat means that a file is of another format than the one it was opened as.
var ErrFormat = errors.New("not this container")

// A DamagedError means that a file is of the format it was opened as, but broken.
type DamagedError struct {
	Offset int64 // byte of the file where it shows
	Err    error
}

func (e *DamagedError) Error() string { return fmt.Sprintf("damaged at byte %d: %v", e.Offset, e.Err) }
func (e *DamagedError) Unwrap() error { return e.Err }
