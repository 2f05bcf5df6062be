package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"github.com/mmlite/mmlite/boards/hosted"
	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/dmusic"
)

// TestMain lets this test program be the card process, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == "run" && os.Args[2] == hostdriver.ChildArg {
		err := hosted.Run(context.Background(), hosted.Config{Child: os.Args[3], Device: func() (sound.Device, error) {
			return sound.Open("null", sound.Config{})
		}})
		if err != nil {
			fmt.Fprintln(os.Stderr, "card:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// BenchmarkClock reads the reference clock of a card that plays, and says how far the
// frames it tells lie off a straight line.
func BenchmarkClock(b *testing.B) {
	ctx := context.Background()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	card, err := hostdriver.Open(ctx, "hosted:", hostdriver.Command(self))
	if err != nil {
		b.Fatal(err)
	}
	defer card.Close()
	music, err := dmusic.Open(ctx, card)
	if err != nil {
		b.Fatal(err)
	}
	defer music.Close()
	if _, err := music.CreatePort(ctx, dmusic.PortParams{}); err != nil {
		b.Fatal(err)
	}
	for until := time.Now().Add(3 * time.Second); time.Now().Before(until); { // it locks
		if _, err := music.Clock().Now(ctx); err != nil {
			b.Fatal(err)
		}
	}
	var x, y []float64
	step := max(b.N/1000, 1)
	b.ResetTimer()
	for i := range b.N {
		now, err := music.Clock().Now(ctx)
		if err != nil {
			b.Fatal(err)
		}
		frame, err := music.Clock().Frame(ctx, now)
		if err != nil {
			b.Fatal(err)
		}
		if i%step == 0 {
			x, y = append(x, now.Seconds()), append(y, frame/44100)
		}
	}
	b.StopTimer()
	n, mx, my, sxx, sxy := float64(len(x)), 0.0, 0.0, 0.0, 0.0
	for i := range x {
		mx, my = mx+x[i]/n, my+y[i]/n
	}
	for i := range x {
		sxx, sxy = sxx+(x[i]-mx)*(x[i]-mx), sxy+(x[i]-mx)*(y[i]-my)
	}
	worst, square := 0.0, 0.0
	for i := range x {
		off := y[i] - my - (x[i]-mx)*sxy/max(sxx, 1e-12)
		worst, square = max(worst, math.Abs(off)), square+off*off/n
	}
	b.ReportMetric(math.Sqrt(square)*1e6, "us-jitter")
	b.ReportMetric(worst*1e6, "us-worst")
}

// A segment that is stopped is silent soon, and late events are counted and sound.
func TestStopAndLateEvents(t *testing.T) {
	ctx := context.Background()
	board, err := inside.New(1, inside.Paced)
	if err != nil {
		t.Fatal(err)
	}
	card, err := hostdriver.Open(ctx, "", board.Option())
	if err != nil {
		t.Fatal(err)
	}
	music, err := dmusic.Open(ctx, card)
	if err != nil {
		t.Fatal(err)
	}
	port, err := music.CreatePort(ctx, dmusic.PortParams{})
	if err != nil {
		t.Fatal(err)
	}
	pass := func(d machine.Duration) {
		for range d / (20 * machine.Millisecond) {
			if err := board.Run(20 * machine.Millisecond); err != nil {
				t.Fatal(err)
			}
			if err := music.Service(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	pass(machine.Second / 10)
	organ := &dmusic.Segment{Length: 10 * dmusic.Second, Events: []dmusic.Event{
		{Message: dmusic.Program(0, 19)}, {Message: dmusic.NoteOn(0, 60, 100)}, {Time: 5 * dmusic.Second, Message: dmusic.NoteOff(0, 60)},
	}}
	playing, err := port.Play(ctx, organ, dmusic.PlayOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pass(machine.Second)
	peak := func(from int) (p float64) {
		for _, v := range board.Sound()[from:] {
			p = max(p, math.Abs(float64(v)))
		}
		return p
	}
	mark := len(board.Sound())
	pass(machine.Second / 5)
	if peak(mark) < 0.005 {
		t.Fatalf("the organ is at %.5f", peak(mark))
	}
	if err := playing.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	pass(3 * machine.Second)
	mark = len(board.Sound())
	pass(machine.Second / 5)
	if peak(mark) > 1e-4 {
		t.Errorf("stopped, it is at %.5f", peak(mark))
	}
	if n := port.Late(); n != 0 {
		t.Errorf("%d events were late", n)
	}
	now, err := music.Clock().Now(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := port.Queue(ctx, dmusic.Event{Time: now - dmusic.Second, Message: dmusic.NoteOn(0, 64, 100)}); err != nil {
		t.Fatal(err)
	}
	pass(machine.Second / 5)
	info, err := port.Synth().Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if n := port.Late() + info.Late; n == 0 || peak(mark) < 0.005 {
		t.Errorf("an event of a second ago: %d late, %.5f heard", n, peak(mark))
	}
	music.Close()
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	if err := board.Close(); err != nil {
		t.Fatal(err)
	}
}
