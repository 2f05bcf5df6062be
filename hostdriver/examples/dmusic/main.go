// Command dmusic plays a segment on a card's synthesizer, an instrument downloaded
// from a DLS file beside it, and drums by hand in the end.
//
//	go install ./tools/mmlite
//	go run ./hostdriver/examples/dmusic
package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"log"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/dmusic"
)

//go:embed instruments.dls
var instruments []byte

func main() {
	ctx := context.Background()
	card, err := hostdriver.Open(ctx, "hosted:")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := play(ctx, card, time.Sleep); err != nil {
		log.Fatal(err)
	}
	if err := card.Close(); err != nil {
		log.Fatal(err)
	}
}

// arpeggio is a MIDI file of one bar: four keys, an eighth note each, at 120 beats a
// minute.
func arpeggio() []byte {
	track := []byte{0, 0xFF, 0x51, 3, 0x07, 0xA1, 0x20} // 500,000 us a quarter note
	for _, key := range []byte{60, 64, 67, 72} {
		track = append(track, 0, 0x90, key, 100)
		track = append(track, 0x81, 0x70, 0x80, key, 0) // 240 ticks later
	}
	track = append(track, 0, 0xFF, 0x2F, 0)
	file := []byte("MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xE0MTrk") // 480 ticks a quarter note
	n := len(track)
	return append(append(file, byte(n>>24), byte(n>>16), byte(n>>8), byte(n)), track...)
}

// played says when what began, by the reference clock.
type played struct {
	segment *dmusic.Playing
	solo    dmusic.Time
	patch   audio.InstrumentInfo
}

// play plays all of it. wait lets time pass.
func play(ctx context.Context, card *hostdriver.Card, wait func(time.Duration)) (p played, err error) {
	music, err := dmusic.Open(ctx, card)
	if err != nil {
		return p, err
	}
	defer music.Close()
	port, err := music.CreatePort(ctx, dmusic.PortParams{Name: "dmusic"})
	if err != nil {
		return p, err
	}
	// An instrument of the file comes to a patch of our own.
	collection, err := music.LoadCollectionBytes(ctx, instruments, "instruments.dls")
	if err != nil {
		return p, err
	}
	defer collection.Release()
	presets, err := collection.Instruments(ctx)
	if err != nil {
		return p, err
	}
	from := dmusic.Patch{Bank: presets[0].Bank, Program: presets[0].Program, Drums: presets[0].Drums}
	ours := dmusic.Patch{Bank: 5 << 7, Program: 7}
	down, err := port.Download(ctx, collection, from, ours, 0, 127)
	if err != nil {
		return p, err
	}
	defer port.Unload(ctx, down)
	if p.patch, err = down.Info(ctx); err != nil {
		return p, err
	}
	fmt.Printf("downloaded %s: %d waves, %d bytes\n", p.patch.Name, p.patch.Waves, p.patch.Bytes)

	segment, err := dmusic.ReadSegment(bytes.NewReader(arpeggio()))
	if err != nil {
		return p, err
	}
	now, err := music.Clock().Now(ctx)
	if err != nil {
		return p, err
	}
	if p.segment, err = port.Play(ctx, segment, dmusic.PlayOptions{At: now + 100*dmusic.Millisecond, Repeats: 1}); err != nil {
		return p, err
	}
	p.solo = p.segment.End + 500*dmusic.Millisecond
	solo := []dmusic.Event{
		{Time: p.solo, Message: dmusic.NoteOn(1, 69, 110)},
		{Time: p.solo + 800*dmusic.Millisecond, Message: dmusic.NoteOff(1, 69)},
	}
	for _, m := range ours.Messages(1) { // put in behind, and played before
		solo = append(solo, dmusic.Event{Time: p.solo - 10*dmusic.Millisecond, Message: m})
	}
	if err := port.Queue(ctx, solo...); err != nil {
		return p, err
	}
	for done := false; !done; {
		wait(20 * time.Millisecond)
		if err := music.Service(ctx); err != nil {
			return p, err
		}
		if now, err = music.Clock().Now(ctx); err != nil {
			return p, err
		}
		done = now > p.solo+1500*dmusic.Millisecond
	}
	for range 4 { // by hand
		if err := port.Send(dmusic.NoteOn(9, 38, 120)); err != nil {
			return p, err
		}
		wait(250 * time.Millisecond)
	}
	return p, port.Drain(ctx, func(_ context.Context, t dmusic.Time) error { wait(time.Duration(t)); return nil })
}
