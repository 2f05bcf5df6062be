// Package stream is the link where card and host share no memory: USB pipes, a
// serial line, a socket. The packets are the same as in shared memory, and so is
// everything above.
//
// From top to bottom:
//   - A Window is a channel in this side's own memory whose far end is moved by
//     two goroutines over a byte stream, after a greeting.
//   - A Session carries the byte streams of several programs over one Carrier, each
//     with credit of its own, so that one that does not read holds up no other.
//   - A Carrier moves blocks, in order and whole. A USB pipe is one by itself: a
//     transfer is a block. A Line makes one of bytes that may be lost or damaged.
//
// The goroutines here are what interrupts are on a card: they move bytes and wake
// threads.
package stream
