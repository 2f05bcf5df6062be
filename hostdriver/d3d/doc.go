// Package d3d gives a host program a renderer of triangles in the manner of
// Direct3D 7 (Microsoft DirectX 7, IDirect3DDevice7), which a card draws.
//
//	dev, err := d3d.Open(ctx, card, device)          // a device of contracts/graphics
//	err = dev.SetRenderTarget(ctx, back, depth)      // its surfaces
//	err = dev.SetRenderState(d3d.CullMode, d3d.CullNone)
//	err = dev.BeginScene()
//	err = dev.Clear(nil, d3d.ClearTarget|d3d.ClearZBuffer, 0xff204060, 1, 0)
//	err = dev.DrawPrimitive(d3d.TriangleList, d3d.FVFTLVertex, d3d.Bytes(vertices))
//	err = dev.EndScene()
//
// States, textures, lights and matrices are kept here, so that what does not
// change costs no packet, and what is asked for no call. Drawing is one-way: it
// returns as soon as the command is under way, and what goes wrong at the card is
// the error of Finish, or of the next call that has an answer. What can be known
// here is checked here, and has the result code that Direct3D documents.
//
// Vertex buffers lie in memory that card and program share, where the link has
// that. Lock with Discard gives memory the card is done with, and with NoOverwrite
// what there is, without waiting.
//
// What differs from Direct3D is this. Floats of states are set by
// SetRenderFloat. Vertices are packed bytes of a flexible vertex format, with
// texture coordinates of any size; Bytes makes them of slices of structs.
// W buffers, cube and bump maps, anisotropic filters, line patterns, stippling,
// antialiasing and vertex blending are not there, and Caps says so. Execute
// buffers, ramp and material handles of Direct3D 3 to 6 are not there at all.
package d3d
