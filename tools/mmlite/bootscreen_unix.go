//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// screenRequests receives a value each time that somebody asks for a picture of the
// screen.
func screenRequests() (<-chan os.Signal, func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	return c, func() { signal.Stop(c) }
}
