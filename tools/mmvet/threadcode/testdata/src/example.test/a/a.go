// Package a has thread code of all kinds.
package a

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"time"

	"example.test/b"
	"example.test/mech"

	"github.com/mmlite/mmlite/firmware/thread"
)

var (
	c    chan int
	mu   sync.Mutex
	tmu  thread.Mutex
	wg   sync.WaitGroup
	cond sync.Cond
)

// marked says that it runs on threads.
//
//mm:thread
func marked() { // want marked:"blocks"
	c <- 1       // want `channel send in thread code: marked runs on a thread, as it is marked //mm:thread`
	<-c          // want "channel receive in thread code"
	v, ok := <-c // want "channel receive"
	_, _ = v, ok
	for range c { // want "range over a channel"
	}
	select { // want "select without default"
	case <-c:
	case c <- 1:
	}
	select { // with a default nothing waits
	case v := <-c:
		_ = v
	case c <- 2:
	default:
		mu.Lock() // want `call of sync.Mutex.Lock`
	}
	close(c)
	wg.Wait()              // want "call of sync.WaitGroup.Wait"
	cond.Wait()            // want "call of sync.Cond.Wait"
	time.Sleep(1)          // want "call of time.Sleep"
	runtime.LockOSThread() // want "call of runtime.LockOSThread"
	f, err := os.Open("x") // want "call of os.Open"
	f.Read(nil)            // want "call of os.File.Read"
	_ = os.Getenv("x") + err.Error()
	net.Dial("tcp", "x") // want "call of net.Dial"
	var conn net.Conn
	conn.Read(nil)   // want "call of net.Conn.Read"
	fmt.Println("x") // want "call of fmt.Println"
	_ = fmt.Sprint("x", errors.New("y"))
	go plain() // want "go statement"
	b.Locks()  // want `call of example.test/b.Locks, which blocks by call of sync.Mutex.Lock \(b.go:9\)`
	b.Deep()   // want "example.test/b.Deep, which blocks by"
	b.Brief()
	b.Harmless()
	new(b.T).Get() // want "example.test/b.T.Get"
	b.Generic(c)   // want "example.test/b.Generic"
	mech.Park(c)
}

// plain runs wherever it is called, and nobody on a thread does.
func plain() { // want plain:"blocks"
	<-c
	helper()
}

func helper() {
	mu.Lock() //mm:blocking only two instructions
	mu.Unlock()
	//mm:blocking and on the line above
	mu.Lock()
}

// byPrimitive calls what only threads may.
func byPrimitive() { // want byPrimitive:"blocks"
	tmu.Lock()
	defer tmu.Unlock()
	reached()
	func() {
		<-c // want "channel receive in thread code: function literal in byPrimitive runs on a thread, as it is called by byPrimitive"
	}()
}

func reached() { // want reached:"blocks"
	<-c // want "channel receive in thread code: reached runs on a thread, as it is called by byPrimitive"
}

// spawns is no thread code, but makes some.
func spawns(p *thread.Processor, ev *thread.Event) { // want spawns:"blocks"
	<-c
	ev.Signal()
	p.Spawn("literal", thread.Attributes{Exit: func(*thread.Thread, *thread.Failure) {
		<-c // want "as it is the Exit of a thread"
	}}, func(t *thread.Thread) {
		<-c // want "as it is given to Processor.Spawn"
	})
	p.Spawn("function", thread.Attributes{}, body)
	p.Call("method", thread.Attributes{}, object{}.method)
	p.Run()
	<-c
}

func body(*thread.Thread) { // want body:"blocks"
	<-c // want "as it is given to Processor.Spawn"
}

type object struct{}

func (object) method(*thread.Thread) { // want method:"blocks"
	<-c // want "as it is given to Processor.Call"
}

// awaits has others wait.
func awaits(ctx context.Context) { // want awaits:"blocks: go statement"
	thread.Await(func() {
		<-c
		go plain()
		plain()
	})
	context.AfterFunc(ctx, func() { <-c })
	time.AfterFunc(1, func() { mu.Lock() })
	thread.Await(plain)
	b.Runner(thread.Await).Run(func() { <-c })
	go b.Deep() // want "go statement"
}

// both serves threads and goroutines.
func both() {
	if t := thread.Current(); t != nil {
		thread.Sleep(1)
	} else {
		<-c
	}
	if thread.Current() == nil {
		<-c
	}
	t := thread.Current()
	if t != nil {
		thread.Checkpoint()
		return
	}
	<-c
}

func wrong() { // want wrong:"blocks"
	if t := thread.Current(); t == nil {
		thread.Checkpoint()
	} else {
		<-c // want "channel receive"
	}
	thread.Checkpoint()
	/* want "a reason is missing" */ //mm:blocking
}
