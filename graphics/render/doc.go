// Package render is the fixed-function pipeline of Direct3D 5 to 7 above the
// pixel loops of graphics/raster: states, transform and lighting, clipping,
// assembly of primitives, and the gathering of what is drawn into chunks of 32
// by 32 pixels, as Talisman's bins were (Torborg and Kajiya, SIGGRAPH 1996).
// It knows memory only: no objects, no threads of its own, no screen.
//
// Use: New once, SetTarget, states as Direct3D names and numbers them, Clear,
// Draw, and Flush when somebody wants to see the pixels. Nothing but New and
// NewTexture allocates. A Renderer, its targets and its textures are used by
// one goroutine at a time; a Team lends it more processors.
//
// The rules, beyond those of graphics/raster:
//
//   - Row vectors; left-handed; 0 <= z <= w is visible. x/w of -1 to 1 spans
//     the viewport from its left edge, y/w of 1 to -1 from its upper one;
//     pixel centres are integers.
//   - Triangles are cut at the near and far planes and at those that are
//     enabled; on the left and right only where they leave the reach of the
//     rasterizer. A vertex that is no number takes its primitives with it.
//   - Transformed vertices (XYZRHW) keep their z, limited to 0..1, instead of
//     being cut by it.
//   - Lighting is in view space, in float32, every product rounded before it
//     is added: the same bits everywhere.
//   - Colours are flat by the first vertex of a triangle; triangle i of a fan
//     begins with vertex i+1.
//   - Where a stage would read a texture and has none, it passes on what came
//     before it.
//   - What a chunk holds between two flushes has 8 bits a channel and float32
//     depth, whatever the format of its target.
package render
