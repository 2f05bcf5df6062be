package bcm2835

import (
	"github.com/mmlite/mmlite/boards/driver/reg"
)

// The random number generator, which the manual leaves out; as in Linux,
// drivers/char/hw_random/bcm2835-rng.c.
const (
	rngControl = 0x104000
	rngStatus  = 0x104004
	rngData    = 0x104008
	rngWarmUp  = 0x40000 // numbers that are not given out
)

// StartRandom starts the random number generator.
func StartRandom(r reg.Space) {
	r.Write32(rngStatus, rngWarmUp)
	r.Write32(rngControl, 1)
}

// Random fills b with random numbers, waiting for them. It reports false if the
// generator gives none.
func Random(r reg.Space, b []byte) bool {
	for len(b) > 0 {
		for n := 0; r.Read32(rngStatus)>>24 == 0; n++ {
			if n >= patience {
				return false
			}
		}
		v := r.Read32(rngData)
		for i := 0; i < 4 && len(b) > 0; i++ {
			b[0] = byte(v >> (8 * i))
			b = b[1:]
		}
	}
	return true
}

// The watchdog and the reset, which the manual leaves out; as in Linux,
// drivers/watchdog/bcm2835_wdt.c.
const (
	pmControl  = 0x10001C
	pmWatchdog = 0x100024
	pmPassword = 0x5A000000
	pmFull     = 0x20 // a full reset
	pmMask     = 0xFFFFFFCF
)

// Restart resets the board within a millisecond.
func Restart(r reg.Space) {
	r.Write32(pmWatchdog, pmPassword|10)
	r.Write32(pmControl, pmPassword|r.Read32(pmControl)&^uint32(0xFF000000)&pmMask|pmFull)
}

// The system timer (section 12).
const (
	timerLow  = 0x3004
	timerHigh = 0x3008
)

// Microseconds is how long the chip runs.
func Microseconds(r reg.Space) uint64 {
	for {
		high := r.Read32(timerHigh)
		low := r.Read32(timerLow)
		if r.Read32(timerHigh) == high {
			return uint64(high)<<32 | uint64(low)
		}
	}
}
