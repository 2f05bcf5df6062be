// Command chord opens a card, binds the synthesizer and plays a chord.
//
//	go install github.com/mmlite/mmlite/tools/mmlite@latest
//	go run github.com/mmlite/mmlite/hostdriver/examples/chord@latest [CARD]
//
// The card is one of its own, or the one named, say hosted:card.
package main

import (
	"context"
	"log"
	"os"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/hostdriver"
)

func main() {
	url := append(os.Args, "hosted:")[1]
	if err := play(context.Background(), url); err != nil {
		log.Fatal(err)
	}
}

func play(ctx context.Context, url string, opts ...hostdriver.Option) error {
	card, err := hostdriver.Open(ctx, url, opts...)
	if err != nil {
		return err
	}
	defer card.Close()
	synth, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
	if err != nil {
		return err
	}
	defer synth.Release()
	port, err := synth.Open(ctx, audio.PortOptions{Name: "chord"})
	if err != nil {
		return err
	}
	defer port.Release()
	var events []audio.Event
	for _, key := range []uint32{60, 64, 67, 72} { // C major, loud, for two seconds
		events = append(events, audio.Event{Message: 0x90 | key<<8 | 100<<16})
	}
	for _, key := range []uint32{60, 64, 67, 72} {
		events = append(events, audio.Event{Frame: uint64(2 * card.Info().Frames), Message: 0x80 | key<<8})
	}
	if err := port.Queue(ctx, events, 1<<64-1); err != nil {
		return err
	}
	if err := port.Start(ctx); err != nil {
		return err
	}
	return port.Drain(ctx)
}
