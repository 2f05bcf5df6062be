// Command dsound plays sounds from memory that it shares with a card, as games do:
// bells that overlap, three voices that loop while their pan, pitch and volume move,
// and a scale that is written behind the place being heard.
//
//	go install ./tools/mmlite
//	go run ./hostdriver/examples/dsound
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"math"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/dsound"
)

const rate = 22050

var mono = dsound.Format{Rate: rate, Channels: 1, Sample: audio.S16}

func main() {
	ctx := context.Background()
	card, err := hostdriver.Open(ctx, "hosted:")
	if err != nil {
		log.Fatal(err)
	}
	if err := scene(ctx, card, time.Sleep); err != nil {
		log.Fatal(err)
	}
	if err := card.Close(); err != nil {
		log.Fatal(err)
	}
}

// scene plays all three. wait lets time pass.
func scene(ctx context.Context, card *hostdriver.Card, wait func(time.Duration)) error {
	device, err := dsound.Open(ctx, card)
	if err != nil {
		return err
	}
	defer device.Close()
	for _, part := range []struct {
		name string
		play func(context.Context, *dsound.Device, func(time.Duration)) error
	}{{"bells", bells}, {"voices", voices}, {"scale", scale}} {
		fmt.Println(part.name)
		if err := part.play(ctx, device, wait); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// tone is so many seconds of a wave with a second harmonic, which decays if it has a
// decay in seconds.
func tone(hz, seconds, level, decay float64) []byte {
	b := make([]byte, 0, 2*int(seconds*rate))
	for i := range int(seconds * rate) {
		t := float64(i) / rate
		v := level * (0.8*math.Sin(2*math.Pi*hz*t) + 0.2*math.Sin(4*math.Pi*hz*t))
		if decay > 0 {
			v *= math.Exp(-t / decay)
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(v*32767)))
	}
	return b
}

// load makes a buffer of samples.
func load(ctx context.Context, device *dsound.Device, name string, data []byte, flags dsound.Flags) (*dsound.Buffer, error) {
	b, err := device.CreateBuffer(ctx, dsound.BufferDesc{Name: name, Bytes: uint32(len(data)), Format: mono, Flags: flags | dsound.Static})
	if err != nil {
		return nil, err
	}
	first, second, err := b.Lock(0, 0, dsound.EntireBuffer)
	if err == nil {
		copy(first, data)
		err = b.Unlock(first, second)
	}
	if err != nil {
		b.Release()
		return nil, err
	}
	return b, nil
}

// bells rings one bell three times, from the left to the right: two duplicates share
// the samples of the first.
func bells(ctx context.Context, device *dsound.Device, wait func(time.Duration)) error {
	bell, err := load(ctx, device, "bell", tone(880, 1, 0.5, 0.15), dsound.CtrlPan)
	if err != nil {
		return err
	}
	defer bell.Release()
	ring := []*dsound.Buffer{bell}
	for range 2 {
		d, err := device.DuplicateBuffer(ctx, bell)
		if err != nil {
			return err
		}
		defer d.Release()
		ring = append(ring, d)
	}
	for i, b := range ring {
		if err := b.SetPan(ctx, int32(i-1)*3000); err != nil {
			return err
		}
		if err := b.Play(ctx, 0); err != nil {
			return err
		}
		wait(400 * time.Millisecond)
	}
	wait(600 * time.Millisecond)
	return nil
}

// voices loops a chord for two seconds: the lowest voice rises by a fifth, the next
// wanders from left to right, and the highest fades.
func voices(ctx context.Context, device *dsound.Device, wait func(time.Duration)) error {
	const all = dsound.CtrlFrequency | dsound.CtrlPan | dsound.CtrlVolume
	var chord [3]*dsound.Buffer
	for i, hz := range []float64{110, 277, 550} {
		b, err := load(ctx, device, fmt.Sprintf("voice %d", i+1), tone(hz, 1, 0.2, 0), all)
		if err != nil {
			return err
		}
		defer b.Release()
		if err := b.Play(ctx, dsound.Looping); err != nil {
			return err
		}
		chord[i] = b
	}
	const steps = 100
	for i := range steps + 1 {
		at := float64(i) / steps
		if err := chord[0].SetFrequency(ctx, uint32(rate*math.Pow(1.5, at))); err != nil {
			return err
		}
		if err := chord[1].SetPan(ctx, int32(2000*(2*at-1))); err != nil {
			return err
		}
		if err := chord[2].SetVolume(ctx, int32(-4000*at)); err != nil {
			return err
		}
		wait(2 * time.Second / steps)
	}
	for _, b := range chord {
		if err := b.Stop(ctx); err != nil {
			return err
		}
	}
	wait(200 * time.Millisecond)
	return nil
}

// scale streams eight notes through a quarter of a second of memory.
func scale(ctx context.Context, device *dsound.Device, wait func(time.Duration)) error {
	var music []byte
	for _, key := range []float64{60, 62, 64, 65, 67, 69, 71, 72} {
		music = append(music, tone(440*math.Pow(2, (key-69)/12), 0.25, 0.4, 0.3)...)
	}
	size := uint32(rate / 4 * 2)
	ring, err := device.CreateBuffer(ctx, dsound.BufferDesc{Name: "scale", Bytes: size, Format: mono})
	if err != nil {
		return err
	}
	defer ring.Release()
	at, written := uint32(0), 0
	put := func(n uint32) error {
		first, second, err := ring.Lock(at, n, 0)
		if err != nil {
			return err
		}
		for _, span := range [][]byte{first, second} {
			k := copy(span, music[min(written, len(music)):])
			clear(span[k:]) // silence behind the end
			written += len(span)
		}
		at = (at + n) % size
		return ring.Unlock(first, second)
	}
	if err := put(size); err != nil {
		return err
	}
	if err := ring.Play(ctx, dsound.Looping); err != nil {
		return err
	}
	for written < len(music)+int(size) {
		wait(20 * time.Millisecond)
		play, _, err := ring.CurrentPosition()
		if err != nil {
			return err
		}
		if free := (play + size - at) % size &^ 1; free > 0 { // what has been heard since
			if err := put(free); err != nil {
				return err
			}
		}
	}
	return ring.Stop(ctx)
}
