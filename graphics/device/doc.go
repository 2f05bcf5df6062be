// Package device is what one client draws with: the objects behind /graphics, with
// surfaces, flip chains, palettes and blits as DirectDraw 7 has them.
//
// A chain of surfaces lies in one piece of memory, which is the client's to write in
// place where its link shares memory. Flip moves the memories of a chain on by one
// place; the objects stay. A device's primary is a layer of the screen (package
// display), stretched to it.
//
// What draws runs under the device's lock, which is passed on in the order in which
// calls come, so that one-way calls of one client have their effects in order. What a
// renderer has put off is settled before anybody else touches the pixels (Worker).
// Nothing allocates per blit or flip.
//
// The last release of an object only leaves a note: its memory is given back on the
// clean-up thread, since a renderer may still draw into it. Whoever finds no room
// waits for that first.
package device
