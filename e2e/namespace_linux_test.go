package e2e

import (
	"context"
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// dialFrom opens a TCP connection from an address of a namespace.
func dialFrom(ctx context.Context, namespace string, from net.IP, address string) (conn net.Conn, err error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
	err = within(namespace, func() error { conn, err = d.DialContext(ctx, "tcp", address); return err })
	return conn, err
}

// within runs something in a network namespace.
func within(namespace string, do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		f, err := os.Open("/run/netns/" + namespace)
		if err == nil {
			err = unix.Setns(int(f.Fd()), unix.CLONE_NEWNET)
			f.Close()
		}
		if err == nil {
			err = do()
		}
		done <- err
	}()
	return <-done
}
