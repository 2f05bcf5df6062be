//go:build tamago && amd64

package pc

import (
	"math/bits"
	"time"
	_ "unsafe"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/cpu"
)

// The clock is the time-stamp counter. Its zero is the start of the card.
var (
	tscRate  uint64
	tscMult  uint64 // ns a count, 32.32
	tscBase  uint64
	clockOff int64 // from the start of the card's time to 1970
)

// since returns the time since the start. It neither allocates nor splits the stack:
// the runtime asks from its own.
//
//go:nosplit
func since() int64 {
	hi, lo := bits.Mul64(cpu.Cycles()-tscBase, tscMult)
	return int64(hi<<32 | lo>>32)
}

//go:linkname nanotime runtime/goos.Nanotime
//go:nosplit
func nanotime() int64 { return clockOff + since() + 1 }

// Now returns the time since the start of the card.
func (*CPU) Now() machine.Time { return machine.Time(since()) }

// CycleRate returns how often a second cpu.Cycles counts.
func (*CPU) CycleRate() uint64 { return tscRate }

// counts is what two counters did in the same time.
func setRate(rate uint64) {
	tscRate = rate
	tscBase = cpu.Cycles()
	const second = uint64(time.Second)
	tscMult, _ = bits.Div64(second>>32, second<<32, rate)
}
