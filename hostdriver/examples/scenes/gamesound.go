package scenes

import (
	"context"
	"encoding/binary"
	"math"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/hostdriver/dsound"
)

// soundRate is frames a second of the game's sounds.
const soundRate = 22050

// sounds say what each noise is: where its pitch begins and ends, in Hz, how long it
// is, in seconds, and how much of it is hiss.
var sounds = [noises]struct{ from, to, length, hiss, level float64 }{
	onBrick: {880, 990, 0.18, 0.1, 0.5},
	onWall:  {320, 300, 0.06, 0, 0.4},
	onBat:   {220, 440, 0.1, 0, 0.6},
	onLoss:  {330, 80, 0.6, 0.15, 0.6},
	onLevel: {440, 1760, 0.7, 0, 0.5},
}

// load makes the sounds, and as many voices of each as may be heard at once.
func (g *Game) load(ctx context.Context) (err error) {
	if g.sound, err = dsound.Open(ctx, g.stage.Card); err != nil {
		return err
	}
	for n := range noises {
		data := samples(n)
		desc := dsound.BufferDesc{
			Name: "game", Bytes: uint32(len(data)), Format: dsound.Format{Rate: soundRate, Channels: 1, Sample: audio.S16},
			Flags: dsound.Static | dsound.CtrlPan | dsound.CtrlFrequency | dsound.CtrlVolume,
		}
		first, err := g.sound.CreateBuffer(ctx, desc)
		if err != nil {
			return err
		}
		g.heard[n][0] = first
		a, b, err := first.Lock(0, 0, dsound.EntireBuffer)
		if err != nil {
			return err
		}
		copy(b, data[copy(a, data):])
		if err := first.Unlock(a, b); err != nil {
			return err
		}
		for i := 1; i < voices; i++ {
			if g.heard[n][i], err = g.sound.DuplicateBuffer(ctx, first); err != nil {
				return err
			}
		}
	}
	return nil
}

// samples is a noise: a tone that glides and decays.
func samples(n noise) []byte {
	s := sounds[n]
	frames := int(s.length * soundRate)
	b := make([]byte, 0, 2*frames)
	phase, seed := 0.0, uint32(1)
	for i := range frames {
		t := float64(i) / float64(frames)
		phase += s.from * math.Pow(s.to/s.from, t) / soundRate
		seed = seed*1664525 + 1013904223
		// A square whose edges are not quite sharp.
		v := math.Tanh(3 * math.Sin(2*math.Pi*phase))
		v = (1-s.hiss)*v + s.hiss*(float64(int32(seed))/(1<<31))
		v *= s.level * math.Exp(-4*t) * min(float64(i)/40, 1)
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(v*20000)))
	}
	return b
}

// make has a noise be heard.
func (g *Game) make(ctx context.Context, e event) error {
	if g.sound == nil {
		return nil
	}
	turn := &g.turn[e.noise]
	b := g.heard[e.noise][*turn]
	*turn = (*turn + 1) % voices
	if err := b.SetPan(ctx, int32(3000*e.at)); err != nil {
		return err
	}
	if e.noise == onBrick {
		// The higher the brick, the higher the note, of a pentatonic scale.
		notes := [rows]float64{24, 21, 19, 16, 14, 12, 9}
		if err := b.SetFrequency(ctx, uint32(soundRate*math.Pow(2, (notes[e.row]-12)/12))); err != nil {
			return err
		}
	}
	if err := b.SetCurrentPosition(ctx, 0); err != nil {
		return err
	}
	return b.Play(ctx, 0)
}
