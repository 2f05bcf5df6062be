package dls

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
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

// A RegionSpec describes a range of keys that plays one wave.
type RegionSpec struct {
	KeyLow, KeyHigh uint8
	// Layer writes a region of Level 2: it may overlap others, and plays velocities VelLow to
	// VelHigh only. Readers of Level 1 skip it. Without it all velocities play the region, and both are
	// 0.
	Layer           bool
	VelLow, VelHigh uint8
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
	// LoopRelease leaves the loop when the key goes up; it is of Level 2.
	LoopRelease bool
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
	var out bytes.Buffer
	if _, err := f.WriteTo(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// WriteTo writes the file and returns its length. Beside the waves it needs little memory. The error
// is that of Encode, before anything is written, or w's.
func (f *FileSpec) WriteTo(w io.Writer) (int64, error) {
	if err := f.check(); err != nil {
		return 0, fmt.Errorf("dls: cannot write %q: %w", f.Name, err)
	}
	head := f.head()
	offsets, pool := f.pool()
	head = chunk(head, "ptbl", append(le32(8, uint32(len(offsets))), le32(offsets...)...))
	tail := info(nil, "INAM", f.Name, "ICOP", f.Copyright, "IENG", f.Engineer, "ICMT", f.Comment)
	size := 4 + len(head) + 12 + pool + len(tail)
	out := &counter{w: w}
	out.put(append([]byte("RIFF"), le32(uint32(size))...))
	out.put([]byte("DLS "))
	out.put(head)
	out.put(append(append([]byte("LIST"), le32(uint32(pool+4))...), "wvpl"...))
	for i := range f.Waves {
		f.Waves[i].write(out)
	}
	out.put(tail)
	return out.n, out.err
}

// head returns the chunks in front of the pool table.
func (f *FileSpec) head() (b []byte) {
	if f.Version != [4]uint16{} {
		v := f.Version
		b = chunk(b, "vers", le16(v[1], v[0], v[3], v[2]))
	}
	b = chunk(b, "colh", le32(uint32(len(f.Instruments))))
	var lins []byte
	for i := range f.Instruments {
		lins = list(lins, "ins ", f.Instruments[i].encode())
	}
	return list(b, "lins", lins)
}

// pool returns the offset of each wave in the pool, and the pool's length.
func (f *FileSpec) pool() (offsets []uint32, size int) {
	for i := range f.Waves {
		offsets = append(offsets, uint32(size))
		size += f.Waves[i].size()
	}
	return offsets, size
}

// counter writes until an error and counts.
type counter struct {
	w   io.Writer
	n   int64
	err error
}

func (c *counter) put(b []byte) {
	if c.err != nil {
		return
	}
	n, err := c.w.Write(b)
	c.n, c.err = c.n+int64(n), err
}

// around returns what stands in front of and behind the samples of a wave in its list.
func (w *WaveSpec) around() (before, after []byte) {
	format := append(le16(1, 1), le32(w.Rate, 2*w.Rate)...)
	before = chunk(nil, "fmt ", append(format, le16(2, 16)...))
	before = chunk(before, "wsmp", w.Sample.encode())
	before = append(append(before, "data"...), le32(uint32(2*len(w.PCM)))...)
	return before, info(nil, "INAM", w.Name)
}

func (w *WaveSpec) size() int {
	before, after := w.around()
	return 12 + len(before) + 2*len(w.PCM) + len(after)
}

func (w *WaveSpec) write(out *counter) {
	before, after := w.around()
	out.put(append(append([]byte("LIST"), le32(uint32(w.size()-8))...), "wave"...))
	out.put(before)
	var buf [1 << 16]byte
	for pcm := w.PCM; len(pcm) > 0; {
		part := pcm[:min(len(pcm), len(buf)/2)]
		pcm = pcm[len(part):]
		for i, v := range part {
			binary.LittleEndian.PutUint16(buf[2*i:], uint16(v))
		}
		out.put(buf[:2*len(part)])
	}
	out.put(after)
}

func (ins *InstrumentSpec) encode() []byte {
	bank := uint32(ins.LSB) | uint32(ins.MSB)<<8
	if ins.Drum {
		bank |= 1 << 31
	}
	b := chunk(nil, "insh", le32(uint32(len(ins.Regions)), bank, uint32(ins.Program)))
	var regions []byte
	for i := range ins.Regions {
		id := "rgn "
		if ins.Regions[i].Layer {
			id = "rgn2"
		}
		regions = list(regions, id, ins.Regions[i].encode())
	}
	b = list(b, "lrgn", regions)
	return info(articulation(b, ins.Articulation, ins.Level2), "INAM", ins.Name)
}

func (r *RegionSpec) encode() []byte {
	options := uint16(0)
	if r.SelfNonExclusive {
		options = 1
	}
	soft, loud := uint16(0), uint16(127)
	if r.Layer {
		soft, loud = uint16(r.VelLow), uint16(r.VelHigh)
	}
	b := chunk(nil, "rgnh", le16(uint16(r.KeyLow), uint16(r.KeyHigh), soft, loud, options, uint16(r.KeyGroup)))
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
		kind := uint32(loopForward)
		if s.LoopRelease {
			kind = loopRelease
		}
		b = append(b, le32(16, kind, s.LoopStart, s.LoopLength)...)
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
