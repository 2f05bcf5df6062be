package thread_test

import (
	"fmt"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/thread"
)

// An interrupt every second wakes a thread, in virtual time: three seconds pass
// at once.
func Example() {
	m := sim.New(1)
	p := thread.NewProcessor(thread.Config{Machine: m})
	defer p.Close()

	var tick thread.Event
	m.Every(machine.Second, func() bool {
		tick.Signal()
		return true
	})
	err := p.Call("counter", thread.Attributes{}, func(*thread.Thread) {
		for range 3 {
			tick.Wait(machine.Forever)
			fmt.Println("tick at", thread.Now())
		}
	})
	fmt.Println(err)
	// Output:
	// tick at 1s
	// tick at 2s
	// tick at 3s
	// <nil>
}
