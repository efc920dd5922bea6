package main

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
)

// errNoBrowser means that this machine has no way to show a page.
var errNoBrowser = errors.New("there is no desktop here")

// openBrowser opens a page in the browser that the system prefers. It does not wait for it.
func openBrowser(url string) error {
	var c *exec.Cmd
	switch runtime.GOOS {
	case "windows":
		c = exec.Command("rundll32", "url.dll,FileProtocolHandler", url)
	case "darwin":
		c = exec.Command("open", url)
	default:
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return errNoBrowser
		}
		c = exec.Command("xdg-open", url)
	}
	if err := c.Start(); err != nil {
		return err
	}
	go c.Wait() // ends with the program that was started, which ends when it has told the browser
	return nil
}
