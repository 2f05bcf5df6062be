package dsound

import (
	"context"
	"sync"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/hostdriver"
)

// Device makes buffers on a card. It may be used from many goroutines.
type Device struct {
	mu    sync.Mutex
	card  *hostdriver.Card
	out   audio.Output
	level Level
	shut  bool
}

// Level is how much a program asks of a device.
type Level uint32

// The cooperative levels. Sound is shared whatever the level; to set the primary
// buffer's format, PriorityLevel is needed.
const (
	NormalLevel   Level = 1
	PriorityLevel Level = 2
)

// Open makes a device of a card, which stays the caller's and has to outlive the
// device's use. ErrNoDriver: the card has no sound.
func Open(ctx context.Context, card *hostdriver.Card) (*Device, error) {
	d := &Device{level: NormalLevel}
	if err := d.Reconnect(ctx, card); err != nil {
		return nil, err
	}
	return d, nil
}

// Reconnect has the device use another card from now on, when the one before is
// gone. Its buffers are lost, and come back one by one with Restore.
func (d *Device) Reconnect(ctx context.Context, card *hostdriver.Card) error {
	out, err := hostdriver.Bind(ctx, card, "/audio", audio.OutputType)
	if err != nil {
		return failed(ErrNoDriver, "%w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut {
		out.Release()
		return failed(ErrUninitialized, "the device was closed")
	}
	if d.out != nil {
		d.out.Release()
	}
	d.card, d.out = card, out
	return nil
}

// use returns the card and its output, with a reference.
func (d *Device) use() (*hostdriver.Card, audio.Output, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut {
		return nil, nil, failed(ErrUninitialized, "the device was closed")
	}
	if err := d.card.Err(); err != nil {
		return nil, nil, translate(err)
	}
	d.out.AddRef()
	return d.card, d.out, nil
}

// Close gives the output back. Buffers go on until they are released.
func (d *Device) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.shut {
		d.shut = true
		d.out.Release()
	}
	return nil
}

// SetCooperativeLevel says how much the program asks for.
func (d *Device) SetCooperativeLevel(level Level) error {
	if level != NormalLevel && level != PriorityLevel {
		return failed(ErrInvalidParam, "cooperative level %d", level)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.level = level
	return nil
}

// Caps says what the card can do.
type Caps struct {
	Device          string
	Rate            uint32 // of the mix
	MinRate         uint32 // of secondary buffers
	MaxRate         uint32
	Buffers         uint32 // streams and buffers open on the card
	LatencyFrames   uint32 // from the mix to the ear
	SharedMemory    bool   // Lock returns the card's own memory
	PositionsByPage bool   // positions cost no call
}

// Caps asks the card.
func (d *Device) Caps(ctx context.Context) (Caps, error) {
	card, out, err := d.use()
	if err != nil {
		return Caps{}, err
	}
	defer out.Release()
	i, err := out.Info(ctx)
	if err != nil {
		return Caps{}, translate(err)
	}
	shared := card.SharesMemory()
	return Caps{
		Device: i.Device, Rate: i.Rate, MinRate: MinFrequency, MaxRate: MaxFrequency, Buffers: i.Streams,
		LatencyFrames: uint32(i.Latency.Seconds() * float64(i.Rate)), SharedMemory: shared, PositionsByPage: shared,
	}, nil
}

// CreateBuffer makes a secondary buffer, silent and stopped at its beginning, at
// full volume and in the middle. Release it.
func (d *Device) CreateBuffer(ctx context.Context, desc BufferDesc) (*Buffer, error) {
	if err := desc.check(); err != nil {
		return nil, err
	}
	b := &Buffer{device: d, desc: desc, frequency: desc.Format.Rate}
	if err := b.open(ctx, nil); err != nil {
		b.Release()
		return nil, err
	}
	return b, nil
}

// DuplicateBuffer makes a buffer that plays by itself from the memory of another
// one. Its controls start from those of the original.
func (d *Device) DuplicateBuffer(ctx context.Context, of *Buffer) (*Buffer, error) {
	if of == nil || of.device != d {
		return nil, failed(ErrInvalidParam, "a buffer of another device cannot be duplicated")
	}
	var b *Buffer
	err := of.call(func(r audio.Buffer) error {
		of.mu.Lock()
		b = &Buffer{device: d, desc: of.desc, frequency: of.frequency, volume: of.volume, pan: of.pan}
		of.mu.Unlock()
		return b.open(ctx, r)
	})
	if err != nil {
		if b != nil {
			b.Release()
		}
		return nil, err
	}
	return b, nil
}

// Primary is the buffer that all others are mixed into: the card's output.
type Primary struct{ d *Device }

// Primary returns the primary buffer.
func (d *Device) Primary() Primary { return Primary{d} }

// Format is the card's.
func (p Primary) Format(ctx context.Context) (Format, error) {
	c, err := p.d.Caps(ctx)
	return Format{Rate: c.Rate, Channels: 2, Sample: audio.F32}, err
}

// SetFormat accepts the format that the card has: ErrBadFormat for any other, and
// ErrPrioLevelNeeded below PriorityLevel.
func (p Primary) SetFormat(ctx context.Context, f Format) error {
	p.d.mu.Lock()
	level := p.d.level
	p.d.mu.Unlock()
	if level < PriorityLevel {
		return failed(ErrPrioLevelNeeded, "the primary buffer's format")
	}
	have, err := p.Format(ctx)
	if err != nil {
		return err
	}
	if f.Rate != have.Rate || f.Channels != have.Channels {
		return failed(ErrBadFormat, "the card plays %d Hz stereo", have.Rate)
	}
	return nil
}

// SetVolume sets the volume of everything the card plays, of all programs, in
// hundredths of a decibel.
func (p Primary) SetVolume(ctx context.Context, volume int32) error {
	if volume < MinVolume || volume > MaxVolume {
		return failed(ErrInvalidParam, "a volume of %d, and %d to %d are possible", volume, MinVolume, MaxVolume)
	}
	_, out, err := p.d.use()
	if err != nil {
		return err
	}
	defer out.Release()
	return translate(out.SetVolume(ctx, gain(volume)))
}

// Capture records what the card plays.
func (p Primary) Capture(ctx context.Context) (audio.Capture, error) {
	_, out, err := p.d.use()
	if err != nil {
		return nil, err
	}
	defer out.Release()
	c, err := out.Capture(ctx)
	return c, translate(err)
}

// Lock is not possible: other programs play into it, too.
func (p Primary) Lock() error {
	return failed(ErrPrioLevelNeeded, "the primary buffer cannot be written")
}
