//go:build tamago && amd64

// The command qemupc is the card of an x86-64 PC in QEMU, on the bare machine: AC97
// plays, ivshmem is the link, the serial port and the keyboard are the console. What
// of these is not there is said on the console and in /status/board, and the rest
// works.
package main

import (
	"context"
	"fmt"

	"github.com/mmlite/mmlite/boards/metal"
	"github.com/mmlite/mmlite/boards/qemupc/pc"
)

func main() {
	b := newBoard()
	if err := metal.Run(context.Background(), b.config()); err != nil {
		fmt.Fprintf(b.console, "card: %v\n", err)
		pc.Fail()
	}
	pc.Off()
}
