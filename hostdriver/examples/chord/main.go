// Command chord opens a card, binds the synthesizer and plays a chord.
//
//	go install ./tools/mmlite
//	go run ./hostdriver/examples/chord
package main

import (
	"context"
	"log"
	"math"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/hostdriver"
)

func main() {
	ctx := context.Background()
	card := must(hostdriver.Open(ctx, "hosted:")) // a process of this program's own
	play(ctx, card)
	must(0, card.Close()) // whose error says how the card ended
}

func play(ctx context.Context, card *hostdriver.Card) {
	// What a program holds of a card's is counted, so it is let go of when done.
	synth := must(hostdriver.Bind(ctx, card, "/synth", audio.SynthType))
	defer synth.Release()
	port := must(synth.Open(ctx, audio.PortOptions{Name: "chord"}))
	defer port.Release()
	// Events are MIDI messages, status in the lowest byte, at frames of the port's clock.
	second := uint64(card.Info().Frames)
	var on, off []audio.Event
	for _, key := range []uint32{60, 64, 67, 72} { // C major
		on = append(on, audio.Event{Message: 0x90 | key<<8 | 100<<16})
		off = append(off, audio.Event{Frame: 2 * second, Message: 0x80 | key<<8})
	}
	const never = math.MaxUint64 // nothing follows, so the card need not wait for it
	must(0, port.Queue(ctx, append(on, off...), never))
	must(0, port.Start(ctx))
	must(0, port.Drain(ctx)) // until the last voice has decayed
}

// must ends the program if there is an error.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
