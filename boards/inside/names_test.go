package inside_test

import (
	"context"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// TestNamesAreNoCommands has a program give itself and all it opens a name that
// clears the screen of whoever looks at the card.
func TestNamesAreNoCommands(t *testing.T) {
	const name, shown = "x\x1b[2J\x01\n", "x?[2J??"
	ctx := context.Background()
	c, err := inside.New(1)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	card, err := hostdriver.Open(ctx, "inside:", c.Option(), hostdriver.Client(name))
	if err != nil {
		t.Fatal(err)
	}
	defer card.Close()
	synth, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
	if err != nil {
		t.Fatal(err)
	}
	port, err := synth.Open(ctx, audio.PortOptions{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	out, err := hostdriver.Bind(ctx, card, "/audio", audio.OutputType)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := out.OpenStream(ctx, audio.StreamOptions{Name: name, Rate: 44100, Channels: 2})
	if err != nil {
		t.Fatal(err)
	}
	buffer, err := out.OpenBuffer(ctx, audio.BufferOptions{Name: name, Rate: 44100, Channels: 2, Frames: 100})
	if err != nil {
		t.Fatal(err)
	}
	for status, names := range map[string]int{"link": 1, "synth": 1, "audio": 2, "activities": 1, "threads": 1} {
		s, err := hostdriver.Bind(ctx, card, "/status/"+status, system.StatusType)
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.JSON(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(b); strings.Contains(text, `\u00`) || strings.Count(text, shown) < names {
			t.Errorf("/status/%s: %s", status, text)
		}
		s.Release()
	}
	lines, _, err := card.System().Log(ctx, 0)
	if text := strings.Join(lines, ""); err != nil || strings.ContainsAny(text, name[1:2]) || !strings.Contains(text, shown) {
		t.Errorf("%v %q", err, text)
	}
	for _, o := range []interface{ Release() uint32 }{buffer, stream, out, port, synth} {
		o.Release()
	}
}
