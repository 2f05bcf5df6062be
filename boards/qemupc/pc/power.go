//go:build tamago && amd64

package pc

// exit ends the card where the Go runtime has nothing more to run: with code 0 it
// switches the machine off, with another it starts anew.
func exit(code int32) {
	interruptsOff()
	if Debug {
		out32(debugExit, uint32(code))
	}
	if code == 0 {
		Off()
	}
	Restart()
}

// Debug has the card end its emulator rather than start anew after a failure.
var Debug bool

// debugExit is the port of QEMU's isa-debug-exit: its process then ends with
// twice the value, and one.
const debugExit = 0xf4

// Off switches the machine off.
func Off() {
	if fixed != nil {
		fixed.Off()
	}
	stop()
}

// Restart starts the machine anew, by the reset control register of the south bridge
// (ICH9, 13.7.5) or the keyboard's controller.
func Restart() {
	out8(0xcf9, 2)
	out8(0xcf9, 6)
	out8(0x64, 0xfe)
	stop()
}

func stop() {
	interruptsOff()
	for {
		halt(1)
	}
}

// Fail starts anew after what the card cannot go on from, or ends the emulator.
func Fail() { exit(1) }
