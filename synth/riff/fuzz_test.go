package riff

import "testing"

// FuzzRIFF holds that every chunk lies inside the file and inside its list, and that walking ends.
func FuzzRIFF(f *testing.F) {
	f.Add(form("TEST", chunk("aaaa", []byte("1")), list("kids", chunk("bbbb", []byte("22")))))
	f.Add(form("TEST", append([]byte("oddc"), 3, 0, 0, 0, 'x', 'y', 'z'), chunk("bbbb")))
	f.Add([]byte("RIFF\xff\xff\xff\xffTESTLIST\xff\xff\xff\xffkidsLIST\x04\x00\x00\x00deep"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, root, err := Open(data)
		if err != nil {
			return
		}
		var rec func(c Chunk, from, to int)
		rec = func(c Chunk, from, to int) {
			if c.Start < from || c.Start+len(c.Body) > to || cap(c.Body) != len(c.Body) {
				t.Fatalf("chunk %v spans %d to %d, outside %d to %d", c.Name(), c.Start, c.Start+len(c.Body), from, to)
			}
			if len(c.Body) > 0 && &c.Body[0] != &data[c.Start] {
				t.Fatalf("chunk %v: Body is not at Start", c.Name())
			}
			last := c.Start
			for k := range file.Children(c) {
				if k.Offset < last {
					t.Fatalf("chunk %v at %d overlaps the one before it", k.Name(), k.Offset)
				}
				last = k.Start + len(k.Body)
				rec(k, c.Start, c.Start+len(c.Body))
			}
		}
		rec(root, 0, len(data))
		if n := len(file.Notes.List()); n > MaxNotes+1 {
			t.Fatalf("%d notes", n)
		}
	})
}
