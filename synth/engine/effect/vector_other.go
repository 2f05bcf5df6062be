//go:build !amd64 || purego

package effect

func fastest(bool) kernels { return portable() }
