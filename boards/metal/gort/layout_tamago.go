//go:build tamago

package gort

import (
	"runtime"
	"strings"
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
)

// Version is the runtime whose layout is known.
const Version = "go1.26"

// Layout says how many bytes from the beginning of what they are in fields are that
// gates use.
type Layout struct {
	// Of a goroutine (g).
	StackLo, StackHi, StackGuard, M, GoID, Sigcode0, Sigcode1, Timer uintptr
	// Of an operating system's thread (m).
	G0, Curg, P, Locks uintptr
	// Of a timer.
	TimerHeap uintptr
}

// guardSpace is how much of a goroutine's stack is left where it is to grow.
const guardSpace = 928

func word(base, offset uintptr) uintptr {
	at := base + offset
	return **(**uintptr)(unsafe.Pointer(&at))
}

// Check holds a layout against the running program. It is called on the goroutine of
// main. The error, com.ErrVersion, says what is not as it should be; then no gate may
// use it.
func (l *Layout) Check() error {
	if v := runtime.Version(); !strings.HasPrefix(v, Version) && !strings.Contains(v, "tamago-"+Version) {
		return com.Errorf(com.ErrVersion, "the runtime is %s, and the layout of %s is known", v, Version)
	}
	time.Sleep(1) // so that this goroutine has a timer
	gp, pp := runtime.GetG()
	g, p := uintptr(gp), uintptr(pp)
	m := word(g, l.M)
	var here byte
	stack := uintptr(unsafe.Pointer(&here))
	timer := word(g, l.Timer)
	const lower = 1<<32 - 1
	for what, ok := range map[string]bool{
		"g.stack":       word(g, l.StackLo) < stack && stack < word(g, l.StackHi),
		"g.stackguard0": word(g, l.StackGuard) == word(g, l.StackLo)+guardSpace,
		"m.curg":        word(m, l.Curg) == g,
		"m.p":           word(m, l.P) == p,
		"m.g0":          word(m, l.G0) != g && word(word(m, l.G0), l.M) == m,
		"g.goid":        word(g, l.GoID)&lower == 1,
		"m.locks":       word(m, l.Locks)&lower == 0,
		"g.timer":       timer != 0,
		"timer.ts":      timer != 0 && word(timer, 0) == 0 && l.TimerHeap != 0,
	} {
		if !ok {
			return com.Errorf(com.ErrVersion, "%s of %s is not where it was looked for", what, runtime.Version())
		}
	}
	return nil
}
