package d3d

import "github.com/mmlite/mmlite/contracts/graphics"

// Caps says what a device can do (D3DDEVICEDESC7). What is not set is not there.
type Caps struct {
	MaxTexture     uint32 // width and height of a texture, which are powers of two
	MaxStages      uint32 // texture stages, all of which may have textures at once
	MaxLights      uint32 // that can be on
	MaxClipPlanes  uint32
	MaxVertexCount uint32 // with indices
	Workers        uint32 // processors of the card that render

	Primitive      PrimitiveCaps // of triangles, and of lines but for culling
	TextureOps     uint32        // D3DTEXOPCAPS: bit n-1 for operation n
	FVFCoordinates uint32        // sets of texture coordinates in a vertex
	VertexBuffers  bool          // in memory shared with the card
	DepthFormats   []graphics.Format
	TextureFormats []graphics.Format
}

// PrimitiveCaps are those of D3DPRIMCAPS, by its bits.
type PrimitiveCaps struct {
	Misc, Raster, ZCmp, SrcBlend, DestBlend, AlphaCmp, Shade, Texture, TextureFilter, TextureAddress uint32
}

// Bits of PrimitiveCaps (D3DPMISCCAPS, D3DPRASTERCAPS, D3DPCMPCAPS, D3DPBLENDCAPS,
// D3DPSHADECAPS, D3DPTEXTURECAPS, D3DPTFILTERCAPS, D3DPTADDRESSCAPS).
const (
	MiscMaskZ    = 0x02
	MiscCullNone = 0x10
	MiscCullCW   = 0x20
	MiscCullCCW  = 0x40

	RasterZTest         = 0x10
	RasterSubpixel      = 0x20
	RasterFogVertex     = 0x80
	RasterFogTable      = 0x100
	RasterMipmapLODBias = 0x2000
	RasterZBias         = 0x4000
	RasterFogRange      = 0x10000
	RasterWFog          = 0x100000
	RasterZFog          = 0x200000

	AllCompares = 0xff // D3DPCMPCAPS_NEVER to ALWAYS

	ShadeColorFlat       = 0x02
	ShadeColorGouraud    = 0x08
	ShadeSpecularFlat    = 0x80
	ShadeSpecularGouraud = 0x200
	ShadeAlphaFlat       = 0x1000
	ShadeAlphaGouraud    = 0x4000
	ShadeFogGouraud      = 0x80000

	TexturePerspective  = 0x01
	TexturePow2         = 0x02
	TextureAlpha        = 0x04
	TextureTransparency = 0x08 // colour keys
	TextureBorder       = 0x10

	FilterMinPoint  = 0x100
	FilterMinLinear = 0x200
	FilterMipPoint  = 0x10000
	FilterMipLinear = 0x20000
	FilterMagPoint  = 0x1000000
	FilterMagLinear = 0x2000000

	AddressCapWrap          = 0x01
	AddressCapMirror        = 0x02
	AddressCapClamp         = 0x04
	AddressCapBorder        = 0x08
	AddressCapIndependentUV = 0x10
)

// Caps says what this device can do, and nothing it cannot.
func (d *Device) Caps() Caps {
	// Factors 1 to 13 are bits 0 to 12; as destination the last two are not.
	const sources, destinations = 1<<13 - 1, 1<<11 - 1
	// Operations 1 to 16, and 24.
	const ops = 1<<16 - 1 | 1<<23
	return Caps{
		MaxTexture: d.info.MaxTexture, MaxStages: Stages, MaxLights: d.info.Lights, MaxClipPlanes: min(d.info.ClipPlanes, ClipPlanes),
		MaxVertexCount: 65536, Workers: d.info.Workers,
		Primitive: PrimitiveCaps{
			Misc: MiscMaskZ | MiscCullNone | MiscCullCW | MiscCullCCW,
			Raster: RasterZTest | RasterSubpixel | RasterFogVertex | RasterFogTable | RasterMipmapLODBias | RasterZBias | RasterFogRange |
				RasterWFog | RasterZFog,
			ZCmp: AllCompares, AlphaCmp: AllCompares, SrcBlend: sources, DestBlend: destinations,
			Shade: ShadeColorFlat | ShadeColorGouraud | ShadeSpecularFlat | ShadeSpecularGouraud | ShadeAlphaFlat | ShadeAlphaGouraud |
				ShadeFogGouraud,
			Texture:        TexturePerspective | TexturePow2 | TextureAlpha | TextureTransparency | TextureBorder,
			TextureFilter:  FilterMinPoint | FilterMinLinear | FilterMipPoint | FilterMipLinear | FilterMagPoint | FilterMagLinear,
			TextureAddress: AddressCapWrap | AddressCapMirror | AddressCapClamp | AddressCapBorder | AddressCapIndependentUV,
		},
		TextureOps: ops, FVFCoordinates: 8, VertexBuffers: d.card.SharesMemory(),
		DepthFormats: []graphics.Format{graphics.Depth16, graphics.Depth24},
		TextureFormats: []graphics.Format{graphics.Indexed8, graphics.RGB565, graphics.XRGB1555, graphics.ARGB4444, graphics.XRGB8888, graphics.ARGB8888,
			graphics.DXT1, graphics.DXT3, graphics.DXT5},
	}
}
