package dsound_test

import (
	"context"
	"encoding/binary"
	"log"
	"math"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/dsound"
)

// A tone of a second.
func Example() {
	ctx := context.Background()
	card, err := hostdriver.Open(ctx, "hosted:")
	if err != nil {
		log.Fatal(err)
	}
	defer card.Close()
	if err := tone(ctx, card); err != nil {
		log.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // it plays on its own, as long as the card is open
}

func tone(ctx context.Context, card *hostdriver.Card) error {
	const rate = 22050
	var samples []byte
	for i := range rate {
		v := 0.25 * math.Sin(2*math.Pi*440*float64(i)/rate)
		samples = binary.LittleEndian.AppendUint16(samples, uint16(int16(32767*v)))
	}
	device, err := dsound.Open(ctx, card)
	if err != nil {
		return err
	}
	b, err := device.CreateBuffer(ctx, dsound.BufferDesc{
		Bytes: uint32(len(samples)), Format: dsound.Format{Rate: rate, Channels: 1, Sample: audio.S16},
	})
	if err != nil {
		return err
	}
	// Memory that the card plays from. The second part is there if it wraps around.
	first, second, err := b.Lock(0, 0, dsound.EntireBuffer)
	if err != nil {
		return err
	}
	copy(second, samples[copy(first, samples):])
	if err := b.Unlock(first, second); err != nil {
		return err
	}
	return b.Play(ctx, 0)
}
