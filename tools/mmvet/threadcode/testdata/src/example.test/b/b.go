// Package b is what others call.
package b

import "sync"

var mu sync.Mutex

func Locks() { // want Locks:`blocks: call of sync.Mutex.Lock \(b.go:\d+\)`
	mu.Lock()
	mu.Unlock()
}

func Deep() { middle() } // want Deep:"blocks: call of sync.Mutex.Lock"

func middle() { Locks() } // want middle:"blocks"

func Brief() {
	mu.Lock() //mm:blocking held for two instructions
	mu.Unlock()
}

func Harmless() int { return 1 }

// Runner runs what blocks.
type Runner func(func())

// Run is like Await.
//
//mm:await
func (r Runner) Run(f func()) { r(f) } // want Run:"awaits"

type T struct{ c chan int }

func (t *T) Get() int { return <-t.c } // want Get:"blocks: channel receive"

func Generic[V any](c chan V) V { return <-c } // want Generic:"blocks"
