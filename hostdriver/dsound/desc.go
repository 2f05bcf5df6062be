package dsound

import (
	"math"

	"github.com/mmlite/mmlite/contracts/audio"
)

// Format is a wave format.
type Format struct {
	Rate     uint32 // frames a second, 100 to 200000
	Channels uint32 // 1 to 8, in the order of a WAVE file
	Sample   audio.SampleFormat
}

// sampleBytes are the sizes of samples.
var sampleBytes = map[audio.SampleFormat]uint32{audio.U8: 1, audio.S16: 2, audio.S24: 3, audio.S32: 4, audio.F32: 4}

// BlockAlign is the size of a frame in bytes, 0 for an unknown sample format.
func (f Format) BlockAlign() uint32 { return f.Channels * sampleBytes[f.Sample] }

// Flags say what a buffer can do. What is not asked for costs nothing.
type Flags uint32

// The flags, with DirectSound's values where it has them.
const (
	PrimaryBuffer      Flags = 0x00000001 // not for CreateBuffer: use Device.Primary
	Static             Flags = 0x00000002 // a hint: it is written once
	CtrlFrequency      Flags = 0x00000020 // SetFrequency
	CtrlPan            Flags = 0x00000040 // SetPan
	CtrlVolume         Flags = 0x00000080 // SetVolume
	CtrlPositionNotify Flags = 0x00000100 // SetNotificationPositions
	GetPosition2       Flags = 0x00010000 // positions are always exact

	knownFlags = Static | CtrlFrequency | CtrlPan | CtrlVolume | CtrlPositionNotify | GetPosition2
)

// BufferDesc describes a buffer to create. Bytes and Format are needed.
type BufferDesc struct {
	Name    string // for people; shown in the card's status
	Flags   Flags
	Bytes   uint32 // MinBytes to MaxBytes, whole frames
	Format  Format
	Quality audio.Quality // of rate conversion; 0 means Normal
}

// Limits on buffers, as DirectSound has them; a card may have less memory.
const (
	MinBytes     = 4          // DSBSIZE_MIN
	MaxBytes     = 0x0FFFFFFF // DSBSIZE_MAX
	MinVolume    = -10000     // hundredths of a decibel: silence
	MaxVolume    = 0
	PanLeft      = -10000
	PanRight     = 10000
	MinFrequency = 100 // frames a second
	MaxFrequency = 200000
	// OriginalFrequency is that of the buffer's format.
	OriginalFrequency = 0
)

func (d *BufferDesc) check() error {
	align := d.Format.BlockAlign()
	switch {
	case d.Flags&PrimaryBuffer != 0:
		return failed(ErrInvalidParam, "the primary buffer is the card's: use Device.Primary")
	case d.Flags&^knownFlags != 0:
		return failed(ErrUnsupported, "flags %#x", uint32(d.Flags&^knownFlags))
	case align == 0 || d.Format.Channels > 8:
		return failed(ErrBadFormat, "%d channels of sample format %d", d.Format.Channels, d.Format.Sample)
	case d.Format.Rate < MinFrequency || d.Format.Rate > MaxFrequency:
		return failed(ErrBadFormat, "%d frames a second, and %d to %d are possible", d.Format.Rate, MinFrequency, MaxFrequency)
	case d.Bytes < MinBytes || d.Bytes > MaxBytes:
		return failed(ErrInvalidParam, "a buffer of %d bytes, and %d to %d are possible", d.Bytes, MinBytes, MaxBytes)
	case d.Bytes%align != 0:
		return failed(ErrInvalidParam, "a buffer of %d bytes holds no whole number of frames of %d", d.Bytes, align)
	}
	return nil
}

// gain is the factor for a volume in hundredths of a decibel. The least is silence.
func gain(volume int32) float32 {
	if volume <= MinVolume {
		return 0
	}
	return float32(math.Pow(10, float64(volume)/2000))
}

// balance is the contract's pan for DirectSound's, which says by how many hundredths
// of a decibel the far side is turned down.
func balance(pan int32) float32 {
	far := 1 - float64(gain(-max(pan, -pan)))
	if pan < 0 {
		return float32(-far)
	}
	return float32(far)
}
