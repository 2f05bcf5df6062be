//go:build tamago && amd64

package main

import (
	"fmt"
	"io"
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/thread"
)

// hogTime is for how long a hog keeps the processor.
const hogTime = 3 * time.Second

// fail has a thread of its own go wrong, so that it can be seen what becomes of the
// card. Only a card with the setting debug has the command.
func fail(card *firmware.Card, out io.Writer, args []string) error {
	if len(args) != 1 {
		return com.Errorf(com.ErrInvalid, "in which way?")
	}
	ways := map[string]func(){
		"nil":     func() { fmt.Fprintln(out, *nowhere) },
		"divide":  func() { fmt.Fprintln(out, 1/nothing) },
		"address": func() { fmt.Fprintln(out, *(*int)(unsafe.Pointer(far))) },
		"stack":   func() { fmt.Fprintln(out, deep(1)) },
		"hog": func() {
			thread.Await(func() { //mm:await it is what this is about
				for end := time.Now().Add(hogTime); time.Now().Before(end); {
				}
			})
			fmt.Fprintln(out, "the hog has had enough")
		},
	}
	way := ways[args[0]]
	if way == nil {
		return com.Errorf(com.ErrInvalid, "there is no way %q", args[0])
	}
	_, err := card.Spare.Spawn("failing", thread.Attributes{Activity: card.Activities.Get("console")}, func(*thread.Thread) { way() })
	return err
}

var (
	nowhere *int
	nothing int
	far     uintptr = 1 << 46 // beyond the page tables
)

//go:noinline
func deep(n int) int { return deep(n+1) + n }
