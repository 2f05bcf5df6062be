package dls_test

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/synth/dls"
	"github.com/mmlite/mmlite/synth/engine"
)

const (
	rate   = 44100
	window = rate / 20
)

// message is a MIDI message of the test song with the frame it is due at.
type message struct {
	frame        int
	status, a, b byte
}

// song reads the one track of the test song, which has no running status and runs at 960 ticks a
// second.
func song(t *testing.T) (list []message) {
	t.Helper()
	data, err := os.ReadFile("testdata/test1.mid")
	if err != nil {
		t.Fatal(err)
	}
	track := data[22:]
	tick := 0
	for len(track) > 0 {
		delta, n := 0, 0
		for more := true; more; n++ {
			delta = delta<<7 | int(track[n]&0x7f)
			more = track[n]&0x80 != 0
		}
		tick += delta
		switch m := track[n:]; {
		case m[0] == 0xff:
			track = m[3+int(m[2]):]
		case m[0]&0xf0 == 0xc0:
			list = append(list, message{tick * rate / 960, m[0], m[1], 0})
			track = m[2:]
		default:
			list = append(list, message{tick * rate / 960, m[0], m[1], m[2]})
			track = m[3:]
		}
	}
	return list
}

// TestAgainstSpessasynth plays the test file and compares the level of the left channel, every
// 50 ms, with what spessasynth_core 4.3.22 makes of it, the one other player known to honour the
// articulation of DLS: envelopes with their rates, region gain, loops, 8-bit waves, drums without
// articulation. One gain is taken out for the whole song. The reference ends its render with the
// onset of the last note.
func TestAgainstSpessasynth(t *testing.T) {
	data, err := os.ReadFile("testdata/test1.dls")
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := dls.Parse(data, dls.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Config{SampleRate: rate})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.SetBank(b); err != nil {
		t.Fatal(err)
	}
	reference, err := os.Open("testdata/spessasynth.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer reference.Close()

	const quiet = 30 // dB above one step of 16 bits
	type point struct{ at, want, diff float64 }
	var points []point
	var left, right [window]float32
	events := song(t)
	for lines, start := bufio.NewScanner(reference), 0; lines.Scan(); start += window {
		for len(events) > 0 && events[0].frame < start+window {
			m := events[0]
			if err := e.Event(m.frame-start, m.status, m.a, m.b); err != nil {
				t.Fatal(err)
			}
			events = events[1:]
		}
		clear(left[:])
		clear(right[:])
		e.Render(left[:], right[:])
		var p point
		if _, err := fmt.Sscanf(lines.Text(), "%g\t%g", &p.at, &p.want); err != nil {
			t.Fatal(err)
		}
		if p.want < quiet {
			continue
		}
		sum := 0.0
		for _, v := range left {
			sum += float64(v) * float64(v)
		}
		p.diff = 20*math.Log10(32767*math.Sqrt(sum/window)+1) - p.want
		points = append(points, p)
	}
	if len(points) < 75 {
		t.Fatalf("%d points compared", len(points))
	}
	diffs := make([]float64, len(points))
	for i, p := range points {
		diffs[i] = p.diff
	}
	slices.Sort(diffs)
	gain := diffs[len(diffs)/2]
	for _, p := range points {
		if d := p.diff - gain; math.Abs(d) > 0.5 {
			t.Errorf("at %.2f s the level is %+.2f dB off a reference of %.1f dB", p.at, d, p.want)
		}
	}
}

// TestOscillatorRate holds that vibrato runs at the 5 Hz that the file says: the song's vibrato
// turns the period of the tone up and down.
func TestOscillatorRate(t *testing.T) {
	data, err := os.ReadFile("testdata/test1.dls")
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := dls.Parse(data, dls.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Config{SampleRate: rate})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.SetBank(b); err != nil {
		t.Fatal(err)
	}
	for _, m := range [][3]byte{{0xc0, 1, 0}, {0xb0, 1, 127}, {0x90, 69, 100}} {
		if err := e.Event(0, m[0], m[1], m[2]); err != nil {
			t.Fatal(err)
		}
	}
	left, right := make([]float32, 2*rate), make([]float32, 2*rate)
	e.Render(left, right)
	// Upward crossings of zero, then the turns of the period's deviation from its mean.
	var at []float64
	for i := rate / 2; i+1 < len(left); i++ {
		if left[i] < 0 && left[i+1] >= 0 {
			at = append(at, float64(i)+float64(left[i]/(left[i]-left[i+1])))
		}
	}
	mean := (at[len(at)-1] - at[0]) / float64(len(at)-1)
	var turns []float64
	for i := 1; i+1 < len(at); i++ {
		before, after := at[i]-at[i-1]-mean, at[i+1]-at[i]-mean
		if before < 0 && after >= 0 {
			turns = append(turns, at[i]/rate)
		}
	}
	if len(turns) < 5 {
		t.Fatalf("the period turns %d times in 1.5 s", len(turns))
	}
	hz := float64(len(turns)-1) / (turns[len(turns)-1] - turns[0])
	if math.Abs(hz-5) > 0.1 {
		t.Errorf("vibrato at %.2f Hz, want 5", hz)
	}
	if tone := rate / mean; math.Abs(1200*math.Log2(tone/440)) > 6 {
		t.Errorf("a tone of %.2f Hz, want 440", tone)
	}
}
