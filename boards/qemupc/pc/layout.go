//go:build tamago && amd64

package pc

import "github.com/mmlite/mmlite/boards/metal/gort"

// Where the Go runtime keeps what the gates use, in bytes, for them and for layout,
// which is held against the running program. stackPreempt is not an offset: it is what
// stackguard0 is to be for a goroutine that is to give way.
const (
	gStackLo     = 0
	gStackHi     = 8
	gStackGuard  = 16
	gM           = 48
	gGoID        = 152
	gPreempt     = 177
	gThrowSplit  = 183
	gSigcode0    = 256
	gSigcode1    = 264
	gSigpc       = 272
	gTimer       = 360
	mG0          = 0
	mCurg        = 136
	mP           = 160
	mMallocing   = 192
	mLocks       = 216
	timerHeap    = 72
	stackPreempt = -1314
)

var layout = gort.Layout{
	StackLo: gStackLo, StackHi: gStackHi, StackGuard: gStackGuard, M: gM, GoID: gGoID, Sigcode0: gSigcode0, Sigcode1: gSigcode1, Timer: gTimer,
	G0: mG0, Curg: mCurg, P: mP, Locks: mLocks, TimerHeap: timerHeap,
}
