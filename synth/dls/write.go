package dls

import (
	"encoding/binary"
	"fmt"
)

// A FileSpec describes a DLS file to be written. Encode checks it strictly against the format: a
// reader must put up with what other programs write, but nothing it has to put up with comes from
// here. The layout is that of Downloadable Sounds Level 1 v1.1b, chapter 2.
type FileSpec struct {
	// Name, Copyright, Engineer and Comment go into the file's INFO list; empty ones are left out.
	Name, Copyright, Engineer, Comment string
	// Version is four numbers, most significant first; all zero leaves the chunk out.
	Version     [4]uint16
	Instruments []InstrumentSpec
	Waves       []WaveSpec
}

// An InstrumentSpec describes one instrument.
type InstrumentSpec struct {
	Name string
	// MSB, LSB and Program are the values of controllers 0 and 32 and of the program change that
	// select it, 0..127.
	MSB, LSB, Program uint8
	// Drum says that it is a kit, played by channel 10.
	Drum    bool
	Regions []RegionSpec
	// Articulation holds Level 1 connections for all regions that have none of their own. A drum
	// kit has none here: its regions have theirs.
	Articulation []Block
	// Level2 holds further connections of Level 2 (filter, second low-frequency oscillator). They
	// are written to a list of their own, which readers of Level 1 skip, so the sound must be
	// usable without them.
	Level2 []Block
}

// A RegionSpec describes a range of keys that plays one wave. All velocities play it.
type RegionSpec struct {
	KeyLow, KeyHigh uint8
	// SelfNonExclusive lets a second note of the same key sound along with the first.
	SelfNonExclusive bool
	// KeyGroup 1..15 makes notes of the same group cut each other off; 0 is no group.
	KeyGroup uint8
	// Wave is an index into FileSpec.Waves.
	Wave int
	// Sample overrides the wave's own tuning, gain and loop as a whole; nil does not.
	Sample       *SampleSpec
	Articulation []Block
	Level2       []Block
}

// A SampleSpec says how a wave is to be played.
type SampleSpec struct {
	// Unity is the key at which the wave plays at its own rate, 0..127.
	Unity uint8
	// FineTune is added to the pitch, in cents.
	FineTune int16
	// Gain is in units of 1/655,360 dB; negative is quieter.
	Gain int32
	// LoopStart and LoopLength are in samples; a length of 0 is a one-shot.
	LoopStart, LoopLength uint32
}

// A WaveSpec is one mono wave of 16-bit samples.
type WaveSpec struct {
	Name string
	// Rate is in hertz.
	Rate   uint32
	PCM    []int16
	Sample SampleSpec
}

// A Block is one connection of an articulation: destination += transform(source * control * scale),
// with the numbers of the specification's tables.
type Block struct {
	Source, Control, Destination, Transform uint16
	Scale                                   int32
}

// Encode returns the file. The error says which instrument, region or wave breaks which rule.
func (f *FileSpec) Encode() ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("dls: cannot write %q: %w", f.Name, err)
	}
	pool, offsets := f.pool()
	var body []byte
	if f.Version != [4]uint16{} {
		v := f.Version
		body = chunk(body, "vers", le16(v[1], v[0], v[3], v[2]))
	}
	body = chunk(body, "colh", le32(uint32(len(f.Instruments))))
	var lins []byte
	for i := range f.Instruments {
		lins = list(lins, "ins ", f.Instruments[i].encode())
	}
	body = list(body, "lins", lins)
	body = chunk(body, "ptbl", append(le32(8, uint32(len(offsets))), le32(offsets...)...))
	body = list(body, "wvpl", pool)
	body = info(body, "INAM", f.Name, "ICOP", f.Copyright, "IENG", f.Engineer, "ICMT", f.Comment)
	out := append([]byte("RIFF"), le32(uint32(len(body)+4))...)
	return append(append(out, "DLS "...), body...), nil
}

