package dls

import (
	"slices"
	"strings"
	"testing"
)

func TestEvaluate(t *testing.T) {
	op := func(ops ...uint16) []byte { return le16(ops...) }
	num := func(v uint32) []byte { return append(le16(opConst), le32(v)...) }
	ask := func(o uint16, g guid) []byte { return append(le16(o), g[:]...) }
	device := [8]byte{0xa7, 0x60, 0x00, 0x00, 0xf8, 0x75, 0xac, 0x12}
	level1 := makeGUID(0x178f2f27, 0xc364, 0x11d1, device)
	gm := makeGUID(0x178f2f24, 0xc364, 0x11d1, device)
	stranger := makeGUID(1, 2, 3, device)
	// The operand written last is the first one.
	two := func(a, b uint32, o uint16) []byte { return slices.Concat(num(b), num(a), op(o)) }
	for _, tc := range []struct {
		name string
		code []byte
		want uint32
		err  error
	}{
		{"constant", num(7), 7, nil},
		{"and", two(12, 10, opAnd), 8, nil},
		{"or", two(12, 10, opOr), 14, nil},
		{"xor", two(12, 10, opXor), 6, nil},
		{"add", two(1<<32-1, 2, opAdd), 1, nil},
		{"subtract", two(12, 10, opSubtract), 2, nil},
		{"multiply", two(12, 10, opMultiply), 120, nil},
		{"divide", two(12, 5, opDivide), 2, nil},
		{"divide by zero", two(12, 0, opDivide), 0, errDivision},
		{"logical and", two(12, 0, opLogicalAnd), 0, nil},
		{"logical or", two(12, 0, opLogicalOr), 1, nil},
		{"less", two(1, 2, opLess), 1, nil},
		{"less or equal", two(2, 2, opLessEqual), 1, nil},
		{"greater", two(1, 2, opGreater), 0, nil},
		{"greater or equal", two(1, 2, opGreaterEqual), 0, nil},
		{"equal", two(2, 2, opEqual), 1, nil},
		{"not", slices.Concat(num(5), op(opNot)), 0, nil},
		{"query", ask(opQuery, level1), 1, nil},
		{"query of what is not there", ask(opQuery, gm), 0, nil},
		{"query of what is not known", ask(opQuery, stranger), 0, nil},
		{"query for support", ask(opQuerySupported, gm), 1, nil},
		{"query for support of what is not known", ask(opQuerySupported, stranger), 0, nil},
		{"nothing", nil, 0, errStack},
		{"too few operands", slices.Concat(num(1), op(opAdd)), 0, errStack},
		{"not of nothing", op(opNot), 0, errStack},
		{"a constant cut short", num(1)[:4], 0, errShort},
		{"a query cut short", ask(opQuery, gm)[:17], 0, errShort},
		{"too many operands", slices.Repeat(num(1), maxStack+1), 0, errStack},
	} {
		if got, err := evaluate(tc.code); got != tc.want || err != tc.err {
			t.Errorf("%s: %d, %v, want %d, %v", tc.name, got, err, tc.want, tc.err)
		}
	}
	if _, err := evaluate(two(1, 2, 99)); err == nil || !strings.Contains(err.Error(), "operation 99") {
		t.Errorf("an unknown operation: error %v", err)
	}
}

func TestConditions(t *testing.T) {
	cdl := func(v uint32) []byte { return rawChunk("cdl ", le16(opConst), le32(v)) }
	rgn := func(key uint16, parts ...[]byte) []byte {
		return rawList("rgn ", append([][]byte{rgnh(key, key, 0, 127, 0, 0), wlnk(0)}, parts...)...)
	}
	cutoff := articChunk("art2", Block{srcNone, 0, dstFilterCutoff, 0, hertz(440)})
	pan := articChunk("art1", Block{srcNone, 0, dstPan, 0, 100 * unitPermill})
	file := rawFile(rawList("lins",
		rawList("ins ", insh(2, 0, 0), rawList("lrgn", rgn(1, cdl(1)), rgn(2, cdl(0))),
			// As Level 2 files choose between articulations of both levels.
			rawList("lar2", cutoff, cdl(1)), rawList("lart", pan, cdl(0))),
		rawList("ins ", insh(1, 0, 1), rawList("lrgn", rgn(3)), cdl(0)),
		rawList("ins ", insh(1, 0, 2), rawList("lrgn", rgn(4)), rawChunk("cdl ", le16(99, 99))),
	), ptbl(0), rawList("wvpl", rawWave("wave", 10)))
	b, notes := mustParse(t, file)
	if len(b.Presets()) != 2 || b.Find(false, 0, 0, 1) != nil || b.Find(false, 0, 0, 2) == nil {
		t.Fatalf("%d presets", len(b.Presets()))
	}
	rs := b.Presets()[0].Regions
	if len(rs) != 1 || rs[0].KeyLow != 1 || rs[0].PanLaw != 0 || rs[0].Gen != only(t, oneRegion(nil, rawList("lar2", cutoff))).Gen {
		t.Errorf("regions %+v", rs)
	}
	left, odd := 0, 0
	for _, n := range notes {
		if strings.Contains(n.Text, "condition is not met") {
			left++
		}
		if strings.Contains(n.Text, "counts as true") {
			odd++
		}
	}
	if left != 3 || odd != 1 {
		t.Errorf("notes %v", notes)
	}
}
