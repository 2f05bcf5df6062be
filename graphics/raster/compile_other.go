//go:build !amd64 || purego

package raster

import "github.com/mmlite/mmlite/firmware/machine"

// Compiler makes pixel loops at run time, on processors it knows; on this one there
// is none.
type Compiler struct{}

// loops are what a compiler has made.
type loops struct{}

// compiled is what a pipeline has of its compiler.
type compiled struct{ loops *loops }

// NewCompiler returns nil: nothing can be made for this processor.
func NewCompiler(machine.Machine) *Compiler { return nil }

// Made is how many sets of states loops were made for: none.
func (*Compiler) Made() (int, error) { return 0, nil }

// Full says that no more loops will be made.
func (*Compiler) Full() bool { return false }

// Close takes all loops away.
func (*Compiler) Close() error { return nil }

func compile(*Pipeline) {}

func (*compiled) draw(*Chunk, *paint, *Pipeline) bool { return false }
