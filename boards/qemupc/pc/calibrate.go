//go:build tamago && amd64

package pc

import "github.com/mmlite/mmlite/firmware/machine/cpu"

// The power management timer of ACPI counts evenly at this rate (ACPI 6.5, 4.8.3.3).
const (
	pmRate = 3579545
	pmMask = 1<<24 - 1
)

const (
	configAddress = 0xcf8
	configData    = 0xcfc
)

// powerPort finds the ports of power management in the south bridges of QEMU's two
// PCs, ICH9 (13.1.13) and PIIX4 (7.3.9), at 0x40 of their configuration.
func powerPort() uint16 {
	read := func(device, function, r uint32) uint32 {
		out32(configAddress, 1<<31|device<<11|function<<8|r)
		return in32(configData)
	}
	for _, at := range [][2]uint32{{0x1f, 0}, {1, 3}} {
		if id := read(at[0], at[1], 0); id == 0x29188086 || id == 0x71138086 {
			return uint16(read(at[0], at[1], 0x40) & 0xff80)
		}
	}
	return 0
}

// spread is by how many parts in a million the last two measurements differed.
var spread uint64

// calibrate measures the counters of the processor against that timer, until two
// measurements in a row agree.
func calibrate() {
	const (
		ticks = pmRate * 30 / 1000
		tries = 6
		near  = 100 // parts in a million
	)
	port := powerPort()
	if port == 0 {
		setRate(1e9)
		timerRate, spread = 1e9, 1e6
		return
	}
	var before uint64
	for range tries {
		lapicWrite(lapicInitial, ^uint32(0))
		p0, c0, t0 := sample(port + 8)
		var p1, t1 uint32
		var c1 uint64
		for p1 = p0; (p1-p0)&pmMask < ticks; {
			p1, c1, t1 = sample(port + 8)
		}
		d := uint64((p1 - p0) & pmMask)
		rate := (c1 - c0) * pmRate / d
		timerRate = uint64(t0-t1) * pmRate / d
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
func sample(port uint16) (pm uint32, tsc uint64, timer uint32) {
	best := ^uint64(0)
	for range 4 {
		a := cpu.Cycles()
		t := lapicRead(lapicCurrent)
		p := in32(port)
		if b := cpu.Cycles(); b-a < best {
			best, pm, tsc, timer = b-a, p, a+(b-a)/2, t
		}
	}
	return pm, tsc, timer
}