// pool returns the contents of the wave pool and, for each wave, its offset in there.
func (f *FileSpec) pool() (pool []byte, offsets []uint32) {
	for i := range f.Waves {
		w := &f.Waves[i]
		offsets = append(offsets, uint32(len(pool)))
		format := append(le16(1, 1), le32(w.Rate, 2*w.Rate)...)
		wave := chunk(nil, "fmt ", append(format, le16(2, 16)...))
		wave = chunk(wave, "wsmp", w.Sample.encode())
		data := make([]byte, 0, 2*len(w.PCM))
		for _, v := range w.PCM {
			data = binary.LittleEndian.AppendUint16(data, uint16(v))
		}
		wave = chunk(wave, "data", data)
		pool = list(pool, "wave", info(wave, "INAM", w.Name))
	}
	return pool, offsets
}

func (ins *InstrumentSpec) encode() []byte {
	bank := uint32(ins.LSB) | uint32(ins.MSB)<<8
	if ins.Drum {
		bank |= 1 << 31
	}
	b := chunk(nil, "insh", le32(uint32(len(ins.Regions)), bank, uint32(ins.Program)))
	var regions []byte
	for i := range ins.Regions {
		regions = list(regions, "rgn ", ins.Regions[i].encode())
	}
	b = list(b, "lrgn", regions)
	return info(articulation(b, ins.Articulation, ins.Level2), "INAM", ins.Name)
}

func (r *RegionSpec) encode() []byte {
	options := uint16(0)
	if r.SelfNonExclusive {
		options = 1
	}
	b := chunk(nil, "rgnh", le16(uint16(r.KeyLow), uint16(r.KeyHigh), 0, 127, options, uint16(r.KeyGroup)))
	if r.Sample != nil {
		b = chunk(b, "wsmp", r.Sample.encode())
	}
	b = chunk(b, "wlnk", append(le16(0, 0), le32(1, uint32(r.Wave))...))
	return articulation(b, r.Articulation, r.Level2)
}

func (s *SampleSpec) encode() []byte {
	loops := uint32(0)
	if s.LoopLength > 0 {
		loops = 1
	}
	b := append(le32(20), le16(uint16(s.Unity), uint16(s.FineTune))...)
	b = append(b, le32(uint32(s.Gain), 0, loops)...)
	if loops > 0 {
		b = append(b, le32(16, 0, s.LoopStart, s.LoopLength)...)
	}
	return b
}

// articulation appends the lists of connections that are there.
func articulation(b []byte, level1, level2 []Block) []byte {
	if len(level1) > 0 {
		b = list(b, "lart", chunk(nil, "art1", blocks(level1)))
	}
	if len(level2) > 0 {
		b = list(b, "lar2", chunk(nil, "art2", blocks(level2)))
	}
	return b
}

func blocks(bs []Block) []byte {
	b := le32(8, uint32(len(bs)))
	for _, c := range bs {
		b = append(b, le16(c.Source, c.Control, c.Destination, c.Transform)...)
		b = append(b, le32(uint32(c.Scale))...)
	}
	return b
}

// chunk appends a chunk, padded to even length.
func chunk(b []byte, id string, data []byte) []byte {
	b = append(b, id...)
	b = append(b, le32(uint32(len(data)))...)
	b = append(b, data...)
	if len(data)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

func list(b []byte, id string, contents []byte) []byte {
	return chunk(b, "LIST", append([]byte(id), contents...))
}

// info appends an INFO list of the pairs (identifier, text) whose text is not empty.
func info(b []byte, pairs ...string) []byte {
	var contents []byte
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			contents = chunk(contents, pairs[i], append([]byte(pairs[i+1]), 0))
		}
	}
	if contents == nil {
		return b
	}
	return list(b, "INFO", contents)
}

func le16(vs ...uint16) []byte {
	var b []byte
	for _, v := range vs {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}

func le32(vs ...uint32) []byte {
	var b []byte
	for _, v := range vs {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}
