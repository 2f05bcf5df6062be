// Package thread is the mechanism of threads: virtual processors, switching,
// waiting, time and its accounts. Who runs is decided by a policy of package
// sched.
//
// A Thread is a coroutine of one Processor, made by it and staying on it. At most
// one thread of a processor runs at a time, and it gives way only where it blocks
// on this package's primitives, at Checkpoint and Yield, and, while promises are in
// force, where it unlocks a mutex that a more urgent thread waits for; so what only
// threads of one processor touch needs no lock between those points. A thread that waits
// runs the scheduler on its own stack, and if it is the next to run it goes on
// without a switch.
//
// The primitives are Mutex and Cond, as MMLite had them (Helander and Forin 1998,
// section 3, Threads and Synchronization), Event, which is the one thing an
// interrupt routine may touch, Timer, Sleep, and waiting for a word of memory that
// another process shares (WaitWord, Wait). Await runs Go code that blocks in Go's
// own ways, which stop the whole processor if a thread does so itself; mmvet finds
// where that happens.
//
// # Threads left behind
//
// A thread of a spare processor that goes without a checkpoint for long, 100 ms
// unless Config.HandOver says otherwise, while others are ready, is left behind: it
// runs on, beside the processor, which a fresh goroutine drives. At its next call
// of this package it becomes one of the threads that are ready, and the call goes
// on when it is its turn. So what threads share without a lock is theirs alone only
// for stretches below that time. Whoever calls code that may take longer has a
// Checkpoint after it, before it touches such things again, and works with them
// between Thread.Enter and Thread.Leave if the system may stop it for so long.
//
// # Foreign goroutines
//
// A goroutine that is no thread may signal an Event, spawn threads, end them, and
// take snapshots. What waits or owns refuses it: those calls panic and say which.
// To be adopted for the length of a function it uses Processor.Call.
//
// # Ends
//
// Ending a thread unwinds it: where it waits, or at its next checkpoint, it
// panics with a value of this package, its deferred calls run, and it is gone. A
// deferred call may wait, for a mutex say. Parked coroutines are never abandoned:
// a Processor that stops unwinds all of its threads first. Any other panic ends
// the thread and is reported to its owner with the stack; locks it held are
// released and marked.
//
//mm:mechanism the primitives are made of what they stand for
package thread
