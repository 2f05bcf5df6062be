// Package synth is the synthesizer component: the factory at /synth, its banks,
// and its ports, each with sixteen MIDI channels, a voice engine and a thread of
// its own.
//
// A port's thread renders the windows that the output opens (package
// mixer/output), on whatever virtual processor the sound runs. Calls arrive on
// other threads, perhaps of another processor. Between the two are a queue of
// timed events with one producer at a time, a queue of live messages with many,
// and atomic words; nobody takes a lock that the other needs. So what a port
// renders depends on its own events and frames and on nothing else: it is the
// same bytes beside sixty-three other ports as alone.
//
// A port learns what its work takes and tells the output what the next window will
// need; what it may take limits how many voices sound. Those that are missed least
// fade at once when there is too little time, and the limit is lifted by and by.
//
// A bank is ready when its tables are read. Each has a thread of its own that builds
// presets and reads samples into card memory, in the order in which they are
// wished for: programs that channels come to, notes that are queued, notes that
// find nothing. A port whose device keeps time drops such a note and counts it; one
// whose device waits for the work waits too, so that what is rendered depends on
// no timing. Samples stay until the bank goes. Those of downloaded instruments are
// counted, and go back when no instrument and no port needs them; a port holds an
// instrument until the last of its voices has ended.
//
// A port holds its bank, and the memory goes back when the last reference has gone
// and the last voice with it.
package synth
