//go:build !amd64

package resample

func best() *kernels { return &portable }
