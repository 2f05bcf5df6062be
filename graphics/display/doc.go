// Package display is the screen of the card: what people see at /screen.
//
// A picture is composed of layers, as Talisman did it (Torborg and Kajiya, SIGGRAPH
// 1996): each client's primary surface is one. The compositor is a thread that
// sleeps until something on the screen has changed or a flip is due. It wakes at the
// vertical blank, takes the flips that are due, composes what has changed, in tiles of
// 32 by 32 pixels, into the memory of the machine's display, and goes to sleep again.
// Vertical blanks are counted by the clock, so a screen that does not change costs
// nothing at all. A frame is on time whatever clients show: see Share.
//
// Views follow the screen: a copy in a client's memory, with tiles of its own that
// have changed since the client looked last.
package display
