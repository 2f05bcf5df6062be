//go:build !purego

package effect

import "golang.org/x/sys/cpu"

//go:generate sh -c "cd ../gen && go run . -set effect -out ../effect/kernels_amd64.s -stubs ../effect/kernels_amd64.go -pkg effect"

// fastest returns the kernels for this processor.
func fastest(portably bool) kernels {
	if portably || !cpu.X86.HasAVX2 || !cpu.X86.HasBMI2 {
		return portable()
	}
	return kernels{
		network: func(n *network) { networkAVX2(&n.state[0]) },
		diffuse: func(x, read, write *Block, g float32) { diffuseAVX2(&x[0], &read[0], &write[0], g) },
		cubic:   func(dst *Block, w *taps, pos, inc uint32) { cubicAVX2(&dst[0], Frames, &w[0], pos, inc) },
		spread:  func(left, right, m, s *Block, x *mix) { spreadAVX2(&left[0], &right[0], &m[0], &s[0], &x.ml) },
	}
}
