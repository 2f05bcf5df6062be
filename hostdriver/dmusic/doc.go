// Package dmusic plays music through a card's synthesizer in the manner of
// DirectMusic (Microsoft DirectX 6.1 and 8): ports with events at times of a clock
// that program and card share, collections of instruments and their download, and a
// performance that plays segments read from Standard MIDI Files.
//
//	music, err := dmusic.Open(ctx, card)
//	port, err := music.CreatePort(ctx, dmusic.PortParams{Name: "tune"})
//	now, err := music.Clock().Now(ctx)
//	err = port.Queue(ctx, dmusic.Event{Time: now + dmusic.Second, Message: dmusic.NoteOn(0, 60, 100)})
//
// Events wait on the host, in any order, until shortly before their time; then the
// card gets them and sounds each at its frame. While a program has nothing to do it
// calls Service, or leaves that to Serve.
package dmusic
