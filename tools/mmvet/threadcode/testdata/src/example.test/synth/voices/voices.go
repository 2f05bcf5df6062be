// Package voices has objects of a card.
package voices

import "example.test/contracts/sound"

var _ sound.Player = (*Player)(nil)

type Player struct{ c chan int32 }

func (p *Player) Play(n int32) error { // want Play:"blocks"
	p.c <- n // want "channel send in thread code: Play runs on a thread, as it implements contract sound.Player"
	p.deep()
	return nil
}

func (p *Player) deep() { // want deep:"blocks"
	<-p.c // want "channel receive in thread code: deep runs on a thread, as it is called by Play"
}

// Tune implements no contract.
func (p *Player) Tune() { // want Tune:"blocks"
	<-p.c
}
