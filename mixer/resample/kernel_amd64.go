package resample

import "golang.org/x/sys/cpu"

//go:generate sh -c "cd gen && go run . -out new.s -stubs new.stubs -pkg resample && mv new.s ../kernel_avx2_amd64.s && mv new.stubs ../kernel_avx2_amd64.go"

// The assembly takes the phase as a pointer to its first field, so that its generator need not know this package's types.
var avx2 = kernels{
	name: "avx2",
	mono: func(out, in, coef []float32, stride, n int, p *phase) {
		monoAVX2(out, in, coef, stride, n, &p.pos)
	},
	stereo: func(out, left, right, coef []float32, stride, n int, p *phase) {
		stereoAVX2(out, left, right, coef, stride, n, &p.pos)
	},
	monoLerp: func(out, in, coef []float32, stride, n int, p *phase) {
		monoLerpAVX2(out, in, coef, stride, n, &p.pos)
	},
	stereoLerp: func(out, left, right, coef []float32, stride, n int, p *phase) {
		stereoLerpAVX2(out, left, right, coef, stride, n, &p.pos)
	},
	split: splitVector,
}

func splitVector(left, right, src []float32) {
	n := len(left) &^ 7
	splitAVX2(left[:n], right[:n], src[:2*n])
	splitGo(left[n:], right[n:], src[2*n:])
}

// best is the fastest code for this processor.
func best() *kernels {
	if cpu.X86.HasAVX2 {
		return &avx2
	}
	return &portable
}
