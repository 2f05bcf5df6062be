//go:build !amd64 || purego

package raster

// kernel is a compiled pixel loop; here there are none.
type kernel struct{}

func choose(*Pipeline) kernel { return kernel{} }

func (*kernel) draw(*Chunk, *Triangle, *Pipeline, int32, int32) bool { return false }

func (*kernel) chosen() bool { return false }
