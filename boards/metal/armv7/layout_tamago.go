//go:build tamago && arm

package armv7

import (
	"runtime"
	"strings"
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
)

// Where the Go runtime keeps what the gates use, as in runtime_arm.h.
const (
	gStackLo   = 0
	gStackHi   = 4
	gStackGd   = 8
	gM         = 24
	gGoid      = 80
	gSigcode0  = 164
	gSigcode1  = 168
	gTimer     = 220
	mG0        = 0
	mCurg      = 72
	mP         = 84
	mLocks     = 120
	timerTs    = 48
	guardSpace = 928
	version    = "go1.26"
)

// checkLayout holds those figures against the running program. It returns what is
// not as it should be; then the gates must not use them.
func checkLayout() error {
	if !strings.HasPrefix(runtime.Version(), version) && !strings.Contains(runtime.Version(), "tamago-"+version) {
		return com.Errorf(com.ErrVersion, "the runtime is %s, and the layout of %s is known", runtime.Version(), version)
	}
	time.Sleep(1) // so that this goroutine has a timer
	g, p := runtime.GetG()
	at := func(base uint, offset uintptr) uint { return *(*uint)(unsafe.Pointer(uintptr(base) + offset)) }
	m := at(g, gM)
	var here byte
	stack := uint(uintptr(unsafe.Pointer(&here)))
	timer := at(g, gTimer)
	for what, ok := range map[string]bool{
		"g.stack":       at(g, gStackLo) < stack && stack < at(g, gStackHi),
		"g.stackguard0": at(g, gStackGd) == at(g, gStackLo)+guardSpace,
		"m.curg":        at(m, mCurg) == g,
		"m.p":           at(m, mP) == p,
		"m.g0":          at(m, mG0) != g && at(at(m, mG0), gM) == m,
		"g.goid":        at(g, gGoid) == 1,
		"m.locks":       at(m, mLocks) == 0,
		"g.timer":       timer != 0,
		"timer.ts":      timer != 0 && at(timer, 0) == 0,
	} {
		if !ok {
			return com.Errorf(com.ErrVersion, "%s of %s is not where it was looked for", what, runtime.Version())
		}
	}
	return nil
}
