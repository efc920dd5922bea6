// Generate draws Baton's demo film and writes it to the file named as its argument; go generate in package film runs it.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"image/jpeg"
	"os"

	"github.com/baton-rtsp/baton/internal/container/mjpeg/film"
)

// quality is as high as lets the film stay below 1.5 MB.
const quality = 40

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("want the name of the file to write")
	}
	var out bytes.Buffer
	s := newScene()
	for i := range film.Frames {
		if err := jpeg.Encode(&out, s.draw(i), &jpeg.Options{Quality: quality}); err != nil {
			return err
		}
	}
	return os.WriteFile(args[0], out.Bytes(), 0o644)
}
