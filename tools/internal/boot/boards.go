// Package boot builds the images of bare-metal boards with the TamaGo toolchain and
// starts those that QEMU emulates, wired to this computer.
package boot

import (
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
)

// Link is how packets reach a board.
type Link int

const (
	NoLink Link = iota
	PCI         // the window of an ivshmem device
	Serial      // a serial port
)

// Board is one bare-metal board: how its image is built and how QEMU emulates it.
type Board struct {
	Name    string
	Package string   // its main package, within the module
	GOARCH  string   //
	Env     []string // further variables of the build
	LDFlags string

	QEMU    string   // the program
	Debian  string   // the package that has it
	Machine []string // its arguments, whatever is attached
	Link    Link
	FWCfg   bool // takes configuration strings
	AC97    bool
	// Console is how many serial ports come before the console; the first of them is
	// the link if that is serial.
	Console int
}

var boards = []Board{
	{
		Name: "qemupc", Package: "./boards/qemupc", GOARCH: "amd64",
		LDFlags: "-s -w -T 0x10010000 -R 0x1000 -E pcstart",
		QEMU:    "qemu-system-x86_64", Debian: "qemu-system-x86",
		Machine: []string{"-machine", "q35", "-cpu", "max", "-m", "1G", "-nodefaults", "-vga", "none",
			"-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-device", "bochs-display"},
		Link: PCI, FWCfg: true, AC97: true,
	},
	{
		Name: "raspberrypi", Package: "./boards/raspberrypi", GOARCH: "arm", Env: []string{"GOARM=7"},
		LDFlags: "-s -w -T 0x00110000 -R 0x1000 -E pistart",
		QEMU:    "qemu-system-arm", Debian: "qemu-system-arm",
		Machine: []string{"-M", "raspi2b", "-net", "none"},
		Link:    Serial, Console: 1,
	},
	{
		Name: "usbarmory", Package: "./boards/usbarmory", GOARCH: "arm", Env: []string{"GOARM=7", "GOFLAGS=-tags=linkramsize"},
		LDFlags: "-s -w -T 0x80010000 -R 0x1000 -E armv7start",
		QEMU:    "qemu-system-arm", Debian: "qemu-system-arm",
		Machine: []string{"-M", "mcimx6ul-evk", "-cpu", "cortex-a7", "-m", "512M", "-nic", "none"},
		// There is no USB device controller in the emulated one: its first serial port
		// takes the link.
		Link: Serial, Console: 1,
	},
}

// Boards lists the boards.
func Boards() []Board { return append([]Board(nil), boards...) }

// Find returns the board called name. The error is com.ErrNotFound.
func Find(name string) (Board, error) {
	var names []string
	for _, b := range boards {
		if b.Name == name {
			return b, nil
		}
		names = append(names, b.Name)
	}
	return Board{}, com.Errorf(com.ErrNotFound, "no board %q; there are %s", name, strings.Join(names, ", "))
}
