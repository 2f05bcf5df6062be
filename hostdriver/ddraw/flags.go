package ddraw

// Caps say what a surface is and may be (DDSCAPS).
type Caps uint32

// The capabilities. SystemMemory and VideoMemory are hints that change nothing.
const (
	BackBuffer     Caps = 0x00000004
	Complex        Caps = 0x00000008
	FlipCap        Caps = 0x00000010
	FrontBuffer    Caps = 0x00000020
	OffscreenPlain Caps = 0x00000040
	Overlay        Caps = 0x00000080
	PaletteCap     Caps = 0x00000100
	PrimarySurface Caps = 0x00000200
	SystemMemory   Caps = 0x00000800
	Texture        Caps = 0x00001000
	Device3D       Caps = 0x00002000 // something is rendered on it
	VideoMemory    Caps = 0x00004000
	Visible        Caps = 0x00008000
	WriteOnlyCap   Caps = 0x00010000
	ZBuffer        Caps = 0x00020000
	MipMap         Caps = 0x00400000
	LocalVidMem    Caps = 0x10000000

	asked   = Complex | FlipCap | OffscreenPlain | PrimarySurface | SystemMemory | Texture | Device3D | VideoMemory | WriteOnlyCap | ZBuffer | MipMap | LocalVidMem
	ignored = SystemMemory | VideoMemory | WriteOnlyCap | LocalVidMem
)

// Level is how a program shares the screen (DDSCL).
type Level uint32

// The cooperative levels. Those that are about windows change nothing.
const (
	FullScreen      Level = 0x00000001
	AllowReboot     Level = 0x00000002
	NoWindowChanges Level = 0x00000004
	Normal          Level = 0x00000008
	Exclusive       Level = 0x00000010
	AllowModeX      Level = 0x00000040
	MultiThreaded   Level = 0x00000400
	FPUSetup        Level = 0x00000800
	FPUPreserve     Level = 0x00001000

	levels = FullScreen | AllowReboot | NoWindowChanges | Normal | Exclusive | AllowModeX | MultiThreaded | FPUSetup | FPUPreserve
)

// LockFlags say how a surface is locked (DDLOCK).
type LockFlags uint32

// The flags of Lock.
const (
	LockWait        LockFlags = 0x00000001
	LockReadOnly    LockFlags = 0x00000010
	LockWriteOnly   LockFlags = 0x00000020
	NoSysLock       LockFlags = 0x00000800
	NoOverwrite     LockFlags = 0x00001000
	DiscardContents LockFlags = 0x00002000
	LockDoNotWait   LockFlags = 0x00004000

	lockFlags = LockWait | LockReadOnly | LockWriteOnly | NoSysLock | NoOverwrite | DiscardContents | LockDoNotWait
)

// BltFlags say how Blt goes (DDBLT).
type BltFlags uint32

// The flags of Blt.
const (
	BltAsync        BltFlags = 0x00000200
	ColorFill       BltFlags = 0x00000400
	DDFX            BltFlags = 0x00000800 // BltFX.FX
	KeyDest         BltFlags = 0x00002000
	KeyDestOverride BltFlags = 0x00004000 // BltFX.DestKey
	KeySrc          BltFlags = 0x00008000
	KeySrcOverride  BltFlags = 0x00010000 // BltFX.SrcKey
	BltROP          BltFlags = 0x00020000 // BltFX.ROP
	BltWait         BltFlags = 0x01000000
	DepthFill       BltFlags = 0x02000000
	BltDoNotWait    BltFlags = 0x08000000
	// AlphaConst and AlphaPixel blend, which DirectDraw's flags foresaw and its drivers
	// never did: by BltFX.Alpha, or by the source's alpha times that.
	AlphaConst BltFlags = 0x10000000
	AlphaPixel BltFlags = 0x20000000

	bltFlags = BltAsync | ColorFill | DDFX | KeyDest | KeyDestOverride | KeySrc | KeySrcOverride | BltROP | BltWait | DepthFill | BltDoNotWait | AlphaConst | AlphaPixel
)

// FX are effects of Blt (DDBLTFX).
type FX uint32

// The effects.
const (
	ArithStretchY   FX = 0x00000001 // stretches interpolate, in both directions
	MirrorLeftRight FX = 0x00000002
	MirrorUpDown    FX = 0x00000004
	NoTearing       FX = 0x00000008
	Rotate180       FX = 0x00000010
	Rotate270       FX = 0x00000020
	Rotate90        FX = 0x00000040
)

// BltFX is what flags of Blt refer to (DDBLTFX).
type BltFX struct {
	FX              FX
	ROP             uint32 // a Windows ternary raster operation: SRCCOPY is 0x00CC0020
	FillColor       uint32 // as it stands in memory; of DepthFill the depth
	SrcKey, DestKey ColorKey
	Alpha           uint8
}

// ColorKey is a range of pixel values as they stand in memory, both ends included
// (DDCOLORKEY).
type ColorKey struct{ Low, High uint32 }

// BltFastFlags say how BltFast goes (DDBLTFAST).
type BltFastFlags uint32

// The flags of BltFast.
const (
	NoColorKey     BltFastFlags = 0
	SrcColorKey    BltFastFlags = 0x00000001
	DestColorKey   BltFastFlags = 0x00000002
	BltFastWait    BltFastFlags = 0x00000010
	BltFastNotWait BltFastFlags = 0x00000020

	bltFastFlags = SrcColorKey | DestColorKey | BltFastWait | BltFastNotWait
)

// FlipFlags say how Flip goes (DDFLIP).
type FlipFlags uint32

// The flags of Flip. Without an interval it is one vertical blank.
const (
	FlipWait      FlipFlags = 0x00000001
	NoVSync       FlipFlags = 0x00000008
	FlipDoNotWait FlipFlags = 0x00000020
	Interval2     FlipFlags = 0x02000000
	Interval3     FlipFlags = 0x03000000
	Interval4     FlipFlags = 0x04000000

	flipFlags = FlipWait | NoVSync | FlipDoNotWait | 0x07000000
)

// KeyFlags name a colour key (DDCKEY).
type KeyFlags uint32

// The colour keys. Without ColorSpace only the low end counts.
const (
	ColorSpace KeyFlags = 0x00000001
	DestBlt    KeyFlags = 0x00000002
	SrcBlt     KeyFlags = 0x00000008
)

// BlankFlags say what to wait for (DDWAITVB).
type BlankFlags uint32

// What WaitForVerticalBlank waits for.
const (
	BlockBegin BlankFlags = 0x00000001
	BlockEnd   BlankFlags = 0x00000004
)
