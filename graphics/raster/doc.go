// Package raster draws triangles, lines and points into chunks of 32 by 32
// pixels, whose colour and depth stay in the first cache: the pixel loops of a
// Direct3D 5 to 7 fixed-function pipeline, rasterized the way Talisman did
// (Torborg and Kajiya, SIGGRAPH 1996: chunks and bin sort). It knows no threads,
// objects or heap; it keeps nothing after a call, allocates nothing while
// drawing, and writes nothing outside the chunk it is given.
//
// Use: Pipeline.Prepare once for a set of states, Triangle.Setup once for a
// triangle, Chunk.Draw for each chunk it touches, Chunk.Store when a chunk is
// done. For triangles of few pixels Chunk.DrawTriangle is faster than Setup and
// Draw.
//
// The interpreter of render states in this package is the reference: every
// other implementation of a pixel loop gives the same bits. The rules:
//
//   - Pixel centres are integers. Vertices are rounded to 1/256 pixel, halves to
//     even. A pixel is drawn if its centre is inside, or on a top or left edge;
//     for lines and points see SetupLine and SetupPoint.
//   - A plane is evaluated at every pixel anew: at the chunk's corner in
//     float64 rounded to float32, then c + dy*y, then + dx*x, x and y counted
//     from the corner, each product and each sum rounded to float32.
//   - Perspective: attributes times 1/w and 1/w itself are planes; a pixel
//     multiplies by the quotient 1/(1/w), rounded. Triangles of one w do not.
//   - Depth is float32, cut to 0..1. Colours are 8 bits a channel: a plane's
//     value rounded to nearest, halves to even, limited to 0..255.
//   - Products of channels are a*b/255, rounded to nearest. Blending rounds
//     both products and adds with saturation, but where the factors are
//     complements (alpha and its inverse) it rounds the sum once.
//   - A nearest texel is the one its coordinate lies in; for bilinear ones
//     positions are whole 1/128ths of a texel, rounded to nearest, halves to
//     even, and weights have 7 bits, as said at sampler.bilinear. The level of
//     detail is that of the pixel, by the planes' derivatives.
package raster
