package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/methods"
	"github.com/baton-rtsp/baton/rtspclient"
)

// tryMethods prints what a server answers to each method in each state.
func tryMethods(ctx context.Context, c *config.Methods, stdout io.Writer) error {
	cells, err := methods.Run(ctx, c.URL, rtspclient.Config{AllowBasic: c.BasicAuth, TLS: c.Trust.TLS()})
	if len(cells) == 0 {
		return asExit(err)
	}
	if c.JSON {
		b, _ := json.MarshalIndent(cells, "", "  ")
		fmt.Fprintf(stdout, "%s\n", b)
		return asExit(err)
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "METHOD\tSTATE\tANSWER\t\tWHAT FITS")
	for _, cell := range cells {
		answer, mark := cell.Error, ""
		if cell.Status != 0 {
			answer = fmt.Sprintf("%d %s", cell.Status, cell.Status.Text())
		}
		if !cell.Fits {
			mark = "odd"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", cell.Method, cell.State, answer, mark, cell.Want)
	}
	w.Flush()
	return asExit(err)
}
