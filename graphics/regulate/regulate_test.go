package regulate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

const ms, us = machine.Millisecond, machine.Microsecond

// known is a layer whose full cost is known well, and that was drawn before.
func known(cost machine.Duration) *Layer {
	l := NewLayer(1)
	for range 60 {
		l.Took(cost, 1)
	}
	l.drawn = true
	return l
}

func TestWithinTheBudget(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var g Regulator
	for range 2000 {
		n := 1 + r.IntN(20)
		layers, wishes, choices := make([]*Layer, n), make([]Wish, n), make([]Choice, n)
		for i := range n {
			layers[i] = known(machine.Duration(r.IntN(3000)) * us)
			wishes[i] = Wish{Error: float32(r.IntN(40)) / 8, Weight: float32(r.IntN(3)), Least: float32(r.IntN(6)) / 4}
		}
		budget := machine.Duration(r.IntN(9000)) * us
		g = Regulator{steps: g.steps}
		planned := g.Choose(budget, layers, wishes, choices)
		if planned > budget {
			t.Fatalf("%v of %v are planned", planned, budget)
		}
		sum := machine.Duration(0)
		for i, c := range choices {
			if !c.Draw {
				if c.Scale != 1 {
					t.Fatalf("a layer that is warped has a scale of %v", c.Scale)
				}
				continue
			}
			if c.Scale < 1 && (c.Scale < wishes[i].Least || wishes[i].Least <= 0) || c.Scale > 1 {
				t.Fatalf("scale %v, and the least is %v", c.Scale, wishes[i].Least)
			}
			if wishes[i].Error == 0 {
				t.Fatal("a layer is drawn that fits")
			}
			sum += layers[i].at(c.Scale)
		}
		if sum > planned+machine.Duration(n) || sum < planned-machine.Duration(n) {
			t.Fatalf("choices cost %v, and %v are planned", sum, planned)
		}
	}
}

// TestNearTheBest compares with all possible choices: the greedy one loses at most
// what one layer is worth.
func TestNearTheBest(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 300 {
		const n = 6
		layers, wishes, choices := make([]*Layer, n), make([]Wish, n), make([]Choice, n)
		for i := range n {
			layers[i] = known(machine.Duration(100+r.IntN(3000)) * us)
			wishes[i] = Wish{Error: float32(r.IntN(64)) / 8, Least: float32(r.IntN(5)) / 4}
		}
		gain := func(i int, s float32) float64 {
			if s == 0 {
				return 0
			}
			return max(float64(wishes[i].Error)-blur(s), 0)
		}
		budget := machine.Duration(r.IntN(9000)) * us
		best := 0.0
		var try func(i int, left machine.Duration, sum float64)
		try = func(i int, left machine.Duration, sum float64) {
			if best = max(best, sum); i == n {
				return
			}
			try(i+1, left, sum)
			for _, s := range Scales {
				if c := layers[i].at(s); c <= left && (s == 1 || wishes[i].Least > 0 && s >= wishes[i].Least && wishes[i].Least < 1) {
					try(i+1, left-c, sum+gain(i, s))
				}
			}
		}
		try(0, budget, 0)
		var g Regulator
		g.Choose(budget, layers, wishes, choices)
		got, largest := 0.0, 0.0
		for i, c := range choices {
			if c.Draw {
				got += gain(i, c.Scale)
			}
			largest = max(largest, float64(wishes[i].Error))
		}
		if got > best+1e-6 || got < best-largest-1e-6 {
			t.Fatalf("choices are worth %v, the best %v, and one layer at most %v", got, best, largest)
		}
	}
}

// TestNoneStarves runs many frames with room for a tenth of the layers, one of which
// is worth little, and one of which costs more than any frame has.
func TestNoneStarves(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	const n, frames = 40, 2000
	layers, wishes, choices, waits, longest := make([]*Layer, n), make([]Wish, n), make([]Choice, n), [n]int{}, [n]int{}
	for i := range n {
		layers[i] = NewLayer(1)
		for range 60 {
			layers[i].Took(machine.Duration(500+r.IntN(1000))*us, 1)
		}
		wishes[i].Error = 1 + r.Float32()*4
	}
	wishes[7] = Wish{Error: 0.05, Weight: 0.1}
	wishes[8].Error, layers[8].Rate = 0, 30
	for range 60 {
		layers[9].Took(12*ms, 1)
	}
	var g Regulator
	spent := machine.Duration(0)
	for range frames {
		spent += g.Choose(5*ms, layers, wishes, choices)
		for i := range n {
			if waits[i]++; choices[i].Draw {
				waits[i] = 0
			}
			longest[i] = max(longest[i], waits[i])
		}
	}
	for i, w := range longest {
		if w > 400 {
			t.Errorf("layer %d was not drawn for %d frames: %+v", i, w, wishes[i])
		}
	}
	if spent > frames*5*ms+12*ms {
		t.Errorf("%v were spent of %v", spent, frames*5*ms)
	}
	t.Logf("the longest waits: %v", longest)
}

