// Package sound has contracts.
package sound

// Player is called across domains.
//
//mm:contract
type Player interface { // want Player:"contract"
	Play(n int32) error
}

// Tuner is called inside one.
type Tuner interface {
	Tune()
}

// Remote is a proxy, and where it waits hosts do too.
type Remote struct{ c chan int32 }

func (r *Remote) Play(n int32) error { // want Play:"blocks"
	r.c <- n
	return nil
}
