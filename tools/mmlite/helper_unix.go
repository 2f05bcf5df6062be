//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps an interrupt typed at the terminal from a helper, which its program ends
// when it has asked it for figures.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
