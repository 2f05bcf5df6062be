package audiotest

import (
	"context"
	"encoding/binary"
	"math"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

// tone is a sine of s16 frames of two channels.
func tone(frames int, hz, rate float64) []byte {
	b := make([]byte, 0, 4*frames)
	for i := range frames {
		v := uint16(int16(16384 * math.Sin(2*math.Pi*hz*float64(i)/rate)))
		b = binary.LittleEndian.AppendUint16(b, v)
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}

func (s *suite) streams() {
	mix, err := s.Output.Capture(background)
	if !s.ok(err) {
		return
	}
	before, err := s.Output.Info(background)
	s.ok(err)
	const rate, frames = 48000, 24000
	x, err := s.Output.OpenStream(background, audio.StreamOptions{
		Name: "tone", Rate: rate, Channels: 2, Format: audio.S16, Quality: audio.High, Buffer: frames,
	})
	if !s.ok(err) {
		mix.Release()
		return
	}
	if i, err := s.Output.Info(background); s.ok(err) && i.Streams != before.Streams+1 {
		s.Errorf("%d streams are open, and %d were before", i.Streams, before.Streams)
	}
	s.ok(x.Write(background, tone(frames, 997, rate)))
	i, err := x.Info(background)
	if s.ok(err) && (i.Name != "tone" || i.Rate != rate || i.Channels != 2 || i.Format != audio.S16 || i.Quality != audio.High || i.Playing || i.Buffer < frames || i.Buffered != frames || i.Written != frames || i.Played != 0) {
		s.Errorf("%+v", i)
	}
	s.code(x.Drain(background), com.ErrInvalid) // it does not play
	s.ok(x.Start(background))
	s.ok(x.Start(background))
	s.ok(x.Drain(background))
	i, err = x.Info(background)
	if s.ok(err) && (i.Written != frames || i.Played != frames || i.Playing || i.Underruns != 0 || i.Late != 0) {
		s.Errorf("%+v", i)
	}
	s.ok(x.Drain(background)) // there is nothing
	// All of it has left the device, so it has been captured.
	after, err := s.Output.Info(background)
	s.ok(err)
	var heard []float32
	buf := make([]byte, 1<<15)
	for uint64(len(heard)) < after.Played-before.Frame {
		n, _, err := mix.Read(background, buf)
		if !s.ok(err) || n == 0 {
			break
		}
		for k := uint32(0); k < n; k += 8 {
			heard = append(heard, math.Float32frombits(binary.LittleEndian.Uint32(buf[k:])))
		}
	}
	s.hears(heard, frames*float64(after.Rate)/rate, 997, float64(after.Rate))
	x.Release()
	mix.Release()
}

// hears complains unless x holds about so many frames of a sine, by its
// periods and its power.
func (s *suite) hears(x []float32, frames, hz, rate float64) {
	power, crossings, low := 0.0, 0, true
	for _, v := range x {
		power += float64(v) * float64(v)
		switch { // the filter's ringing at both ends is less than this
		case v < -0.1:
			low = true
		case v > 0.1 && low:
			crossings, low = crossings+1, false
		}
	}
	if want := frames * 0.25 / 2; math.Abs(power-want) > 0.01*want {
		s.Errorf("the power of the tone is %g, want %g", power, want)
	}
	if want := frames / rate * hz; math.Abs(float64(crossings)-want) > 3 {
		s.Errorf("%d periods of the tone, want %g", crossings, want)
	}
}

func (s *suite) streamLimits() {
	for _, o := range []audio.StreamOptions{
		{}, {Rate: 44100}, {Channels: 1}, {Rate: 50, Channels: 1}, {Rate: math.MaxUint32, Channels: 1}, {Rate: 8000, Channels: 9},
		{Rate: 8000, Channels: 1, Format: 77}, {Rate: 8000, Channels: 1, Quality: 77}, {Rate: 8000, Channels: 1, Buffer: math.MaxUint32},
		{Rate: 8000, Channels: 1, Buffer: 8000, Prefill: 8001},
	} {
		x, err := s.Output.OpenStream(background, o)
		s.code(err, com.ErrInvalid)
		if err == nil {
			x.Release()
		}
	}
	x, err := s.Output.OpenStream(background, audio.StreamOptions{Rate: 8000, Channels: 1, Format: audio.U8, MaxRate: 16000, Buffer: 4000})
	if !s.ok(err) {
		return
	}
	defer x.Release()
	s.code(x.SetGain(background, -1, 0), com.ErrInvalid)
	s.code(x.SetGain(background, 1, -time.Second), com.ErrInvalid)
	s.code(x.SetPan(background, 2, 0), com.ErrInvalid)
	s.code(x.SetRate(background, 16001), com.ErrInvalid)
	s.ok(x.SetGain(background, 0.5, time.Second))
	s.ok(x.SetPan(background, -1, 0))
	s.ok(x.SetRate(background, 16000))
	i, err := x.Info(background)
	if !s.ok(err) {
		return
	}
	// Nobody starts it: the buffer fills up.
	s.ok(x.Write(background, make([]byte, i.Buffer)))
	soon, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	s.code(x.Write(soon, make([]byte, 1)), com.ErrTimeout)
	s.ok(x.Start(background))
	s.ok(x.Write(background, make([]byte, 100))) // waits for room, which comes
	s.ok(x.Pause(background))
	s.ok(x.Stop(background))
	written := uint64(i.Buffer) + 100
	if i, err = x.Info(background); s.ok(err) && (i.Written != written || i.Buffered != 0 || i.Playing || i.Rate != 16000) {
		s.Errorf("%+v", i)
	}
	s.ok(x.Write(background, make([]byte, 1000)))
	s.ok(x.Start(background))
	s.ok(x.Drain(background))
	if i, err = x.Info(background); s.ok(err) && i.Played != written+1000 {
		s.Errorf("%+v", i)
	}
}
