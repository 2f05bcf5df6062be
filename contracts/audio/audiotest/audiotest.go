// Package audiotest is the conformance test of the contracts of sound. It knows
// them and nothing else, so it is run against the objects themselves, through
// cells, and from the other end of a link.
package audiotest

import (
	"context"
	"encoding/binary"
	"math"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// Place is where the contracts are tested.
type Place struct {
	Synth  audio.Synth
	Output audio.Output
	// Bank is the file of a General MIDI bank.
	Bank []byte
	// Do runs fn where calls may wait, and returns when it has.
	Do func(fn func())
}

var background = context.Background()

// Run runs the test. place makes a new place each time, whose end t's clean-up
// sees to.
func Run(t *testing.T, place func(t *testing.T) Place) {
	for name, test := range map[string]func(*suite){
		"Banks": (*suite).banks, "BadBanks": (*suite).badBanks, "Options": (*suite).options,
		"Frames": (*suite).frames, "Order": (*suite).order, "Live": (*suite).live, "Contexts": (*suite).contexts,
		"Instruments": (*suite).instruments, "Stop": (*suite).stop, "Channels": (*suite).channels, "Output": (*suite).output,
		"Streams": (*suite).streams, "StreamLimits": (*suite).streamLimits,
	} {
		t.Run(name, func(t *testing.T) {
			s := &suite{t, place(t)}
			s.Do(func() { test(s) })
		})
	}
}

// suite is one test at one place. Its methods run on what may be a thread of the
// card, where only Error and the like are allowed.
type suite struct {
	*testing.T
	Place
}

// ok reports whether err is nil, and complains otherwise.
func (s *suite) ok(err error) bool {
	s.Helper()
	if err != nil {
		s.Error(err)
	}
	return err == nil
}

// code complains unless err has the code.
func (s *suite) code(err error, want com.Code) {
	s.Helper()
	if com.CodeOf(err) != want {
		s.Errorf("got %v, want code %v", err, want)
	}
}

// file is a host's file.
type file struct {
	com.Object
	data []byte
}

func newFile(data []byte) *file {
	f := &file{data: data}
	f.Init(f, nil, system.FileType.For(f))
	return f
}

func (f *file) Size(context.Context) (uint64, error) { return uint64(len(f.data)), nil }

func (f *file) ReadAt(_ context.Context, off uint64, buf []byte) (uint32, error) {
	if off >= uint64(len(f.data)) {
		return 0, nil
	}
	return uint32(copy(buf, f.data[off:])), nil
}

// record opens a port and a capture of it. Releasing both is the caller's.
func (s *suite) record(o audio.PortOptions) (audio.Port, audio.Capture) {
	s.Helper()
	p, err := s.Synth.Open(background, o)
	if !s.ok(err) {
		return nil, nil
	}
	c, err := p.Capture(background)
	if !s.ok(err) {
		p.Release()
		return nil, nil
	}
	return p, c
}

// read reads what a capture holds until its source has ended, at most four seconds.
func (s *suite) read(c audio.Capture) (left []float32) {
	s.Helper()
	buf := make([]byte, 1<<15)
	for {
		n, frame, err := c.Read(background, buf)
		if !s.ok(err) || n == 0 {
			return left
		}
		if n%8 != 0 || frame != uint64(len(left)) {
			s.Errorf("%d bytes from frame %d after %d frames", n, frame, len(left))
			return left
		}
		for i := uint32(0); i < n; i += 8 {
			left = append(left, math.Float32frombits(binary.LittleEndian.Uint32(buf[i:])))
		}
	}
}

// onsets are the frames at which sound follows a tenth of a second of silence.
func onsets(x []float32) (at []int) {
	quiet := math.MaxInt / 2
	for i, v := range x {
		if v == 0 {
			quiet++
			continue
		}
		if quiet > 4000 {
			at = append(at, i)
		}
		quiet = 0
	}
	return at
}

func on(frame uint64, channel, key uint32) audio.Event {
	return audio.Event{Frame: frame, Message: 0x90 | channel | key<<8 | 100<<16}
}

func off(frame uint64, channel, key uint32) audio.Event {
	return audio.Event{Frame: frame, Message: 0x80 | channel | key<<8}
}

// Programs whose notes begin at once and end soon after the key is let go.
const woodBlock, organ = 115, 16

func program(frame uint64, channel, number uint32) audio.Event {
	return audio.Event{Frame: frame, Message: 0xC0 | channel | number<<8}
}
