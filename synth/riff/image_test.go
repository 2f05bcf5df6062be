package riff

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

// sparse is a file of 3 chunks, of which the one in the middle is large.
func sparse(size int) []byte {
	chunk := func(id string, body []byte) []byte {
		n := len(body)
		out := append([]byte(id), byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
		out = append(out, body...)
		if n%2 == 1 {
			out = append(out, 0)
		}
		return out
	}
	list := func(form string, body ...[]byte) []byte {
		return chunk("LIST", append([]byte(form), bytes.Join(body, nil)...))
	}
	big := bytes.Repeat([]byte{0xEE}, size)
	body := bytes.Join([][]byte{
		list("head", chunk("name", []byte("a name"))),
		list("data", chunk("tiny", []byte("x")), chunk("vast", big), chunk("tail", []byte("yes"))),
		list("tabs", chunk("one ", bytes.Repeat([]byte("1"), 9000)), chunk("two ", []byte("22"))),
	}, nil)
	return chunk("RIFF", append([]byte("TEST"), body...))
}

func reader(data []byte, read *int) Source {
	return func(at int64, b []byte) error {
		if at < 0 || at+int64(len(b)) > int64(len(data)) || len(b) > Piece {
			return fmt.Errorf("asked for %d bytes at %d of %d", len(b), at, len(data))
		}
		*read += len(b)
		copy(b, data[at:])
		return nil
	}
}

func keepTables(_, c Chunk) int64 {
	switch c.Name() {
	case "vast":
		return 0
	}
	if c.IsList() && c.Name() != "tabs" {
		return 0
	}
	return int64(c.Size)
}

// walkAll writes down all chunks, and of the bodies what is there.
func walkAll(f *File, list Chunk, out *bytes.Buffer) {
	for c := range f.Children(list) {
		fmt.Fprintf(out, "%s %d+%d\n", c.Name(), c.Start, c.Size)
		if c.IsList() {
			walkAll(f, c, out)
		} else if c.Name() != "vast" {
			fmt.Fprintf(out, "%q\n", c.Body)
		}
	}
}

func TestSkimReadsWhatIsKept(t *testing.T) {
	for _, size := range []int{10, 100_000, 3_000_001} {
		data, read := sparse(size), 0
		m, err := Skim(reader(data, &read), int64(len(data)), keepTables)
		if err != nil {
			t.Fatal(err)
		}
		var want, got bytes.Buffer
		f, root, err := Open(data)
		if err != nil {
			t.Fatal(err)
		}
		walkAll(f, root, &want)
		if f, root, err = OpenImage(m); err != nil {
			t.Fatal(err)
		}
		walkAll(f, root, &got)
		if got.String() != want.String() || f.Err() != nil || len(f.Notes.List()) != 0 {
			t.Errorf("%d: skimmed\n%swant\n%s%v %v", size, &got, &want, f.Err(), f.Notes.List())
		}
		if size > 90_000 && read > 6*minWindow+9000 {
			t.Errorf("%d bytes were read of %d", read, len(data))
		}
		if m.Size() != int64(len(data)) || m.Held() > int64(read) {
			t.Errorf("size %d, held %d; %d were read", m.Size(), m.Held(), read)
		}
	}
}

func TestSkimSaysWhatItsSourceDoes(t *testing.T) {
	data := sparse(100_000)
	broken := errors.New("broken")
	for fails := range 6 {
		n, read := 0, 0
		src := reader(data, &read)
		_, err := Skim(func(at int64, b []byte) error {
			if n++; n > fails {
				return broken
			}
			return src(at, b)
		}, int64(len(data)), keepTables)
		if fails < n && !errors.Is(err, broken) {
			t.Errorf("after %d reads: %v", fails, err)
		}
	}
}

func TestSkimIsBounded(t *testing.T) {
	// Chunks so far apart that every header is read on its own.
	const chunks = 80_000
	gap := int64(300_000)
	size := int64(12 + chunks*gap)
	src := func(at int64, b []byte) error {
		clear(b)
		for i := range b[:min(len(b), 32)] { // it is read from where headers are
			switch p := at + int64(i); {
			case p < 12:
				b[i] = ("RIFF\x00\x00\x00\x00TEST")[p]
			case (p-12)%gap < 4:
				b[i] = ("chnk")[(p-12)%gap]
			case (p-12)%gap < 8:
				b[i] = byte((gap - 8) >> (8 * ((p-12)%gap - 4)))
			}
		}
		return nil
	}
	if m, err := Skim(src, size, func(_, _ Chunk) int64 { return 0 }); err == nil {
		t.Errorf("%d headers were read, %d bytes", chunks, m.Held())
	}
	if m, err := Skim(src, size, func(_, c Chunk) int64 { return int64(c.Size) }); err == nil {
		t.Errorf("%d bytes were kept", m.Held())
	}
}

func TestPathAt(t *testing.T) {
	data := sparse(100_000)
	read := 0
	m, err := Skim(reader(data, &read), int64(len(data)), keepTables)
	if err != nil {
		t.Fatal(err)
	}
	for offset, want := range map[int]string{
		0: "TEST", 12: "TEST/head", 24: "TEST/head/name", 35: "TEST/head/name",
		bytes.Index(data, []byte("vast")) + 50_000: "TEST/data/vast",
		bytes.Index(data, []byte("22")):            "TEST/tabs/two", len(data) + 5: "TEST",
	} {
		if got := PathAt(m, offset); got != want {
			t.Errorf("byte %d is in %s, want %s", offset, got, want)
		}
	}
	if got := PathAt(Whole([]byte("no RIFF file at all")), 3); got != "" {
		t.Errorf("%q", got)
	}
}

func TestLoses(t *testing.T) {
	for text, want := range map[string]bool{"a wave; left out": true, "70 records; 60 are kept": true, "a loop; cut": false} {
		if got := (Note{Text: text}).Loses(); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
