// Package web is the pages that browsers get, embedded. It serves nothing itself: internal/web does.
package web

import (
	"embed"
	"io/fs"
)

//go:generate go run -C bundle .

// page is read only.
//
//go:embed page
var page embed.FS

// Files has play.html, and what it needs below assets.
func Files() fs.FS {
	sub, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}
