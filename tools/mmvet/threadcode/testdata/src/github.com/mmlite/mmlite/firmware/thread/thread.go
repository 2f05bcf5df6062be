// Package thread has the shape of the real one.
//
//mm:mechanism for the test of the analyzer
package thread

import "sync"

type (
	Thread     struct{}
	Failure    struct{}
	Processor  struct{ mu sync.Mutex }
	Mutex      struct{ mu sync.Mutex }
	Event      struct{}
	Attributes struct {
		Exit func(t *Thread, f *Failure)
	}
)

func Current() *Thread            { return nil }
func Sleep(int64)                 {}
func Checkpoint()                 {}
func Await(fn func())             {}
func (t *Thread) Await(fn func()) {}
func (m *Mutex) Lock()            { m.mu.Lock() }
func (m *Mutex) Unlock()          {}
func (e *Event) Signal()          {}
func (e *Event) Wait(int64) error { return nil }
func (p *Processor) Run()         { p.mu.Lock() }

func (p *Processor) Spawn(name string, a Attributes, fn func(*Thread)) (*Thread, error) {
	p.mu.Lock()
	return nil, nil
}

func (p *Processor) Call(name string, a Attributes, fn func(*Thread)) error { return nil }
