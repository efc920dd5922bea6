package load

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A cost is what a process has used so far.
type cost struct {
	user, system float64 // seconds
	resident     float64 // megabytes
	peak         float64 // resident, the most so far
}

// ticks a second, of the times in /proc.
const ticks = 100

// costOf reads what Linux says of a process; it is zero for others.
func costOf(pid int) (c cost) {
	if pid == 0 {
		return c
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return c
	}
	// Behind the name, which may have anything in it, the times are the twelfth and thirteenth.
	if f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])); len(f) > 12 {
		user, _ := strconv.ParseFloat(f[11], 64)
		system, _ := strconv.ParseFloat(f[12], 64)
		c.user, c.system = user/ticks, system/ticks
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return c
	}
	for line := range strings.Lines(string(status)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		kb, _ := strconv.ParseFloat(f[1], 64)
		switch f[0] {
		case "VmRSS:":
			c.resident = kb / 1024
		case "VmHWM:":
			c.peak = kb / 1024
		}
	}
	return c
}
