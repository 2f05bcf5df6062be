package audiotest

import (
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

// instruments downloads one instrument, plays it in place of another and takes it
// away again.
func (s *suite) instruments() {
	f := newFile(s.Bank)
	defer f.Release()
	b, err := s.Synth.Load(background, f, "collection")
	if !s.ok(err) {
		return
	}
	defer b.Release()
	for _, bad := range []struct {
		preset    audio.Preset
		low, high uint8
		code      com.Code
	}{
		{audio.Preset{Bank: 0x3f7f, Program: 99}, 0, 127, com.ErrNotFound},
		{audio.Preset{Program: 200}, 0, 127, com.ErrNotFound},
		{audio.Preset{Program: organ}, 61, 60, com.ErrInvalid},
		{audio.Preset{Program: organ}, 0, 128, com.ErrInvalid},
	} {
		in, err := b.Download(background, bad.preset, bad.low, bad.high)
		s.code(err, bad.code)
		if err == nil {
			in.Release()
		}
	}
	in, err := b.Download(background, audio.Preset{Program: organ}, 0, 127)
	if !s.ok(err) {
		return
	}
	defer in.Release()
	i, err := in.Info(background)
	if s.ok(err) && (i.Name == "" || i.Preset.Program != organ || i.High != 127 || i.Regions == 0 || i.Waves == 0 || i.Failed != 0) {
		s.Errorf("%+v", i)
	}
	all, err := b.Info(background)
	if s.ok(err) && (all.Samples < i.Waves || all.Failed != 0 || all.File != uint64(len(s.Bank)) || all.Bytes < i.Bytes) {
		s.Errorf("%+v after %+v", all, i)
	}
	s.assigned(in)
}

// assigned plays an organ under the number of a wood block, which dies away by
// itself: what sounds a second later is the organ.
func (s *suite) assigned(in audio.Instrument) {
	const second, key = 44100, 60
	place := audio.Preset{Bank: 3<<7 | 5, Program: woodBlock}
	sounds := func(assign func(p audio.Port)) bool {
		p, c := s.record(audio.PortOptions{})
		if p == nil {
			return false
		}
		assign(p)
		s.ok(p.Start(background))
		s.ok(p.Queue(background, []audio.Event{
			control(0, 0, 0, 3), control(0, 0, 32, 5), program(0, 0, woodBlock), on(0, 0, key), off(2*second, 0, key),
		}, 2*second))
		s.ok(p.Drain(background))
		p.Release()
		left := s.read(c)
		c.Release()
		for n := second; n < len(left) && n < second+second/10; n++ {
			if left[n] != 0 {
				return true
			}
		}
		return false
	}
	if !sounds(func(p audio.Port) { s.ok(p.Assign(background, in, place)) }) {
		s.Error("the instrument is not heard where it was assigned")
	}
	if sounds(func(p audio.Port) {
		s.code(p.Assign(background, in, audio.Preset{Program: 128}), com.ErrInvalid)
		s.code(p.Assign(background, nil, place), com.ErrNotFound)
		s.ok(p.Assign(background, in, place))
		s.ok(p.Assign(background, nil, place))
	}) {
		s.Error("the instrument is heard where it was taken away")
	}
}

func control(frame uint64, channel, number, value uint32) audio.Event {
	return audio.Event{Frame: frame, Message: 0xB0 | channel | number<<8 | value<<16}
}
