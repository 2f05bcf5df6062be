//go:build tamago && amd64

package pc

import (
	"github.com/mmlite/mmlite/boards/driver/acpi"
	"github.com/mmlite/mmlite/boards/driver/pci"
	"github.com/mmlite/mmlite/firmware/machine/cpu"
)

// pmMask is what the power management timer of ACPI has of a 32-bit count.
const pmMask = 1<<24 - 1

// fixed is ACPI's fixed hardware, or nil.
var fixed *acpi.Fixed

// spread is by how many parts in a million the last two measurements differed.
var spread uint64

// calibrate measures the counters of the processor against ACPI's timer, until two
// measurements in a row agree.
func calibrate() {
	const (
		ticks = acpi.Rate * 30 / 1000
		tries = 6
		near  = 100 // parts in a million
	)
	var err error
	if fixed, err = acpi.Find(pci.New(Ports{}), Ports{}); err != nil {
		setRate(1e9)
		timerRate, spread = 1e9, 1e6
		return
	}
	var before uint64
	for range tries {
		lapicWrite(lapicInitial, ^uint32(0))
		p0, c0, t0 := sample()
		var p1, t1 uint32
		var c1 uint64
		for p1 = p0; (p1-p0)&pmMask < ticks; {
			p1, c1, t1 = sample()
		}
		d := uint64((p1 - p0) & pmMask)
		rate := (c1 - c0) * acpi.Rate / d
		timerRate = uint64(t0-t1) * acpi.Rate / d
		spread = 1e6
		if before != 0 {
			if rate < before {
				spread = before - rate
			} else {
				spread = rate - before
			}
			spread = spread * 1e6 / rate
		}
		setRate(rate)
		if spread < near {
			break
		}
		before = rate
	}
}

// sample reads the timer and both counters as closely together as it gets in a few
// attempts.
func sample() (pm uint32, tsc uint64, timer uint32) {
	best := ^uint64(0)
	for range 4 {
		a := cpu.Cycles()
		t := lapicRead(lapicCurrent)
		p := fixed.Count()
		if b := cpu.Cycles(); b-a < best {
			best, pm, tsc, timer = b-a, p, a+(b-a)/2, t
		}
	}
	return pm, tsc, timer
}
