package inside_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/trace"
	"github.com/mmlite/mmlite/hostdriver"
)

// traced plays something on a card of its own and returns all decisions of its
// scheduler. The client that holds the trace goes without letting go of it.
func traced(t *testing.T, seed uint64) []byte {
	t.Helper()
	ctx := context.Background()
	card, err := inside.New(seed)
	if err != nil {
		t.Fatal(err)
	}
	watcher, err := hostdriver.Open(ctx, "", card.Option())
	if err != nil {
		t.Fatal(err)
	}
	scheduler, err := hostdriver.Bind(ctx, watcher, "/system/scheduler", system.SchedulerType)
	if err != nil {
		t.Fatal(err)
	}
	held, err := scheduler.Trace(ctx)
	if err != nil {
		t.Fatal(err)
	}
	driver, err := hostdriver.Open(ctx, "", card.Option())
	if err != nil {
		t.Fatal(err)
	}
	synth, err := hostdriver.Bind(ctx, driver, "/synth", audio.SynthType)
	if err != nil {
		t.Fatal(err)
	}
	port, err := synth.Open(ctx, audio.PortOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := port.Queue(ctx, []audio.Event{{Frame: 500, Message: 0x90 | 60<<8 | 90<<16}}, 20000); err != nil {
		t.Fatal(err)
	}
	if err := port.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := port.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	raw, _, lost, err := held.Read(ctx, "spare", 0)
	if err != nil || lost != 0 {
		t.Fatal(lost, err)
	}
	if list, err := scheduler.Processors(ctx); err != nil || len(list) != 1 || list[0].Kind != "both" || list[0].Policy != "constraint" {
		t.Errorf("%+v, %v", list, err)
	}
	com.Release(port, synth)
	for _, c := range []*hostdriver.Card{driver, watcher} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := card.Run(machine.Second); err != nil {
		t.Fatal(err)
	}
	if card.Firmware().Spare.Trace() != nil {
		t.Error("the trace outlives the client that held it")
	}
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestDecisionsAreRepeatable(t *testing.T) {
	first := traced(t, 7)
	records, err := trace.Decode(nil, first)
	if err != nil || len(records) < 100 {
		t.Fatal(len(records), err)
	}
	if !bytes.Equal(first, traced(t, 7)) {
		t.Error("the same calls from the same seed were scheduled in two ways")
	}
}
