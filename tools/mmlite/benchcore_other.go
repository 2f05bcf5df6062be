//go:build !linux

package main

import (
	"os/exec"
	"runtime"
)

func startOnOneCore(*exec.Cmd) (why string, err error) {
	return "processes are confined to one processor on Linux only, and this is " + runtime.GOOS, nil
}
