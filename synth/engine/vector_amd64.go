//go:build !purego

package engine

import "golang.org/x/sys/cpu"

//go:generate sh -c "cd gen && go run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg engine"

// lanes is what filterAVX2 works on: eight low-passes side by side and their rows.
type lanes struct {
	b, a1, a2, x1, w1, y1, y2 [batchVoices]float64
	rows                      [batchVoices]*row
	idle                      row // of lanes that have no voice
}

// vectorKernels returns the kernels for this processor, or false if it has none
// that are faster than the portable ones.
func vectorKernels(i Interpolation) (kernels, bool) {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasBMI2 {
		return kernels{}, false
	}
	k := kernels{
		convert: func(dst []float32, src []int16) {
			if len(src) > 0 {
				dst = dst[:len(src)]
				convertAVX2(&dst[0], &src[0], len(src))
			}
		},
		mix: func(left, right, src *row, g *ramp) {
			mixAVX2(&left[0], &right[0], &src[0], &g.gl, &iota32[0])
		},
		send: func(bus, src *row, gain, step float32) {
			sendAVX2(&bus[0], &src[0], gain, step, &iota32[0])
		},
		filter: new(lanes).filter,
	}
	switch i {
	case Linear:
		k.interpolate = func(dst *row, n int, w *window, pos, inc uint32) {
			linearAVX2(&dst[0], n, &w[0], pos, inc)
		}
	case Sinc:
		table := newSinc()
		k.interpolate = func(dst *row, n int, w *window, pos, inc uint32) {
			sincAVX2(&dst[0], n, &w[0], pos, inc, &table[0][0])
		}
	default:
		k.interpolate = func(dst *row, n int, w *window, pos, inc uint32) {
			cubicAVX2(&dst[0], n, &w[0], pos, inc)
		}
	}
	return k, true
}

// filter is filterRows; two fill the processor as well one by one.
func (f *lanes) filter(rows *[batchVoices]row, which []uint8, filters []*biquad) {
	if len(which) <= 2 {
		filterRows(rows, which, filters)
		return
	}
	for i := range f.rows {
		f.rows[i] = &f.idle
	}
	for i, q := range filters {
		f.b[i], f.a1[i], f.a2[i] = q.b, q.a1, q.a2
		f.x1[i], f.w1[i], f.y1[i], f.y2[i] = q.x1, q.w1, q.y1, q.y2
		f.rows[i] = &rows[which[i]]
	}
	for i := len(filters); i < batchVoices; i++ {
		f.b[i], f.x1[i], f.w1[i], f.y1[i], f.y2[i] = 0, 0, 0, 0, 0
	}
	filterAVX2(&f.b[0])
	for i, q := range filters {
		q.x1, q.w1, q.y1, q.y2 = f.x1[i], f.w1[i], f.y1[i], f.y2[i]
	}
}
