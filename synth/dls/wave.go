package dls

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/internal/pcm"
	"github.com/mmlite/mmlite/synth/riff"
)

// waves is the wave pool of a file.
type waves struct {
	f    *riff.File
	list []wave
	cues []int // index into list of each entry of the pool table, -1 for none
}

// wave is one entry of the pool, resolved when a region first plays it.
type wave struct {
	chunk  riff.Chunk
	read   bool
	usable bool
	// channels holds the wave's sample, or left and right of a stereo one, which the format
	// forbids and files hold.
	channels []*bank.Sample
	wsmp     sampleInfo
	hasWsmp  bool
}

// read indexes the pool. Waves are found by walking it, so that no two overlap whatever offsets
// the pool table has; the table then only names them.
func (w *waves) read(f *riff.File, wvpl, ptbl riff.Chunk) {
	w.f = f
	at := make(map[int]int)
	for k := range f.Children(wvpl) {
		if !k.List("wave") {
			f.Notes.Add(k.Offset, k.Name(), "not a wave; left out")
			continue
		}
		if len(w.list) == maxWaves {
			f.Notes.Add(k.Offset, "wvpl", "more than %d waves; the rest is left out", maxWaves)
			break
		}
		at[k.Offset-wvpl.Start] = len(w.list)
		w.list = append(w.list, wave{chunk: k})
	}
	w.readTable(ptbl, at)
}

// readTable reads the pool table. Where it is missing or names no wave at an offset, its entries
// are taken as the waves in file order.
func (w *waves) readTable(ptbl riff.Chunk, at map[int]int) {
	le := binary.LittleEndian
	body := ptbl.Body
	if len(body) < 8 {
		w.f.Notes.Add(ptbl.Offset, "ptbl", "no pool table; waves are taken in file order")
		for i := range w.list {
			w.cues = append(w.cues, i)
		}
		return
	}
	skip, n := le.Uint32(body), int64(le.Uint32(body[4:]))
	if skip < 8 || int64(skip) > int64(len(body)) {
		w.f.Notes.Add(ptbl.Offset, "ptbl", "a header of %d bytes; taken as 8", skip)
		skip = 8
	}
	body = body[skip:]
	if n > int64(len(body)/4) {
		w.f.Notes.Add(ptbl.Offset, "ptbl", "%d entries announced, there are %d", n, len(body)/4)
		n = int64(len(body) / 4)
	}
	if n > maxWaves {
		w.f.Notes.Add(ptbl.Offset, "ptbl", "%d entries; %d are kept", n, maxWaves)
		n = maxWaves
	}
	for i := range int(n) {
		off := le.Uint32(body[4*i:])
		j, ok := at[int(min(off, 1<<31-1))]
		switch {
		case ok:
		case i < len(w.list):
			j = i
			w.f.Notes.Add(ptbl.Start+int(skip)+4*i, "ptbl", "no wave at offset %d; entry %d is taken as the wave of that number", off, i)
		default:
			j = -1
			w.f.Notes.Add(ptbl.Start+int(skip)+4*i, "ptbl", "no wave at offset %d; entry %d is left out", off, i)
		}
		w.cues = append(w.cues, j)
	}
}

// get returns the wave that entry cue of the pool table names, or nil where it cannot be played.
func (w *waves) get(cue uint32) *wave {
	if int64(cue) >= int64(len(w.cues)) || w.cues[cue] < 0 {
		return nil
	}
	v := &w.list[w.cues[cue]]
	if !v.read {
		v.read = true
		v.usable = w.load(v)
	}
	if !v.usable {
		return nil
	}
	return v
}

const formatPCM = 1

// load reads the chunks of a wave. It reports false, with a note, for one that cannot be played.
func (w *waves) load(v *wave) bool {
	var format, data, wsmp riff.Chunk
	name := ""
	for k := range w.f.Children(v.chunk) {
		switch k.Name() {
		case "fmt ":
			format = k
		case "data":
			data = k
		case "wsmp":
			wsmp = k
		case "INFO":
			for c := range w.f.Children(k) {
				if c.Name() == "INAM" {
					name = riff.Text(c.Body)
				}
			}
		}
	}
	if wsmp.Body != nil {
		v.wsmp, v.hasWsmp = readSampleInfo(w.f, wsmp)
	}
	refuse := func(text string, args ...any) bool {
		w.f.Notes.Add(v.chunk.Offset, "wave", "wave %q: "+text+"; left out", append([]any{name}, args...)...)
		return false
	}
	if len(format.Body) < 16 {
		return refuse("no format")
	}
	le := binary.LittleEndian
	kind, channels, rate := le.Uint16(format.Body), int(le.Uint16(format.Body[2:])), le.Uint32(format.Body[4:])
	bits := le.Uint16(format.Body[14:])
	switch {
	case kind != formatPCM:
		return refuse("format %#x is not PCM", kind)
	case channels != 1 && channels != 2:
		return refuse("%d channels", channels)
	case bits != 8 && bits != 16:
		return refuse("samples of %d bits", bits)
	case rate < bank.MinSampleRate || rate > bank.MaxSampleRate:
		return refuse("a rate of %d Hz", rate)
	case data.Short:
		return refuse("its data is cut short")
	}
	n := data.Size / int(bits/8) / channels
	if n == 0 || n > bank.MaxSampleFrames {
		return refuse("%d frames", n)
	}
	if channels == 2 {
		w.f.Notes.Add(v.chunk.Offset, "wave", "wave %q is stereo, which DLS forbids; both channels are played", name)
	}
	v.channels = samples(data, n, channels, int(bits))
	for i, s := range v.channels {
		s.Name, s.Rate = name, float32(rate)
		if channels == 2 {
			s.Name += [...]string{" (left)", " (right)"}[i]
		}
	}
	return true
}

// samples returns the channels of a wave of n frames, without frames if its data is not in memory.
func samples(data riff.Chunk, n, channels, bits int) []*bank.Sample {
	out := make([]*bank.Sample, channels)
	if len(data.Body) < data.Size {
		for i := range out {
			out[i] = &bank.Sample{Frames: n, Place: bank.Place{
				Offset: int64(data.Start), Bits: uint8(bits), Channels: uint8(channels), Channel: uint8(i),
			}}
		}
		return out
	}
	var frames []int16
	if bits == 8 {
		frames = pcm.From8(data.Body)
	} else {
		frames = pcm.View16(data.Body)
	}
	if channels == 1 {
		out[0] = &bank.Sample{Data: frames[:n:n]}
		return out
	}
	left, right := pcm.Split(frames)
	out[0], out[1] = &bank.Sample{Data: left}, &bank.Sample{Data: right}
	return out
}
