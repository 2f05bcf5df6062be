// Package blit copies, fills, stretches and combines rectangles of pixels in
// memory: what DirectDraw 7 calls Blt, BltFast and colour fill, without
// anything of a card around it. Surfaces are views of memory that the caller
// owns; nothing is kept after a call, nothing is allocated, and nothing
// outside the views is read or written.
//
// Every operation is exact to the bit on every machine. The rules:
//
//   - Expanding a field of n bits to 8 repeats its bits from the top (5 bits
//     abcde become abcdeabc), so that 0 stays 0 and full stays 255. An absent
//     alpha expands to 255.
//   - Reducing 8 bits to n keeps the top n bits. Expanding and reducing again
//     gives the pixel back.
//   - Unused bits (X) are written as zero by every conversion, and kept as they
//     are by copies between surfaces of one format. Colour keys ignore them.
//   - Storing into a palette takes the entry with the least sum of squared
//     differences of red, green and blue, the lowest index among equals. Copies
//     between palettized surfaces of one palette copy indices.
//   - Blending works on 8-bit channels and straight (not premultiplied) alpha:
//     d + a*(s-d)/255, rounded to nearest. The alpha channel of the destination
//     becomes a + d*(255-a)/255, rounded to nearest.
//   - Stretching samples at the centres of the destination's pixels in 16.16
//     fixed point: position u of a row of dw pixels from sw pixels lies at
//     step/2 + u*step with step = floor(sw*65536/dw). Nearest takes its whole
//     part. Bilinear goes back half a pixel, weighs by the top 8 bits of the
//     fraction, first along the destination's rows and then across them, each
//     time rounding to nearest.
//   - Rotating and mirroring move the destination's pixels: the result is what
//     is drawn unturned into a rectangle of the destination's size (its sides
//     swapped by a quarter turn), then turned, then mirrored.
//   - Raster operations work on the destination's pixel bits after conversion.
package blit
