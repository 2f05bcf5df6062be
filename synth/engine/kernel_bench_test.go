package engine

import "testing"

// BenchmarkKernels reports nanoseconds of processor time for a block of one
// voice.
func BenchmarkKernels(b *testing.B) {
	run := func(name string, voices int, work func()) {
		b.Run(name, func(b *testing.B) {
			start := cpuTime()
			for b.Loop() {
				work()
			}
			used := cpuTime() - start
			b.ReportMetric(float64(used.Nanoseconds())/float64(b.N)/float64(voices), "cpu-ns/block")
		})
	}
	var w window
	var dst row
	var src [100]int16
	var rows [batchVoices]row
	var sums accumulator
	gains := ramp{1, 0.1, 1, 0.1}
	which := []uint8{0, 1, 2, 3, 4, 5, 6, 7}
	filters := make([]*biquad, batchVoices)
	for i := range filters {
		filters[i] = &biquad{b: 0.1, a1: -1, a2: 0.4}
	}
	for _, kind := range []struct {
		name string
		i    Interpolation
	}{{"linear", Linear}, {"cubic", Cubic}, {"sinc", Sinc}} {
		sets := map[string]kernels{"portable": portableKernels(kind.i)}
		if k, ok := vectorKernels(kind.i); ok {
			sets["vector"] = k
		}
		for name, k := range sets {
			run(kind.name+"/"+name, 1, func() { k.interpolate(&dst, blockFrames, &w, 12345, 3<<fracBits/4) })
			if kind.i != Cubic {
				continue
			}
			run("convert/"+name, 1, func() { k.convert(w[:68], src[:68]) })
			run("filter/"+name, batchVoices, func() { k.filter(&rows, which, filters) })
			run("mix/"+name, 1, func() { k.mix((*row)(sums.left[3:]), (*row)(sums.right[3:]), &dst, &gains) })
		}
	}
}
