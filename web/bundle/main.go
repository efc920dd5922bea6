// Command bundle makes the scripts of the pages from their TypeScript: go generate ./web runs it. What it makes is committed, so that
// nothing but Go is needed to build Baton; a test fails when it is stale.
package main

import (
	"fmt"
	"os"
)

func main() {
	files, err := bundle("..")
	for name, content := range files {
		if err == nil {
			err = os.WriteFile(name, content, 0o644)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}
