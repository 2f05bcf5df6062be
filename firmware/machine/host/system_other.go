//go:build !linux

package host

import (
	"runtime"

	"github.com/mmlite/mmlite/firmware/machine"
)

// systemOffset starts the machine's time at a second, as the system's own is not
// to be had.
func (m *Machine) systemOffset() machine.Time { return machine.Time(machine.Second) }

func processors() int { return runtime.NumCPU() }
