// Package ipc carries calls between domains: packets, the marshalling runtime
// that generated proxies and stubs use, and the tables that say which objects a
// connection has handed out and received.
//
// A Conn is symmetrical: host and card both export and import objects. What
// differs is how each end waits, which a Driver supplies: goroutines that look
// for replies on a host, threads of a virtual processor on a card.
//
// Everything that arrives is copied before it is looked at, and every index,
// length and number is checked against this end's own tables. A packet that
// does not check out closes the connection with a reason.
package ipc
