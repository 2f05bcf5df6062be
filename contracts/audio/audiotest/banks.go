package audiotest

import (
	"math"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

func (s *suite) banks() {
	builtIn, err := s.Synth.BuiltIn(background)
	if !s.ok(err) {
		return
	}
	defer builtIn.Release()
	f := newFile(s.Bank)
	loaded, err := s.Synth.Load(background, f, "loaded")
	if !s.ok(err) {
		return
	}
	defer loaded.Release()
	if n := f.Release(); n != 0 {
		s.Logf("%d references to the file are left after Load; they may be on their way", n)
	}
	for _, b := range []audio.Bank{builtIn, loaded} {
		info, err := b.Info(background)
		if !s.ok(err) {
			return
		}
		if info.Name == "" || info.Format == "" || info.Bytes == 0 || info.Presets < 128 {
			s.Errorf("%+v", info)
		}
		presets, err := b.Presets(background)
		if !s.ok(err) {
			return
		}
		if len(presets) != int(info.Presets) {
			s.Errorf("%d presets, and %d announced", len(presets), info.Presets)
		}
		drums := 0
		for i, p := range presets {
			if p.Drums {
				drums++
				continue
			}
			if i > 0 && !presets[i-1].Drums && rank(p) <= rank(presets[i-1]) {
				s.Errorf("preset %d is out of order: %+v", i, p)
			}
		}
		if drums == 0 {
			s.Error("no drums")
		}
		p, err := s.Synth.Open(background, audio.PortOptions{Bank: b})
		if !s.ok(err) {
			return
		}
		p.Release()
	}
}

func rank(p audio.Preset) uint32 { return uint32(p.Bank)<<8 | uint32(p.Program) }

func (s *suite) badBanks() {
	for _, c := range []struct {
		data []byte
		code com.Code
	}{
		{nil, com.ErrCorrupt},
		{[]byte("This is a letter and not a bank."), com.ErrProtocol},
		{s.Bank[:len(s.Bank)/3], com.ErrCorrupt},
	} {
		f := newFile(c.data)
		b, err := s.Synth.Load(background, f, "bad")
		s.code(err, c.code)
		if err == nil {
			b.Release()
		}
		f.Release()
	}
	_, err := s.Synth.Load(background, nil, "none")
	s.code(err, com.ErrInvalid)
}

func (s *suite) options() {
	for _, o := range []audio.PortOptions{
		{Voices: 15}, {Voices: 1025}, {Interpolation: 4}, {Gain: -1}, {Gain: float32(math.NaN())}, {Gain: float32(math.Inf(1))},
	} {
		p, err := s.Synth.Open(background, o)
		s.code(err, com.ErrInvalid)
		if err == nil {
			p.Release()
		}
	}
	for _, o := range []audio.PortOptions{
		{}, {Voices: 16}, {Voices: 1024}, {Interpolation: audio.Linear}, {Interpolation: audio.Sinc}, {Gain: 2, Name: "loud"},
	} {
		p, err := s.Synth.Open(background, o)
		if !s.ok(err) {
			continue
		}
		i, err := p.Info(background)
		if s.ok(err) && (i.Frame != 0 || i.Queued != 0 || o.Name != "" && i.Name != o.Name) {
			s.Errorf("%+v", i)
		}
		p.Release()
	}
}

func (s *suite) output() {
	i, err := s.Output.Info(background)
	if !s.ok(err) {
		return
	}
	if i.Device == "" || i.Rate < 8000 || i.Period == 0 || i.Queue == 0 || i.Offline != (i.Latency == 0) {
		s.Errorf("%+v", i)
	}
	for _, bad := range []float32{-0.1, 4.1, float32(math.NaN())} {
		s.code(s.Output.SetVolume(background, bad), com.ErrInvalid)
	}
	s.ok(s.Output.SetVolume(background, 0.5))
	mix, err := s.Output.Capture(background)
	if !s.ok(err) {
		return
	}
	p, c := s.record(audio.PortOptions{})
	if p == nil {
		return
	}
	s.ok(p.Start(background))
	s.ok(p.Queue(background, []audio.Event{program(0, 0, woodBlock), on(0, 0, 60)}, 2000))
	s.ok(p.Drain(background))
	after, err := s.Output.Info(background)
	if s.ok(err) && (after.Frame <= i.Frame || after.Played <= i.Played || after.Inputs != i.Inputs+1) {
		s.Errorf("%+v, before %+v", after, i)
	}
	p.Release()
	port := s.read(c)
	buf := make([]byte, 8*(len(port)+int(i.Period)))
	n, _, err := mix.Read(background, buf)
	if s.ok(err) && n == 0 {
		s.Error("nothing mixed")
	}
	c.Release()
	mix.Release()
}
