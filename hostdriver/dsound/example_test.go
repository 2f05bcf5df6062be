package dsound_test

import (
	"context"
	"encoding/binary"
	"log"
	"math"

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
}

// tone returns when it has been heard.
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
		Flags: dsound.CtrlPositionNotify,
	})
	if err != nil {
		return err
	}
	defer b.Release()
	// Memory that the card plays from. The second part is there if it wraps around.
	first, second, err := b.Lock(0, 0, dsound.EntireBuffer)
	if err != nil {
		return err
	}
	copy(second, samples[copy(first, samples):])
	if err := b.Unlock(first, second); err != nil {
		return err
	}
	stopped := make(chan struct{}, 1)
	if err := b.SetNotificationPositions(ctx, dsound.PositionNotify{Offset: dsound.OffsetStop, C: stopped}); err != nil {
		return err
	}
	if err := b.Play(ctx, 0); err != nil {
		return err
	}
	<-stopped
	return nil
}
