//go:build !amd64 || purego

package compose

func warp(dst []byte, w *warping)    { warpRow(dst, w) }
func over(dst, src []byte)           { overRow(dst, src) }
func lay(dst, src []byte)            { layRow(dst, src) }
func mask(dst, src []byte)           { maskRow(dst, src) }
func premultiply(pix []byte)         { premultiplyRow(pix) }
func halve(dst, above, below []byte) { halveRow(dst, above, below) }
func average(dst, other []byte)      { averageRow(dst, other) }
func tint(pix []byte, factor uint32) { tintRow(pix, factor) }
