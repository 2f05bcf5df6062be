// Package hosted is how a program and a hosted card, two processes on one
// computer, come to share a window: the card makes a sealed piece of anonymous
// memory for each client, lays a channel out in it, and hands it over through a
// unix socket. The socket stays open, and tells each side when the other dies.
//
// Where a system cannot share memory between processes like this, or no
// doorbell can be rung across them, the same packets travel through the socket,
// and system.Info says so.
package hosted
