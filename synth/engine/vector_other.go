//go:build !amd64 || purego

package engine

// vectorKernels says that there are none but the portable ones.
func vectorKernels(Interpolation) (kernels, bool) { return kernels{}, false }
