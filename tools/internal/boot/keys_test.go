package boot

import (
	"context"
	"testing"
	"time"

	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/hostdriver"
)

// TestKeysComeToPrograms has QEMU press keys of a PC without a system, and a program
// on the other side of its PCI window take them.
func TestKeysComeToPrograms(t *testing.T) {
	emulated(t)
	board, err := Find("qemupc")
	if err != nil {
		t.Fatal(err)
	}
	m := start(t, Config{
		Board: board, Image: cardImage(t, board), Name: "keys", Window: 64 << 20,
		Config: map[string]string{"name": "keys", "args": "rate=44100"},
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	card, err := hostdriver.Open(ctx, m.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer card.Close()
	in, err := hostdriver.Bind(ctx, card, "/input", input.InputType)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Release()
	q, err := in.Open(ctx, input.QueueOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Release()
	var keys []map[string]any
	for _, k := range []string{"shift", "q", "left"} {
		keys = append(keys, map[string]any{"type": "qcode", "data": k})
	}
	if err := m.do(ctx, "send-key", map[string]any{"keys": keys}); err != nil {
		t.Fatal(err)
	}
	want := []input.Event{
		{Kind: input.Key, Down: true, Code: 0xE1, Modifiers: input.LeftShift},
		{Kind: input.Key, Down: true, Code: 0x14, Modifiers: input.LeftShift}, {Kind: input.Text, Code: 'Q', Modifiers: input.LeftShift},
		{Kind: input.Key, Down: true, Code: 0x50, Modifiers: input.LeftShift},
		{Kind: input.Key, Code: 0x50, Modifiers: input.LeftShift}, {Kind: input.Key, Code: 0x14, Modifiers: input.LeftShift}, {Kind: input.Key, Code: 0xE1},
	}
	for len(want) > 0 {
		events, _, err := q.Next(ctx)
		if err != nil {
			t.Fatalf("%+v does not come: %v", want[0], err)
		}
		for _, e := range events {
			if e.At <= 0 {
				t.Errorf("%+v has no time", e)
			}
			if e.At = 0; len(want) == 0 || e != want[0] {
				t.Fatalf("%+v came, and not %+v", e, want)
			}
			want = want[1:]
		}
	}
}
