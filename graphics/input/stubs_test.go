package input_test

import (
	"testing"

	contract "github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware/com"
)

// FuzzStubs posts arbitrary bytes. Whoever listens is told of nothing that cannot be.
func FuzzStubs(f *testing.F) {
	methods := map[string]uint16{}
	for i, m := range contract.InputType.Methods {
		methods[m.Name] = uint16(i)
	}
	event := func(kind, down byte, code, x, y byte) []byte {
		return []byte{1, 0, 0, 0, kind, down, 0, 0, code, 0, 0, 0, x, 0, 0, 0, y, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	}
	for _, m := range methods {
		f.Add(m, event(1, 1, 4, 0, 0), event(1, 0, 4, 0, 0))
		f.Add(m, event(4, 1, 2, 9, 9), event(3, 0, 0, 200, 100))
		f.Add(m, event(5, 0, 0, 120, 0), event(2, 0, 65, 0, 0))
		f.Add(m, []byte{255, 255, 255, 255}, []byte{})
		f.Add(m, event(9, 2, 255, 1, 1), make([]byte, 64*28))
	}
	f.Fuzz(func(t *testing.T, m uint16, first, second []byte) {
		if m == methods["Open"] {
			return // its answer is a reference, which bytes alone cannot carry
		}
		r := newRig(t)
		r.do(func() {
			q, err := r.in.Open(background, contract.QueueOptions{})
			if err != nil {
				t.Error(err)
				return
			}
			defer q.Release()
			for _, b := range [][]byte{first, second} {
				// Whatever comes of it is said.
				_, _ = contract.InputStub.ServeBytes(m, b, r.in)
				_, _ = contract.QueueStub.ServeBytes(1, b, q)
			}
			told, _, err := q.Poll(background)
			if err != nil {
				t.Error(err)
			}
			for i := range told {
				if err := told[i].Check(); com.CodeOf(err) != com.OK {
					t.Errorf("told of %+v: %v", told[i], err)
				}
			}
		})
	})
}
