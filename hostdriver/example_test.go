package hostdriver_test

import (
	"context"
	"log"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/hostdriver"
)

// A program opens a card, binds an object on it by its name, and calls it.
func Example() {
	ctx := context.Background()
	card, err := hostdriver.Open(ctx, "hosted:") // a process of this program's own
	if err != nil {
		log.Fatal(err)
	}
	defer card.Close()
	synth, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
	if err != nil {
		log.Fatal(err)
	}
	defer synth.Release()
	port, err := synth.Open(ctx, audio.PortOptions{Name: "example"})
	if err != nil {
		log.Fatal(err)
	}
	defer port.Release()
	// Middle C, as soon as it arrives.
	if err := port.Short(0x90 | 60<<8 | 100<<16); err != nil {
		log.Fatal(err)
	}
}
