package ipctest

import (
	"bytes"
	"context"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

// pattern returns n bytes of the pattern.
func pattern(seed uint8, n int) []byte {
	b := make([]byte, n)
	Pattern(seed, b)
	return b
}

func conformBuffers(t *testing.T, s Subject) {
	b, ctx := s.Buffers, context.Background()
	t.Run("Fill", func(t *testing.T) {
		for _, n := range []int{0, 1, 48, 64, 4096, 300_000} {
			buf := make([]byte, n)
			got, err := b.Fill(uint8(n), buf)
			check(t, err, got, uint32(n), buf, pattern(uint8(n), n))
		}
	})
	t.Run("Part", func(t *testing.T) {
		for _, n := range []uint32{0, 1, 99, 100} {
			buf := bytes.Repeat([]byte{0xee}, 100)
			got, more, err := b.Part(ctx, 3, n, buf)
			want := append(pattern(3, int(n)), bytes.Repeat([]byte{0xee}, 100-int(n))...)
			check(t, err, got, n, more, n < 100, buf, want)
		}
		if s.Remote {
			_, _, err := b.Part(ctx, 3, 101, make([]byte, 100))
			fails(t, err, com.ErrFailed)
			_, _, err = b.Part(ctx, 3, 1<<31, make([]byte, 100))
			fails(t, err, com.ErrFailed)
			_, _, err = b.Part(ctx, 3, 1, make([]byte, 65537))
			fails(t, err, com.ErrInvalid)
		}
	})
	t.Run("All", func(t *testing.T) {
		for _, n := range []int{0, 1, 1000} {
			buf := make([]byte, n)
			check(t, b.All(buf, 9), buf, pattern(9, n))
		}
	})
	t.Run("Both", func(t *testing.T) {
		for _, c := range [][2]int{{0, 0}, {1, 0}, {0, 1}, {3, 5}, {1024, 2048}} {
			left, right := make([]byte, c[0]), make([]byte, c[1])
			sum, err := b.Both(left, 5, right)
			want := pattern(5, c[0]+c[1])
			check(t, err, sum, uint64(c[0]+c[1]), left, want[:c[0]], right, want[c[0]:])
		}
		if s.Remote {
			_, err := b.Both(make([]byte, 1025), 5, nil)
			fails(t, err, com.ErrInvalid)
		}
	})
	t.Run("Refuse", func(t *testing.T) {
		buf := make([]byte, 100)
		n, err := b.Refuse(buf)
		fails(t, err, com.ErrBusy)
		if s.Remote && (n != 0 || !bytes.Equal(buf, make([]byte, 100))) {
			t.Fatalf("a call that failed returned %d and %v", n, buf)
		}
	})
	climb := func(seed Level, n int) []Step {
		all := make([]Step, n)
		if err := (&Object{}).Climb(all, seed); err != nil {
			t.Fatal(err)
		}
		return all
	}
	t.Run("Climb", func(t *testing.T) {
		for _, n := range []int{0, 1, 4096, 3} { // what is used again is zero again
			all := make([]Step, n)
			check(t, b.Climb(all, 5), all, climb(5, n))
		}
		if s.Remote {
			fails(t, b.Climb(make([]Step, 4097), 5), com.ErrInvalid)
		}
	})
	t.Run("Descend", func(t *testing.T) {
		for _, n := range []uint32{0, 1, 63, 64} {
			all := make([]Step, 64)
			got, first, err := b.Descend(ctx, 3, n, all)
			check(t, err, got, n, first, Level(3), all, append(climb(3, int(n)), make([]Step, 64-n)...))
		}
		if s.Remote {
			_, _, err := b.Descend(ctx, 3, 65, make([]Step, 64))
			fails(t, err, com.ErrFailed)
			_, _, err = b.Descend(ctx, 3, 1<<31, make([]Step, 64))
			fails(t, err, com.ErrFailed)
		}
	})
	t.Run("Shared", func(t *testing.T) {
		sum, err := b.Shared(bytes.Repeat([]byte{2}, 5000))
		check(t, err, sum, uint64(10000))
	})
}
