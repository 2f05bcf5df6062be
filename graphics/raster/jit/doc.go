// Package jit makes machine code for x86-64 with AVX2 out of straight-line
// computations on eight 32-bit lanes.
//
// A Block is written down operation by operation, by whoever knows what is to be
// computed; equal operations are made once, and those whose result nobody uses are
// left out. Assembler.Emit finds registers for it and writes the instructions,
// between others that the caller writes for loops and addresses.
//
// The code is a leaf: it calls nothing, keeps to the registers of its caller's
// choice besides the vector ones, and touches no memory but what it is told of.
// Encodings are those of the Intel 64 and IA-32 Architectures Software Developer's
// Manual, volume 2.
package jit
