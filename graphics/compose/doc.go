// Package compose makes the picture of a screen from image layers, as Talisman's
// compositor did (Torborg and Kajiya, SIGGRAPH 1996): each layer is a picture of
// any format and size, with an affine matrix, a colour factor, a depth and a clip
// rectangle of its own, and is warped with a bilinear filter and put over what is
// behind it, in bands of 32 lines that stay in the second cache. It works in
// memory only: it knows no threads, objects or displays, and once it has seen as
// many layers as it will, allocates nothing.
//
// A layer can be composed coarse, with a share of the screen's pixels, where there is no
// time for more: those that follow each other are put over each other in coarse pixels,
// and what comes of it, filtered, over what is behind.
//
// Every picture is exact to the bit on every machine, and does not depend on how
// damage is cut into rectangles, but for which of coarse layers are drawn together: those
// between which nothing sharp lies there. The rules:
//
//   - Centres of pixels, of a screen and of a layer, are at whole numbers: a layer
//     of w by h pixels covers -0.5 to w-0.5 and -0.5 to h-0.5 of its own plane.
//   - Its corners on the screen are rounded to 1/256 pixel. A pixel of the screen
//     is covered by how far its centre lies inside of each of the four edges between
//     them: not at all from half a pixel outside on, and as a whole from half a pixel
//     inside on; opposite edges subtract, and the two directions multiply. So edges are
//     smooth, those between pixels are sharp, and layers with a common edge cover every
//     pixel along it once; but each is put over what is behind for itself, a quarter of
//     which is seen at most where both cover half. Sharp corners end half a pixel outside
//     of the box around the layer.
//   - The inverse of the matrix is computed in float64 and kept in 32.32 fixed
//     point. It is evaluated at every 64th pixel of a line, and in steps of 16.16
//     between. Positions are rounded to 1/128 texel; beyond the edges the outermost
//     texels repeat.
//   - Texels become ARGB8888 as in package blit, are multiplied by their alpha, and
//     then by the colour factor, each channel rounded to nearest. So transparent
//     texels lend no colour to their neighbours.
//   - In a direction of the layer of which two or more texels pass from one pixel to
//     the next, these are halved before the factor, until fewer pass: to means of two
//     or, in both directions, of four, rounded to nearest each time. Of more than 16,
//     those in equal steps count. What is missing behind the end is as the last.
//   - The filter weighs across by 7 bits and keeps 7 bits of fraction, weighs down,
//     rounds to these 7 bits, and then to whole numbers, halves up.
//   - Over: c + d*(255-a)/255, the quotient rounded to nearest.
//
// A layer that a whole band's cell of 64 pixels lies under, and that is opaque,
// hides what is behind it there, which is then not computed.
package compose
