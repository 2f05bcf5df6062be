package dmusic_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"time"

	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/dmusic"
)

// Four keys, a quarter of a second each.
func Example() {
	ctx := context.Background()
	card, err := hostdriver.Open(ctx, "hosted:")
	if err != nil {
		log.Fatal(err)
	}
	defer card.Close()
	if err := arpeggio(ctx, card); err != nil {
		log.Fatal(err)
	}
}

func arpeggio(ctx context.Context, card *hostdriver.Card) error {
	music, err := dmusic.Open(ctx, card)
	if err != nil {
		return err
	}
	defer music.Close()
	port, err := music.CreatePort(ctx, dmusic.PortParams{Name: "arpeggio"})
	if err != nil {
		return err
	}
	now, err := music.Clock().Now(ctx)
	if err != nil {
		return err
	}
	for i, key := range []uint8{60, 64, 67, 72} {
		on := now + dmusic.Time(i+1)*dmusic.Second/4
		if err := port.Queue(ctx,
			dmusic.Event{Time: on, Message: dmusic.NoteOn(0, key, 100)},
			dmusic.Event{Time: on + dmusic.Second/4, Message: dmusic.NoteOff(0, key)},
		); err != nil {
			return err
		}
	}
	return port.Drain(ctx, nil)
}

// A segment is what a Standard MIDI File holds.
func ExampleReadSegment() {
	file := []byte("MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0" + // 480 ticks a quarter note
		"MTrk\x00\x00\x00\x0d\x00\x90\x3c\x64\x83\x60\x80\x3c\x00\x00\xff\x2f\x00") // one of them, middle C
	s, err := dmusic.ReadSegment(bytes.NewReader(file))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(time.Duration(s.Length))
	// Output: 500ms
}
