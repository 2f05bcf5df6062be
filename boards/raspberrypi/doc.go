//go:build tamago && arm

// Command raspberrypi is the image of a Raspberry Pi 2: bare metal, over TamaGo's
// processor package and the drivers of boards/driver/bcm2835. README.md says how it
// gets onto a board, and what was tried.
package main
