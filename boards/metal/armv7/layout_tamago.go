//go:build tamago && arm

package armv7

import "github.com/mmlite/mmlite/boards/metal/gort"

// Where the Go runtime keeps what the gates use, in bytes, for them and for layout,
// which is held against the running program. stackPreempt is not an offset: it is what
// stackguard0 is to be for a goroutine that is to give way.
const (
	gStackLo     = 0
	gStackHi     = 4
	gStackGuard  = 8
	gM           = 24
	gGoID        = 80
	gPreempt     = 101
	gThrowSplit  = 107
	gSigcode0    = 164
	gSigcode1    = 168
	gSigpc       = 172
	gTimer       = 220
	mG0          = 0
	mCurg        = 72
	mP           = 84
	mMallocing   = 104
	mLocks       = 120
	timerHeap    = 48
	stackPreempt = -1314
)

var layout = gort.Layout{
	StackLo: gStackLo, StackHi: gStackHi, StackGuard: gStackGuard, M: gM, GoID: gGoID, Sigcode0: gSigcode0, Sigcode1: gSigcode1, Timer: gTimer,
	G0: mG0, Curg: mCurg, P: mP, Locks: mLocks, TimerHeap: timerHeap,
}
