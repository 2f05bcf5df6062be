// Package resample converts the sample rate of sound.
//
// Method: band-limited interpolation (Smith, Digital Audio Resampling Home Page, CCRMA, 2002; Crochiere and Rabiner,
// Multirate Digital Signal Processing, 1983, chapter 2). An output frame is an inner product of the input frames around its
// position with a windowed sinc sampled at that position. A Filter holds the sinc at many positions between two input frames,
// one row each. For common ratios there is a row for every position that occurs; otherwise, and where the ratio has to change
// while sound runs, two neighbouring rows are used and the result taken between them.
//
// Sound is float32, interleaved. Positions are whole numbers, so a stream of any length keeps its ratio exactly. Making a
// filter and a converter allocates; converting does not. The sums are added in a fixed order with explicit rounding, so all
// processors and both kinds of code give the same bits.
package resample
