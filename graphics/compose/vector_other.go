//go:build !amd64 || purego

package compose

func warp(dst []byte, w *warping)    { warpRow(dst, w) }
func over(dst, src []byte)           { overRow(dst, src) }
func lay(dst, src []byte)            { layRow(dst, src) }
func mask(dst, src []byte)           { maskRow(dst, src) }
func premultiply(pix []byte)         { premultiplyRow(pix) }
func tint(pix []byte, factor uint32) { tintRow(pix, factor) }
