package midiin

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func feed(s *Stream, parts ...[]byte) (all [][]byte) {
	for _, p := range parts {
		s.Feed(p, func(m []byte) { all = append(all, slices.Clone(m)) })
	}
	return all
}

func equal(t *testing.T, what string, got [][]byte, want ...[]byte) {
	t.Helper()
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%s: % x, want % x", what, got, want)
	}
}

func TestStream(t *testing.T) {
	for _, c := range []struct {
		what string
		in   []byte
		want [][]byte
		lost uint64
	}{
		{"running status", []byte{0x90, 60, 1, 61, 2, 0xC3, 5, 6}, [][]byte{{0x90, 60, 1}, {0x90, 61, 2}, {0xC3, 5}, {0xC3, 6}}, 0},
		{"real time within a message", []byte{0x90, 60, 0xF8, 1, 0xFE}, [][]byte{{0xF8}, {0x90, 60, 1}, {0xFE}}, 0},
		{"real time within system exclusive", []byte{0xF0, 1, 0xF8, 2, 0xF7}, [][]byte{{0xF8}, {0xF0, 1, 2, 0xF7}}, 0},
		{"data first", []byte{1, 2, 0xE1, 3, 4}, [][]byte{{0xE1, 3, 4}}, 2},
		{"system common ends running status", []byte{0x90, 60, 1, 0xF3, 7, 61, 2}, [][]byte{{0x90, 60, 1}, {0xF3, 7}}, 2},
		{"real time keeps running status", []byte{0x90, 60, 1, 0xF8, 61, 2}, [][]byte{{0x90, 60, 1}, {0xF8}, {0x90, 61, 2}}, 0},
		{"a message cut short", []byte{0x90, 60, 0x80, 61, 2}, [][]byte{{0x80, 61, 2}}, 2},
		{"system exclusive cut short", []byte{0xF0, 1, 2, 0x90, 60, 1}, [][]byte{{0x90, 60, 1}}, 3},
		{"undefined", []byte{0xF4, 1, 0xF7, 0xF6}, [][]byte{{0xF6}}, 3},
		{"song position", []byte{0xF2, 1, 2, 0xF1, 3}, [][]byte{{0xF2, 1, 2}, {0xF1, 3}}, 0},
	} {
		var s Stream
		equal(t, c.what, feed(&s, c.in), c.want...)
		if s.Lost() != c.lost {
			t.Errorf("%s: %d bytes lost, want %d", c.what, s.Lost(), c.lost)
		}
		var one Stream
		equal(t, c.what+", byte by byte", feed(&one, slices.Collect(slices.Chunk(c.in, 1))...), c.want...)
	}
}

func TestLongSystemExclusive(t *testing.T) {
	var s Stream
	body := make([]byte, MaxSysEx-2)
	msg := append(append([]byte{0xF0}, body...), 0xF7)
	equal(t, "the longest", feed(&s, msg), msg)
	equal(t, "one longer", feed(&s, append(append([]byte{0xF0}, make([]byte, MaxSysEx-1)...), 0xF7, 0x90, 1, 2)), []byte{0x90, 1, 2})
	equal(t, "much longer", feed(&s, append(append([]byte{0xF0}, make([]byte, 1<<20)...), 0xF7, 0x90, 1, 2)), []byte{0x90, 1, 2})
}

// FuzzStream: whatever comes in, what comes out is well-formed, and the same however
// the stream is cut.
func FuzzStream(f *testing.F) {
	f.Add([]byte{0x90, 60, 1, 0xF0, 1, 0xF8, 2, 0xF7, 61, 2}, 3)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		var whole, parts Stream
		all := feed(&whole, in)
		for _, m := range all {
			ok := len(m) == length(m[0])
			if m[0] == 0xF0 {
				ok = len(m) <= MaxSysEx && m[len(m)-1] == 0xF7
				m = m[:len(m)-1]
			}
			for _, b := range m[1:] {
				ok = ok && b < 0x80
			}
			if !ok || m[0] < 0x80 || len(m) == 0 {
				t.Fatalf("% x", m)
			}
		}
		n := max(1, cut%64)
		if got := feed(&parts, slices.Collect(slices.Chunk(in, n))...); !slices.EqualFunc(got, all, bytes.Equal) {
			t.Fatalf("in pieces of %d: % x, want % x", n, got, all)
		}
	})
}

