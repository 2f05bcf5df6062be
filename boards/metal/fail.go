package metal

import (
	"fmt"
	"io"
	"strconv"
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/thread"
)

// hogTime is for how long a hog keeps the processor.
const hogTime = 3 * time.Second

// Debug returns the commands of cards that are to be tested, if on is not empty.
func Debug(on string) []Command {
	if on == "" {
		return nil
	}
	return []Command{{Name: "fail", Args: "nil|divide|address|code|hog|stack", Help: "go wrong in that way", Run: fail}}
}

// fail has a thread of its own go wrong, so that it can be seen what becomes of the
// card.
func fail(card *firmware.Card, out io.Writer, args []string) error {
	if len(args) != 1 {
		return com.Errorf(com.ErrInvalid, "in which way?")
	}
	ways := map[string]func(){
		"nil":    func() { fmt.Fprintln(out, *nowhere) },
		"divide": func() { fmt.Fprintln(out, 1/nothing) },
		"address": func() {
			if b, err := reg.Bytes(uint64(far), 1); err == nil {
				fmt.Fprintln(out, b[0])
			}
		},
		"code":  func() { (*(*func())(unsafe.Pointer(&nobody)))() },
		"stack": func() { fmt.Fprintln(out, deep(1)) },
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
	far     = uintptr(7<<28) << (strconv.IntSize/2 - 16) // beyond the page tables, or in no device's range
	nobody  = &far                                       // what the value of a function is
)

//go:noinline
func deep(n int) int { return deep(n+1) + n }
