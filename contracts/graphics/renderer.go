package graphics

import (
	"context"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// Renderer draws points, lines and triangles: the fixed-function pipeline of
// Direct3D 5 to 7, with their names and numbers of states. It gathers what is drawn
// and renders it in pieces of 32 by 32 pixels; Lock, Blit, Flip and whatever else
// needs the pixels wait for it.
//
// Matrices take row vectors; z is 0 near to 1 far. Commands are to be made by one
// goroutine, or their order is nobody's.
//
//mm:contract
type Renderer interface {
	com.Unknown

	// SetTarget has the renderer draw on a surface with CapTarget, and use a surface
	// with CapDepth, of the same size, or none. ErrInvalid: they do not fit, or are of
	// another device.
	SetTarget(ctx context.Context, color Surface, depth Surface) error
	// SetState sets a render state (D3DRENDERSTATETYPE). Unknown states are
	// ErrNotSupported and values out of their range ErrInvalid; the state stays as it
	// was.
	//
	//mm:oneway
	SetState(state uint32, value uint32) error
	// SetStageState sets a state of a texture stage (D3DTEXTURESTAGESTATETYPE).
	//
	//mm:oneway
	SetStageState(stage uint32, state uint32, value uint32) error
	// SetTexture has a stage read from a surface with CapTexture; 0 means none. A
	// texture that is the target draws as if there were none, and the next draw says
	// ErrInvalid.
	//
	//mm:oneway
	SetTexture(stage uint32, surface uint32) error
	// SetTransform sets a matrix (D3DTRANSFORMSTATETYPE).
	//
	//mm:oneway
	SetTransform(which uint32, m Matrix) error
	// SetViewport says what part of the target is drawn on.
	//
	//mm:oneway
	SetViewport(v Viewport) error
	// SetLight describes a light, 0 to 63.
	//
	//mm:oneway
	SetLight(index uint32, l Light) error
	// EnableLight turns a light on or off. ErrInvalid: more than Info.Lights are on.
	//
	//mm:oneway
	EnableLight(index uint32, on bool) error
	// SetMaterial describes what is lit.
	//
	//mm:oneway
	SetMaterial(m Material) error
	// SetClipPlane sets a plane in world coordinates, behind which nothing is drawn:
	// A*x + B*y + C*z + D >= 0 is in front.
	//
	//mm:oneway
	SetClipPlane(index uint32, p Plane) error
	// Clear sets colour, depth and stencil inside rects and the viewport; no rects
	// mean all of the viewport.
	//
	//mm:oneway
	//mm:limit rects 64
	Clear(c Clear, rects []Rect) error
	// Draw draws vertices of a flexible vertex format that come with the call.
	//
	//mm:oneway
	//mm:limit vertices 1048576
	Draw(primitive Primitive, format uint32, vertices []byte) error
	// DrawIndexed draws those of them that indices name, numbers of 16 bits, little
	// endian.
	//
	//mm:oneway
	//mm:limit vertices 1048576
	//mm:limit indices 524288
	DrawIndexed(primitive Primitive, format uint32, vertices []byte, indices []byte) error
	// DrawBuffer draws count vertices of a buffer from vertex first on. The buffer is
	// read before a Fence that follows shows.
	//
	//mm:oneway
	DrawBuffer(primitive Primitive, format uint32, buffer uint32, first uint32, count uint32) error
	// DrawIndexedBuffer draws what indices name, counted from vertex first on, of count
	// vertices of a buffer.
	//
	//mm:oneway
	//mm:limit indices 524288
	DrawIndexedBuffer(primitive Primitive, format uint32, buffer uint32, first uint32, count uint32, indices []byte) error
	// Fence has the cursor of Info show a value once all before it has been done with
	// its vertices, and their memory may be written again.
	//
	//mm:oneway
	Fence(value uint64) error
	// EndScene begins to render what was gathered. It is not needed for anything but
	// speed: a picture is finished when somebody needs it.
	//
	//mm:oneway
	EndScene() error
	// Finish returns when everything is drawn.
	Finish(ctx context.Context) error
	// Validate says whether the states now set can be drawn, and in how many passes,
	// which is always one. ErrNotSupported says what cannot.
	Validate(ctx context.Context) (passes uint32, err error)
	// Info says how the renderer fares.
	Info(ctx context.Context) (RendererInfo, error)
}

// VertexBuffer is memory for vertices which the client writes in place.
//
//mm:contract
type VertexBuffer interface {
	com.Unknown

	// Memory returns the memory.
	Memory(ctx context.Context) (system.Memory, error)
	// Number returns what drawing names the buffer by, never 0.
	Number(ctx context.Context) (uint32, error)
}

// Primitive is what vertices make up (D3DPRIMITIVETYPE).
type Primitive uint8

// The primitives.
const (
	PointList Primitive = iota + 1
	LineList
	LineStrip
	TriangleList
	TriangleStrip
	TriangleFan
)

// Matrix is a 4 by 4 matrix, row by row (D3DMATRIX).
type Matrix struct {
	M11, M12, M13, M14 float32
	M21, M22, M23, M24 float32
	M31, M32, M33, M34 float32
	M41, M42, M43, M44 float32
}

// Viewport is the part of the target that is drawn on (D3DVIEWPORT7).
type Viewport struct {
	X, Y, Width, Height uint32 // pixels
	MinZ, MaxZ          float32
}

// Color is a colour of light: 0 to 1, and beyond for lights.
type Color struct{ R, G, B, A float32 }

// Vector is a place or direction.
type Vector struct{ X, Y, Z float32 }

// Plane is A*x + B*y + C*z + D = 0.
type Plane struct{ A, B, C, D float32 }

// LightType is where light comes from (D3DLIGHTTYPE).
type LightType uint8

// The types of lights.
const (
	PointLight LightType = iota + 1
	SpotLight
	DirectionalLight
)

// Light is a source of light (D3DLIGHT7), in world coordinates.
type Light struct {
	Type                                     LightType
	Diffuse, Specular, Ambient               Color
	Position, Direction                      Vector
	Range                                    float32 // beyond which it does not shine
	Falloff                                  float32 // of a spot, between Theta and Phi
	Attenuation0, Attenuation1, Attenuation2 float32 // 1 / (A0 + A1*d + A2*d*d)
	Theta, Phi                               float32 // inner and outer cone of a spot, radians, 0 to pi
}

// Material is how a surface answers to light (D3DMATERIAL7).
type Material struct {
	Diffuse, Ambient, Specular, Emissive Color
	Power                                float32
}

// ClearFlags say what is cleared.
type ClearFlags uint8

// What is cleared.
const (
	ClearTarget ClearFlags = 1 << iota
	ClearDepth
	ClearStencil
)

// Clear says what is cleared, and to what.
type Clear struct {
	Flags   ClearFlags
	Color   uint32
	Z       float32
	Stencil uint8
}

// RendererInfo says how a renderer fares.
type RendererInfo struct {
	Triangles uint64 // drawn, after clipping and culling
	Vertices  uint64 // transformed
	Batches   uint64
	Flushes   uint64 // times what was gathered was rendered
	Refused   uint64 // draws that failed
	Loop      string // the pixel loop of the last draw: "interpreter", what a vector loop does, "compiled"
	// Cursor is the number of the cursor in the client's status page whose first value
	// is that of the last Fence; 0xFFFFFFFF if there is none.
	Cursor uint32
	Fence  uint64 // the same
}
