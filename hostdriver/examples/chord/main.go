// Command chord opens a card, binds the synthesizer and plays a chord.
//
//	go install ./tools/mmlite
//	go run ./hostdriver/examples/chord
package main

import (
	"context"
	"log"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/hostdriver"
)

func main() {
	ctx := context.Background()
	card := must(hostdriver.Open(ctx, "hosted:"))
	play(ctx, card)
	must(0, card.Close())
}

func play(ctx context.Context, card *hostdriver.Card) {
	synth := must(hostdriver.Bind(ctx, card, "/synth", audio.SynthType))
	defer synth.Release()
	port := must(synth.Open(ctx, audio.PortOptions{Name: "chord"}))
	defer port.Release()
	var on, off []audio.Event
	for _, key := range []uint32{60, 64, 67, 72} { // C major, for two seconds
		on = append(on, audio.Event{Message: 0x90 | key<<8 | 100<<16})
		off = append(off, audio.Event{Frame: 2 * uint64(card.Info().Frames), Message: 0x80 | key<<8})
	}
	must(0, port.Queue(ctx, append(on, off...), 1<<64-1))
	must(0, port.Start(ctx))
	must(0, port.Drain(ctx))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
