//go:build !linux

package main

import (
	"fmt"
	"runtime"
)

// initCmd is for Linux.
type initCmd struct {
	Args []string `arg:"" optional:"" passthrough:""`
}

// Run implements kong.
func (c *initCmd) Run() error {
	return fmt.Errorf("mmlite init is for Linux; this is %s", runtime.GOOS)
}