// event is one of the sequencer.
func event(kind byte, ch byte, param uint32, value int32) []byte {
	e := make([]byte, seqEvent)
	e[0], e[16] = kind, ch
	binary.NativeEndian.PutUint32(e[20:], param)
	binary.NativeEndian.PutUint32(e[24:], uint32(value))
	return e
}

func note(kind, ch, key, velocity byte) []byte {
	e := make([]byte, seqEvent)
	e[0], e[16], e[17], e[18] = kind, ch, key, velocity
	return e
}

func variable(kind byte, data []byte) []byte {
	e := make([]byte, seqEvent, seqEvent+len(data)+seqEvent)
	e[0], e[1] = kind, seqVariable
	binary.NativeEndian.PutUint32(e[16:], uint32(len(data)))
	e = append(e, data...)
	for len(e)%seqEvent != 0 {
		e = append(e, 0)
	}
	return e
}

func TestSequencer(t *testing.T) {
	left := 0
	q := sequencer{gone: func() { left++ }}
	in := slices.Concat(
		note(seqNoteOn, 1, 60, 100), note(seqNoteOff, 1, 60, 3), note(seqKeyPress, 2, 61, 4),
		event(seqController, 3, 7, 90), event(seqProgram, 4, 0, 12), event(seqChanPress, 5, 0, 66),
		event(seqPitchBend, 6, 0, -8192), event(seqPitchBend, 6, 0, 0), event(seqPitchBend, 6, 0, 99999),
		event(seqControl14, 7, 1, 300), event(seqReg, 8, 0, 2<<7), event(seqNonReg, 9, 0x0135, 130),
		variable(seqSysEx, []byte{0xF0, 0x7E, 0x7F}), variable(seqSysEx, []byte{9, 1, 0xF7}),
		variable(135, make([]byte, 100)), event(seqSensing, 0, 0, 0), event(seqReset, 0, 0, 0), event(seqUnsubscribed, 0, 0, 0),
	)
	want := [][]byte{
		{0x91, 60, 100}, {0x81, 60, 3}, {0xA2, 61, 4}, {0xB3, 7, 90}, {0xC4, 12}, {0xD5, 66},
		{0xE6, 0, 0}, {0xE6, 0, 64}, {0xE6, 127, 127}, {0xB7, 1, 2}, {0xB7, 33, 44},
		{0xB8, 101, 0}, {0xB8, 100, 0}, {0xB8, 6, 2}, {0xB8, 38, 0},
		{0xB9, 99, 2}, {0xB9, 98, 0x35}, {0xB9, 6, 1}, {0xB9, 38, 2},
		{0xF0, 0x7E, 0x7F, 9, 1, 0xF7}, {0xFE}, {0xFF},
	}
	var got [][]byte
	emit := func(m []byte) { got = append(got, slices.Clone(m)) }
	// As reads bring them: any number of bytes at a time.
	var buf []byte
	for part := range slices.Chunk(in, 33) {
		buf = append(buf, part...)
		buf = buf[q.take(buf, emit):]
	}
	equal(t, "all", got, want...)
	if left != 1 || len(buf) != 0 {
		t.Errorf("%d senders left, %d bytes over", left, len(buf))
	}
}

func FuzzSequencer(f *testing.F) {
	f.Add(slices.Concat(note(seqNoteOn, 1, 60, 100), variable(seqSysEx, []byte{0xF0, 1, 0xF7})))
	f.Fuzz(func(t *testing.T, in []byte) {
		q := sequencer{}
		n := q.take(in, func(m []byte) {
			if len(m) == 0 || m[0] < 0x80 || m[0] != 0xF0 && len(m) != length(m[0]) {
				t.Fatalf("% x", m)
			}
		})
		if n > len(in) {
			t.Fatal(n, len(in))
		}
	})
}

func TestFileAsSource(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cable")
	if err := os.WriteFile(path, []byte{0x90, 60, 1, 61, 2}, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var got [][]byte
	if err := s.Run(context.Background(), func(m []byte) { got = append(got, slices.Clone(m)) }, nil); err != nil {
		t.Fatal(err)
	}
	equal(t, "file", got, []byte{0x90, 60, 1}, []byte{0x90, 61, 2})
	if _, err := Open(path + "x"); err == nil {
		t.Error("a file that is not there was opened")
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, cancel := context.WithCancel(context.Background())
	p := &stream{name: "pipe", file: r, close: true}
	if _, err := w.Write([]byte{0x90, 60, 1}); err != nil {
		t.Fatal(err)
	}
	if err := p.Run(ctx, func([]byte) { cancel() }, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if len(List()) == 0 {
		t.Error("there is standard input at least")
	}
}
