package riff

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// chunk builds a chunk, padded.
func chunk(id string, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	out := append([]byte(id), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(b)))
	out = append(out, b...)
	if len(b)&1 == 1 {
		out = append(out, 0)
	}
	return out
}

func list(form string, body ...[]byte) []byte {
	return chunk("LIST", append([][]byte{[]byte(form)}, body...)...)
}

func form(form string, body ...[]byte) []byte {
	return chunk("RIFF", append([][]byte{[]byte(form)}, body...)...)
}

// walk renders the tree as text, lists in parentheses.
func walk(f *File, c Chunk) string {
	var b strings.Builder
	for k := range f.Children(c) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(k.Name())
		if k.IsList() {
			b.WriteString("(" + walk(f, k) + ")")
		} else {
			b.WriteString("=" + string(k.Body))
		}
	}
	return b.String()
}

func TestChildren(t *testing.T) {
	odd := append([]byte("oddc"), 3, 0, 0, 0, 'x', 'y', 'z') // no pad byte
	clipped := append([]byte("long"), 200, 0, 0, 0, 'a', 'b')
	for _, tc := range []struct {
		name string
		data []byte
		want string
		note string
	}{
		{"nested", form("TEST", chunk("aaaa", []byte("1")), list("kids", chunk("bbbb", []byte("22")))), "aaaa=1 kids(bbbb=22)", ""},
		{"no pad byte", form("TEST", odd, chunk("bbbb", []byte("22"))), "oddc=xyz bbbb=22", "pad byte"},
		{"no pad byte before a length that reads as a character",
			form("TEST", odd, chunk("LIST", []byte("kids"), chunk("long", bytes.Repeat([]byte("x"), 0x62)))),
			"oddc=xyz kids(long=" + strings.Repeat("x", 0x62) + ")", "pad byte"},
		{"longer than its list", form("TEST", list("kids", clipped), chunk("bbbb", []byte("22"))), "kids(long=ab) bbbb=22", "list around it ends after 2"},
		{"longer than the file", form("TEST", clipped), "long=ab", "file ends after 2"},
		{"stray bytes", form("TEST", list("kids", []byte{1, 2, 3, 4}), chunk("bbbb")), "kids() bbbb=", "stray bytes"},
		{"list without form", form("TEST", chunk("LIST", []byte{1, 2}), chunk("bbbb")), `"\x00\x00\x00\x00"() bbbb=`, "no form"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, root, err := Open(tc.data)
			if err != nil {
				t.Fatal(err)
			}
			if got := walk(f, root); got != tc.want {
				t.Errorf("chunks %s, want %s", got, tc.want)
			}
			notes := f.Notes.List()
			switch {
			case tc.note == "" && len(notes) > 0:
				t.Errorf("notes on a clean file: %v", notes)
			case tc.note != "" && (len(notes) == 0 || !strings.Contains(notes[0].Text, tc.note)):
				t.Errorf("notes %v, want one on %q", notes, tc.note)
			}
			if f.Err() != nil {
				t.Error(f.Err())
			}
		})
	}
}

func TestOutermostLength(t *testing.T) {
	good := form("TEST", chunk("aaaa", []byte("11")), chunk("bbbb", []byte("22")))
	set := func(size uint32) []byte {
		d := bytes.Clone(good)
		binary.LittleEndian.PutUint32(d[4:], size)
		return d
	}
	for _, tc := range []struct {
		name  string
		data  []byte
		want  string
		notes int
		short bool
	}{
		{"right", good, "aaaa=11 bbbb=22", 0, false},
		{"zero", set(0), "aaaa=11 bbbb=22", 1, false},
		{"one chunk too short", set(uint32(len(good) - 8 - 10)), "aaaa=11 bbbb=22", 1, false},
		{"too long", set(1 << 30), "aaaa=11 bbbb=22", 1, true},
		{"trailing bytes", append(bytes.Clone(good), 0, 0, 0, 0, 0), "aaaa=11 bbbb=22", 1, false},
		{"trailing pad byte", append(bytes.Clone(good), 0), "aaaa=11 bbbb=22", 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, root, err := Open(tc.data)
			if err != nil {
				t.Fatal(err)
			}
			if root.Short != tc.short {
				t.Errorf("Short = %v, want %v", root.Short, tc.short)
			}
			if got := walk(f, root); got != tc.want {
				t.Errorf("chunks %s, want %s", got, tc.want)
			}
			if n := f.Notes.List(); len(n) != tc.notes {
				t.Errorf("notes %v, want %d", n, tc.notes)
			}
		})
	}
}

