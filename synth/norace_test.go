//go:build !race

package synth

// raced says that the race detector makes everything ten times slower.
const raced = false
