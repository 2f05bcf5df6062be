package pcm

import (
	"slices"
	"testing"
)

func TestView16(t *testing.T) {
	data := []byte{0xaa, 0x01, 0x00, 0xff, 0xff, 0x00, 0x80, 0x55}
	for _, tc := range []struct {
		b    []byte
		want []int16
	}{
		{nil, nil}, {data[:1], nil},
		{data[1:7], []int16{1, -1, -32768}}, {data[1:8], []int16{1, -1, -32768}},
		{data[0:4], []int16{0x01aa, -256}},
	} {
		if got := View16(tc.b); !slices.Equal(got, tc.want) {
			t.Errorf("View16(% x) = %v, want %v", tc.b, got, tc.want)
		}
	}
	big := make([]byte, 1<<16)
	even := big
	if n := testing.AllocsPerRun(10, func() { View16(even) }); n != 0 && littleEndian() {
		t.Errorf("%v allocations for aligned data", n)
	}
}

func TestFrom8(t *testing.T) {
	if got, want := From8([]byte{0, 127, 128, 255}), []int16{-32768, -256, 0, 32512}; !slices.Equal(got, want) {
		t.Errorf("From8 = %v, want %v", got, want)
	}
}

func TestSplit(t *testing.T) {
	l, r := Split([]int16{1, 2, 3, 4, 5})
	if !slices.Equal(l, []int16{1, 3}) || !slices.Equal(r, []int16{2, 4}) {
		t.Errorf("Split = %v, %v", l, r)
	}
}
