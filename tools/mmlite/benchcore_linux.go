package main

import (
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

// startOnOneCore starts a process that may use one processor only, the last that
// this one may use. A process inherits the processors of the thread that starts
// it, so this thread is confined meanwhile.
func startOnOneCore(cmd *exec.Cmd) (why string, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return "", err
	}
	for i := range len(all) * 64 {
		if all.IsSet(i) {
			one.Zero()
			one.Set(i)
		}
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return "this system confines no process to one processor: " + err.Error(), nil
	}
	err = cmd.Start()
	if e := unix.SchedSetaffinity(0, &all); err == nil {
		err = e
	}
	return "", err
}
