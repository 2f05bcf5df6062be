package ipctest

import (
	"math"
	"math/rand"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/quick"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// random returns a value of any type that a contract may name, the same for
// each seed.
func random[T any](rng *rand.Rand) T {
	v, ok := quick.Value(reflect.TypeFor[T](), rng)
	if !ok {
		panic("ipctest: no random value of " + reflect.TypeFor[T]().String())
	}
	return v.Interface().(T)
}

func conformValues(t *testing.T, s Subject) {
	v := s.Values
	t.Run("Null", func(t *testing.T) {
		for range 100 {
			check(t, v.Null())
		}
	})
	t.Run("Integers", func(t *testing.T) {
		try := func(a int8, b int16, c int32, d int64, e uint8, f uint16, g uint32, h uint64) {
			t.Helper()
			a2, b2, c2, d2, e2, f2, g2, h2, err := v.Integers(a, b, c, d, e, f, g, h)
			check(t, err, a2, a, b2, b, c2, c, d2, d, e2, e, f2, f, g2, g, h2, h)
		}
		try(0, 0, 0, 0, 0, 0, 0, 0)
		try(math.MinInt8, math.MinInt16, math.MinInt32, math.MinInt64, 0, 0, 0, 0)
		try(math.MaxInt8, math.MaxInt16, math.MaxInt32, math.MaxInt64, math.MaxUint8, math.MaxUint16, math.MaxUint32, math.MaxUint64)
		try(-1, 0x1234, 0x12345678, 0x123456789abcdef0, 0x12, 0xfedc, 0xfedcba98, 0xfedcba9876543210)
	})
	t.Run("Floats", func(t *testing.T) {
		for _, f := range []float64{0, math.Copysign(0, -1), 1, -1.5, math.Pi, math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64, math.NaN(), math.Float64frombits(0x7ff8dead0000beef)} {
			a, b, err := v.Floats(float32(f), f)
			check(t, err, a, float32(f), b, f)
		}
	})
	t.Run("Plain", func(t *testing.T) {
		for i, text := range []string{"", "a", "\x00", "käse\n", "\xff\xfe not UTF-8", strings.Repeat("x", 64<<10)} {
			a, b, c, err := v.Plain(i%2 == 1, text, time.Duration(math.MinInt64)+time.Duration(i))
			check(t, err, a, i%2 == 1, b, text, c, time.Duration(math.MinInt64)+time.Duration(i))
		}
		if s.Remote {
			_, _, _, err := v.Plain(false, strings.Repeat("x", 64<<10+1), 0)
			fails(t, err, com.ErrInvalid)
		}
	})
	t.Run("Named", func(t *testing.T) {
		a, b, c, d, e, f, g, err := v.Named(true, 200, 440.5, "title", Blob{1, 2}, Delay(-5), com.ErrBusy)
		check(t, err, a, Flag(true), b, Level(200), c, Pitch(440.5), d, Title("title"), e, Blob{1, 2}, f, Delay(-5), g, com.ErrBusy)
	})
	t.Run("Bytes", func(t *testing.T) {
		for _, n := range []int{0, 1, 63, 64, 65, 1000, 4096, 4097, 300_000} {
			b := make([]byte, n)
			Pattern(uint8(n), b)
			got, err := v.Bytes(b)
			check(t, err, got, b)
			if n > 0 {
				got[0]++
				if b[0] != uint8(n) {
					t.Fatal("the result is not a copy")
				}
			}
		}
	})
	t.Run("Numbers", func(t *testing.T) {
		for seed := range int64(30) {
			r := rand.New(rand.NewSource(seed))
			a, b, c, d, e := random[[]int8](r), random[[]int16](r), random[[]int32](r), random[[]int64](r), random[[]Level](r)
			f, g, h, i, j := random[[]uint16](r), random[[]uint32](r), random[[]uint64](r), random[[]float32](r), random[[]float64](r)
			k := random[[]time.Duration](r)
			a2, b2, c2, d2, e2, f2, g2, h2, i2, j2, k2, err := v.Numbers(a, b, c, d, e, f, g, h, i, j, k)
			check(t, err, a2, a, b2, b, c2, c, d2, d, e2, e, f2, f, g2, g, h2, h, i2, i, j2, j, k2, k)
		}
	})
	t.Run("Slices", func(t *testing.T) {
		for seed := range int64(30) {
			r := rand.New(rand.NewSource(seed))
			a, b, c, d := random[[]bool](r), random[[]string](r), random[[][]byte](r), random[[][]string](r)
			e, f, g := random[Lines](r), random[[]Lines](r), random[[][][]uint16](r)
			a2, b2, c2, d2, e2, f2, g2, err := v.Slices(a, b, c, d, e, f, g)
			check(t, err, a2, a, b2, b, c2, c, d2, d, e2, e, f2, f, g2, g)
		}
		a, b, c, d, e, f, g, err := v.Slices(nil, nil, nil, nil, nil, nil, nil)
		check(t, err, a, []bool{}, b, []string{}, c, [][]byte{}, d, [][]string{}, e, Lines{}, f, []Lines{}, g, [][][]uint16{})
	})
	t.Run("Structs", func(t *testing.T) {
		zero, err := v.Struct(Record{})
		check(t, err, zero, Record{})
		for seed := range int64(10) {
			r := rand.New(rand.NewSource(seed))
			one, many, inner := random[Record](r), random[[]Record](r), random[[][]Inner](r)
			many = many[:min(len(many), 8)]
			one2, err := v.Struct(one)
			check(t, err, one2, one)
			many2, inner2, err := v.Structs(many, inner)
			check(t, err, many2, many, inner2, inner)
		}
	})
	t.Run("Foreign", func(t *testing.T) {
		e := system.Entry{Name: "synth", Directory: true, Contracts: []string{"a.B", "c.D"}, Refs: 3, Note: "loaded"}
		a, b, err := v.Foreign(e, []system.Entry{{}, e})
		check(t, err, a, e, b, []system.Entry{{}, e})
	})
	t.Run("Limits", func(t *testing.T) { conformLimits(t, s) })
	t.Run("Together", func(t *testing.T) {
		if s.Alone {
			t.Skip("one caller at a time")
		}
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				b := make([]byte, 600*g)
				Pattern(uint8(g), b)
				for i := range uint64(100) {
					_, _, _, _, _, _, _, h, err := v.Integers(0, 0, 0, 0, 0, 0, 0, i<<8|uint64(g))
					if err != nil || h != i<<8|uint64(g) {
						t.Errorf("goroutine %d got %#x, %v", g, h, err)
						return
					}
					if got, err := v.Bytes(b); err != nil || !same(got, b) {
						t.Errorf("goroutine %d: %d bytes differ, %v", g, len(b), err)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}

func conformLimits(t *testing.T, s Subject) {
	v := s.Values
	ok, err := v.Limited(make([]byte, 16), strings.Repeat("s", 17), make([]uint64, 18), make([]string, 3))
	check(t, err, ok, true)
	n, err := v.LimitedField(Short{"12345678"})
	check(t, err, n, uint32(8))
	b, err := v.Overrun(32)
	check(t, err, b, make([]byte, 32))
	if !s.Remote {
		return
	}
	_, err = v.Limited(make([]byte, 17), "", nil, nil)
	fails(t, err, com.ErrInvalid)
	_, err = v.Limited(nil, strings.Repeat("s", 18), nil, nil)
	fails(t, err, com.ErrInvalid)
	_, err = v.Limited(nil, "", make([]uint64, 19), nil)
	fails(t, err, com.ErrInvalid)
	_, err = v.Limited(nil, "", nil, make([]string, 4))
	fails(t, err, com.ErrInvalid)
	_, err = v.LimitedField(Short{"123456789"})
	fails(t, err, com.ErrInvalid)
	_, err = v.Overrun(33)
	fails(t, err, com.ErrInvalid)
	check(t, v.Null()) // none of this harms the link
}
