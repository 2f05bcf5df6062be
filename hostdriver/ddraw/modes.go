package ddraw

import (
	"context"
	"slices"

	"github.com/mmlite/mmlite/contracts/graphics"
)

// modes are those that programs look for. Any other can be set, too: the screen is
// stretched.
var modes = [...][2]uint32{
	{320, 200}, {320, 240}, {400, 300}, {512, 384}, {640, 400}, {640, 480}, {800, 600}, {1024, 768}, {1152, 864}, {1280, 1024}, {1600, 1200},
}

// maxMode is the largest width and height of a mode.
const maxMode = 16384

// SetDisplayMode has primaries be of a size and depth: 8, 15, 16, 24 or 32 bits. Those
// there are stay as they are.
func (d *DirectDraw) SetDisplayMode(ctx context.Context, width, height, bits uint32) error {
	f, ok := modeFormat(bits)
	if !ok || width < 1 || height < 1 || width > maxMode || height > maxMode {
		return failed(ErrInvalidMode, "%d by %d pixels of %d bits", width, height, bits)
	}
	level, _ := d.now()
	return d.set(ctx, level, graphics.Mode{Width: width, Height: height, Format: f})
}

// RestoreDisplayMode goes back to the mode of the screen.
func (d *DirectDraw) RestoreDisplayMode(ctx context.Context) error {
	level, _ := d.now()
	return d.set(ctx, level, graphics.Mode{})
}

// Mode describes a display mode.
type Mode struct {
	Width, Height uint32
	RefreshRate   uint32 // Hz, rounded
	PixelFormat   PixelFormat
}

func modeOf(m graphics.Mode) Mode {
	return Mode{Width: m.Width, Height: m.Height, RefreshRate: (m.Refresh + 500) / 1000, PixelFormat: pixelsOf(m.Format)}
}

// DisplayMode is the one that is set.
func (d *DirectDraw) DisplayMode(ctx context.Context) (Mode, error) {
	c, err := d.use()
	if err != nil {
		return Mode{}, err
	}
	defer c.drop()
	i, err := c.device.Info(ctx)
	return modeOf(i.Mode), translate(err)
}

// EnumDisplayModes calls fn with every mode, the smaller ones first, until it returns
// false: those that programs look for, and the screen's own, in 8, 16 and 32 bits.
func (d *DirectDraw) EnumDisplayModes(ctx context.Context, fn func(Mode) bool) error {
	c, err := d.use()
	if err != nil {
		return err
	}
	defer c.drop()
	i, err := c.screen.Info(ctx)
	if err != nil {
		return translate(err)
	}
	all := append([][2]uint32{{i.Width, i.Height}}, modes[:]...)
	slices.SortFunc(all, func(a, b [2]uint32) int { return slices.Compare(a[:], b[:]) })
	for _, size := range slices.Compact(all) {
		for _, f := range []graphics.Format{graphics.Indexed8, graphics.RGB565, graphics.XRGB8888} {
			if !fn(modeOf(graphics.Mode{Width: size[0], Height: size[1], Refresh: i.Refresh, Format: f})) {
				return nil
			}
		}
	}
	return nil
}

// MonitorFrequency is how often a second the screen is shown, rounded.
func (d *DirectDraw) MonitorFrequency(ctx context.Context) (uint32, error) {
	m, err := d.DisplayMode(ctx)
	return m.RefreshRate, err
}

// HardwareCaps are what the card can do (DDCAPS).
type HardwareCaps struct {
	Caps        uint32 // DDCAPS_
	ColorKey    uint32 // DDCKEYCAPS_
	FX          uint32 // DDFXCAPS_
	Palette     uint32 // DDPCAPS_
	Surfaces    Caps
	Rops        [8]uint32 // a bit for each ternary raster operation
	VideoTotal  uint64    // bytes
	VideoFree   uint64
	MaxSize     uint32 // largest width and height of a surface
	SharedLocks bool   // Lock returns the card's own memory
}

// What a card can do, with DirectDraw's values.
const (
	caps3D          = 0x00000001
	capsBlt         = 0x00000040
	capsBltQueue    = 0x00000080
	capsBltStretch  = 0x00000200
	capsPalette     = 0x00008000
	capsPaletteVS   = 0x00010000
	capsScanLine    = 0x00020000
	capsColorKey    = 0x00400000
	capsAlpha       = 0x00800000
	capsColorFill   = 0x04000000
	capsCanClip     = 0x20000000
	capsClipStretch = 0x40000000

	keyDestBlt      = 0x00000001
	keyDestBltSpace = 0x00000002
	keySrcBlt       = 0x00000200
	keySrcBltSpace  = 0x00000400

	fxArithStretchY = 0x00000020
	fxMirrorLR      = 0x00000040
	fxMirrorUD      = 0x00000080
	fxRotation90    = 0x00000200
	fxShrinkX       = 0x00000400
	fxShrinkY       = 0x00001000
	fxStretchX      = 0x00004000
	fxStretchY      = 0x00010000

	palette8Bit     = 0x00000004
	palettePrimary  = 0x00000010
	paletteVSync    = 0x00000080
	paletteAllow256 = 0x00000040
)

// Caps asks the card.
func (d *DirectDraw) Caps(ctx context.Context) (HardwareCaps, error) {
	c, err := d.use()
	if err != nil {
		return HardwareCaps{}, err
	}
	defer c.drop()
	g, err := c.maker.Info(ctx)
	if err != nil {
		return HardwareCaps{}, translate(err)
	}
	h := HardwareCaps{
		Caps:     capsBlt | capsBltQueue | capsBltStretch | capsPalette | capsPaletteVS | capsColorKey | capsAlpha | capsColorFill | capsCanClip | capsClipStretch,
		ColorKey: keyDestBlt | keyDestBltSpace | keySrcBlt | keySrcBltSpace,
		FX:       fxArithStretchY | fxMirrorLR | fxMirrorUD | fxRotation90 | fxShrinkX | fxShrinkY | fxStretchX | fxStretchY,
		Palette:  palette8Bit | palettePrimary | paletteVSync | paletteAllow256,
		Surfaces: BackBuffer | Complex | FlipCap | FrontBuffer | OffscreenPlain | PaletteCap | PrimarySurface | Texture | VideoMemory | Visible | ZBuffer | MipMap | LocalVidMem,
		MaxSize:  g.MaxSize, VideoTotal: g.Memory, VideoFree: g.Free, SharedLocks: c.card.SharesMemory(),
	}
	for i := range h.Rops {
		h.Rops[i] = 0xffffffff
	}
	if _, ok := c.cursor.Get(); ok {
		h.Caps |= capsScanLine
	}
	if g.Stages > 0 {
		h.Caps |= caps3D
		h.Surfaces |= Device3D
	}
	return h, nil
}

// AvailableVidMem is how much memory there is for surfaces, and how much of it is free,
// in bytes.
func (d *DirectDraw) AvailableVidMem(ctx context.Context) (total, free uint64, err error) {
	h, err := d.Caps(ctx)
	return h.VideoTotal, h.VideoFree, err
}
