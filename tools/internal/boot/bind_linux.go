package boot

import (
	"os/exec"
	"runtime"
	"syscall"
)

// bind has a program end when the calling thread does, and keeps that thread for the
// calling goroutine until the returned function is called. An interrupt typed at the
// terminal reaches this program alone.
func bind(cmd *exec.Cmd) func() {
	runtime.LockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return runtime.UnlockOSThread
}