func TestRates(t *testing.T) {
	layers, wishes, choices := []*Layer{known(ms), known(ms)}, make([]Wish, 2), make([]Choice, 2)
	layers[0].Rate = 5
	var g Regulator
	drawn := [2]int{}
	for range 100 {
		g.Choose(10*ms, layers, wishes, choices)
		for i, c := range choices {
			if c.Draw {
				drawn[i]++
			}
		}
	}
	if drawn != [2]int{20, 0} {
		t.Errorf("in 100 frames layers with rates of 5 and 0 were drawn %v times", drawn)
	}
}

// TestCosts lets a layer learn what it costs, and how much of that does not depend on
// resolution.
func TestCosts(t *testing.T) {
	l := NewLayer(1000)
	for i := range 400 {
		s := Scales[i%len(Scales)]
		l.Took(machine.Duration(float64(ms)*(0.4+0.6*float64(s*s))), s)
	}
	for _, s := range Scales {
		got, want := float64(l.at(s)), float64(ms)*(0.4+0.6*float64(s*s))
		if got < want*0.85 || got > want*1.4 {
			t.Errorf("at %v it should cost %v, and is taken to cost %v", s, machine.Duration(want), machine.Duration(got))
		}
	}
}

func TestOddNumbers(t *testing.T) {
	odd := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), -1, 0, 1e-40, 3e38, 1}
	r := rand.New(rand.NewPCG(4, 4))
	var g Regulator
	for range 3000 {
		const n = 5
		layers, wishes, choices := make([]*Layer, n), make([]Wish, n), make([]Choice, n)
		for i := range n {
			layers[i] = known(machine.Duration(r.Int64()))
			layers[i].Took(machine.Duration(r.Int64())-1<<62, odd[r.IntN(len(odd))])
			wishes[i] = Wish{odd[r.IntN(len(odd))], odd[r.IntN(len(odd))], odd[r.IntN(len(odd))]}
		}
		if planned := g.Choose(machine.Duration(r.Int64N(int64(machine.Second)))-ms, layers, wishes, choices); planned < 0 {
			t.Fatal(planned)
		}
	}
	// A picture that was never drawn, and an error that is none, are drawn first.
	layers := []*Layer{known(ms), NewLayer(1), known(ms)}
	choices := make([]Choice, 3)
	g = Regulator{}
	g.Choose(1100*us, layers, []Wish{{Error: 100}, {Error: 0}, {Error: 50}}, choices)
	if !choices[1].Draw {
		t.Errorf("%+v", choices)
	}
}

// TestBudget asks a scheduler that has an amount to give.
func TestBudget(t *testing.T) {
	asked := 0
	has := func(amount machine.Duration) Promise {
		return func(d machine.Duration) (bool, error) {
			asked++
			return d <= amount, nil
		}
	}
	var b Budget
	if got, ok := b.For(16*ms, 9*ms, has(10*ms)); got != 9*ms || !ok || b.Promised != 1 {
		t.Errorf("all of it: %v, %v", got, ok)
	}
	asked = 0
	if got, ok := b.For(16*ms, 30*ms, has(6*ms)); got > 6*ms || got < 5500*us || !ok || b.Refused != 1 || asked > 12 {
		t.Errorf("a part: %v, %v, asked %d times", got, ok, asked)
	}
	if got, ok := b.For(16*ms, 9*ms, has(0)); got > 400*us || ok {
		t.Errorf("nothing: %v, %v", got, ok)
	}
	if got, ok := b.For(-ms, 9*ms, has(ms)); got != 0 || ok {
		t.Errorf("too late: %v, %v", got, ok)
	}
	none := func(machine.Duration) (bool, error) { return false, com.ErrNotSupported }
	b = Budget{}
	if got, ok := b.For(16*ms, 30*ms, none); got != 7*ms || ok {
		t.Errorf("at first: %v, %v", got, ok)
	}
	for range 100 {
		b.Drew(3*ms, 4*ms)
	}
	if got, _ := b.For(16*ms, 30*ms, nil); got < 10*ms || got > 10500*us {
		t.Errorf("with three quarters of the processor: %v", got)
	}
	b.Drew(ms, 8*ms)
	if got, _ := b.For(16*ms, 30*ms, none); got != 14*ms/8 {
		t.Errorf("with an eighth: %v", got)
	}
}

func TestNothingAllocated(t *testing.T) {
	const n = MaxLayers
	layers, wishes, choices := make([]*Layer, n), make([]Wish, n), make([]Choice, n)
	for i := range n {
		layers[i], wishes[i] = known(ms), Wish{Error: float32(i), Least: 0.25}
	}
	var g Regulator
	var b Budget
	promise := func(d machine.Duration) (bool, error) { return d < 3*ms, nil }
	if a := testing.AllocsPerRun(50, func() {
		budget, _ := b.For(16*ms, 100*ms, promise)
		g.Choose(budget, layers, wishes, choices)
		for i := range choices {
			if choices[i].Draw {
				layers[i].Took(ms, choices[i].Scale)
			}
		}
	}); a != 0 {
		t.Errorf("%v allocations", a)
	}
}

func BenchmarkChoose(b *testing.B) {
	const n = MaxLayers
	layers, wishes, choices := make([]*Layer, n), make([]Wish, n), make([]Choice, n)
	for i := range n {
		layers[i], wishes[i] = known(ms), Wish{Error: float32(i * 7 % 31), Least: 0.25}
	}
	var g Regulator
	b.ReportAllocs()
	for b.Loop() {
		g.Choose(20*ms, layers, wishes, choices)
	}
}
