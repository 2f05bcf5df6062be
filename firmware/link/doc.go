// Package link is the transport under calls: a channel of two rings with bulk
// areas and doorbell words in memory that card and host share, laid out like
// the window of a PCI device.
//
// Rules that make it safe and quick:
//   - Every shared word has exactly one writer, because compare-and-swap is not
//     atomic between two processors across a PCI window.
//   - A slot is one cache line and carries its own sequence number, so one line
//     moves between processors per hop.
//   - Each end keeps its own copy of every index and checks what it reads of
//     the other's against it; nothing is parsed in shared memory.
//   - A spurious ring of the doorbell is harmless, a lost one is a bug: the
//     sleeper says that it is about to sleep (armed), looks again, and sleeps
//     on the doorbell value it read before; the waker publishes, then reads
//     armed, and rings if it has not rung for that arming yet.
package link