func TestShort(t *testing.T) {
	good := form("TEST", list("kids", chunk("aaaa", []byte("1234567890"))))
	for cut := 13; cut < len(good); cut++ {
		f, root, err := Open(good[:cut])
		if err != nil {
			t.Fatal(err)
		}
		short := false
		n := 0
		for c := range f.Children(root) {
			n++
			short = short || c.Short
			for k := range f.Children(c) {
				short = short || k.Short
			}
		}
		if n > 0 && !short {
			t.Errorf("cut at %d of %d: no chunk says that it is short", cut, len(good))
		}
		if !root.Short && cut < len(good)-1 {
			t.Errorf("cut at %d of %d: the file does not say that it is short", cut, len(good))
		}
	}
}

func TestNotRIFF(t *testing.T) {
	for _, d := range [][]byte{nil, []byte("RIFF"), []byte("RIFF\x04\x00\x00\x00TES"), []byte("RIFX\x04\x00\x00\x00TEST")} {
		if _, _, err := Open(d); !errors.Is(err, ErrNotRIFF) {
			t.Errorf("Open(%q) = %v, want ErrNotRIFF", d, err)
		}
	}
}

// visit walks everything, following lists.
func visit(f *File, c Chunk) (n int) {
	for k := range f.Children(c) {
		n += 1 + visit(f, k)
	}
	return n
}

func TestDepthIsCapped(t *testing.T) {
	b := chunk("leaf")
	for range 10_000 {
		b = list("deep", b)
	}
	f, root, err := Open(form("TEST", b))
	if err != nil {
		t.Fatal(err)
	}
	if n := visit(f, root); n > MaxDepth {
		t.Errorf("%d lists visited, the cap is %d", n, MaxDepth)
	}
	if !errors.Is(f.Err(), ErrTooDeep) {
		t.Errorf("error %v, want ErrTooDeep", f.Err())
	}
}

func TestCountIsCapped(t *testing.T) {
	f, root, err := Open(form("TEST", bytes.Repeat(chunk("leaf"), MaxChunks+10)))
	if err != nil {
		t.Fatal(err)
	}
	if n := visit(f, root); n != MaxChunks {
		t.Errorf("%d chunks visited, the cap is %d", n, MaxChunks)
	}
	if !errors.Is(f.Err(), ErrTooMany) {
		t.Errorf("error %v, want ErrTooMany", f.Err())
	}
}

func TestAt(t *testing.T) {
	f, root, err := Open(form("TEST", chunk("aaaa", []byte("11")), chunk("bbbb", []byte("22"))))
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := f.At(root, 10); !ok || c.Name() != "bbbb" || string(c.Body) != "22" {
		t.Errorf("At(10) = %v %q, %v", c.Name(), c.Body, ok)
	}
	for _, off := range []uint32{13, 20, 1 << 31, 1<<32 - 1} {
		if c, ok := f.At(root, off); ok {
			t.Errorf("At(%d) = %v, want none", off, c.Name())
		}
	}
}

func TestNotesAreCapped(t *testing.T) {
	var n Notes
	for i := range MaxNotes + 5 {
		n.Add(i, "test", "note %d", i)
	}
	var twice Notes
	twice.Add(1, "test", "same")
	twice.Add(1, "test", "same")
	if len(twice.List()) != 1 {
		t.Errorf("a note stands there twice: %v", twice.List())
	}
	got := n.List()
	if len(got) != MaxNotes+1 || !strings.Contains(got[MaxNotes].Text, "5 further") {
		t.Errorf("%d notes, last %v", len(got), got[len(got)-1])
	}
}

func TestSizeOf(t *testing.T) {
	bad := append([]byte("crs1"), 0xff, 0xff, 0, 0, 'a', 'b')
	f, root, err := Open(form("TEST", bad, chunk("bbbb", []byte("22"))))
	if err != nil {
		t.Fatal(err)
	}
	f.SizeOf = func(id FourCC, stated uint32) uint32 {
		if id.String() == "crs1" {
			return 2
		}
		return stated
	}
	if got := walk(f, root); got != "crs1=ab bbbb=22" {
		t.Errorf("chunks %s", got)
	}
}

func TestWalkingAllocatesNothingPerChunk(t *testing.T) {
	data := form("TEST", bytes.Repeat(chunk("leaf", []byte("body")), 1000))
	f, root, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(5, func() { visit(f, root) }); n > 4 {
		t.Errorf("%v allocations for 1000 chunks", n)
	}
}

func BenchmarkWalk(b *testing.B) {
	data := form("TEST", bytes.Repeat(list("kids", chunk("leaf", []byte("body"))), 1000))
	b.ReportAllocs()
	for b.Loop() {
		f, root, err := Open(data)
		if err != nil {
			b.Fatal(err)
		}
		if visit(f, root) != 2000 {
			b.Fatal("chunks missing")
		}
	}
}
