package lanes

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

const ms = machine.Time(machine.Millisecond)

// sample is a second in which sound has 2 ms of every 10, and a compiler the rest.
// late says for which periods sound runs only after its deadline.
func sample(late func(period int) bool) *Picture {
	sound := Lane{Group: "realtime", Name: "sound", Amount: 2 * machine.Millisecond, Period: 10 * machine.Millisecond}
	compiler := Lane{Group: "realtime", Name: "compiler"}
	other := Lane{Group: "spare", Name: "elsewhere", Runs: []Run{{0, 1000 * ms, sched.RightSpare}}}
	for k := range 100 {
		at := machine.Time(k) * 10 * ms
		sound.Slices = append(sound.Slices, Span{at + 2*ms, at + 4*ms})
		begin, right := at+2*ms, sched.RightOwn
		if late(k) {
			begin, right = at+10*ms, sched.RightStandby
		}
		sound.Waits = append(sound.Waits, Span{at, begin})
		sound.Runs = append(sound.Runs, Run{begin, begin + 2*ms, right})
		sound.Constraints = append(sound.Constraints, Constraint{Thread: "sound", Start: at, Deadline: at + 10*ms, Estimate: 2 * machine.Millisecond, End: begin + 2*ms, Used: 2 * machine.Millisecond})
		compiler.Runs = append(compiler.Runs, Run{at + 4*ms, at + 10*ms, sched.RightSpare})
	}
	p := &Picture{Title: "sample", From: 0, To: 1000 * ms, Lanes: []Lane{sound, compiler, other}}
	p.Sort()
	return p
}

func never(int) bool { return false }

func mustDraw(t *testing.T, p *Picture, o Options) *image.RGBA {
	t.Helper()
	img, err := p.Draw(o)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// where returns the columns and the rows that have a pixel of a colour, right of
// the names.
func where(img *image.RGBA, col color.RGBA) (xs, ys []int) {
	for y := range img.Rect.Dy() {
		for x := gutter; x < img.Rect.Dx()-margin+1; x++ {
			if img.RGBAAt(x, y) == col {
				xs, ys = append(xs, x), append(ys, y)
			}
		}
	}
	slices.Sort(xs)
	return slices.Compact(xs), slices.Compact(ys)
}

func TestNothingIsRedWhereNothingIsLate(t *testing.T) {
	for _, o := range []Options{{}, {To: machine.Second}, {From: 500 * machine.Millisecond, To: 510 * machine.Millisecond}, {Width: MinWidth}} {
		img := mustDraw(t, sample(never), o)
		for y := range img.Rect.Dy() {
			for x := range img.Rect.Dx() {
				if c := img.RGBAAt(x, y); c == Red || c == tint {
					t.Fatalf("%+v: pixel %d,%d is red", o, x, y)
				}
			}
		}
	}
}

func TestRedIsExactlyWhereAMissIs(t *testing.T) {
	p := sample(func(k int) bool { return k == 40 })
	// One column for each 0.1 ms.
	o := Options{From: 380 * machine.Millisecond, To: 480 * machine.Millisecond, Width: 1000 + gutter + margin}
	img := mustDraw(t, p, o)
	at := func(t machine.Time) int { return gutter + int((t-380*ms)*10/ms) }
	deadline, end := at(410*ms), at(412*ms)
	// The words at the top and at the bottom are red, too; the lanes are between.
	top, bottom := 0, 0
	_, ys := where(img, rule)
	top = ys[slices.IndexFunc(ys, func(y int) bool { return y > 100 })]
	bottom = ys[len(ys)-1]
	for y := top; y <= bottom; y++ {
		for x := gutter; x < o.Width; x++ {
			if img.RGBAAt(x, y) == Red && (x < deadline-1 || x >= end) {
				t.Fatalf("pixel %d,%d is red; the deadline is at %d, the end at %d", x, y, deadline, end)
			}
		}
	}
	row := func(y int) (n int) {
		for x := deadline; x < end; x++ {
			if img.RGBAAt(x, y) == Red {
				n++
			}
		}
		return n
	}
	full := 0
	for y := top; y <= bottom; y++ {
		if row(y) == end-deadline {
			full++
		}
	}
	if full < 5 {
		t.Errorf("the time after the deadline is red in %d rows", full)
	}
	// The tint goes over the compiler's lane as well, and not over the other
	// processor's.
	xs, ys := where(img, tint)
	if len(xs) == 0 || xs[0] < deadline || xs[len(xs)-1] >= end {
		t.Errorf("tint in columns %v", xs)
	}
	if ys[len(ys)-1] >= bottom-bandH {
		t.Errorf("the tint reaches row %d, into the lane of the other processor", ys[len(ys)-1])
	}
}

func TestOverviewShowsEveryMiss(t *testing.T) {
	p := sample(func(k int) bool { return k%20 == 7 })
	img := mustDraw(t, p, Options{Width: 1000 + gutter + margin})
	for _, k := range []int{7, 27, 47, 67, 87} {
		x := gutter + (k+1)*10
		found := false
		for y := range 100 {
			found = found || img.RGBAAt(x, y) == Red
		}
		if !found {
			t.Errorf("the miss at %d ms is not in the overview", (k+1)*10)
		}
	}
}

func TestManyConstraintsAreStillRedWhereMissed(t *testing.T) {
	l := Lane{Name: "dense"}
	for k := range machine.Time(20000) {
		c := Constraint{Start: k * 50_000, Deadline: k*50_000 + 40_000, End: k*50_000 + 10_000}
		if k == 12000 {
			c.End = c.Deadline + 1
		}
		l.Constraints = append(l.Constraints, c)
		l.Runs = append(l.Runs, Run{c.Start, c.End, sched.RightBooked})
	}
	img := mustDraw(t, &Picture{Lanes: []Lane{l}}, Options{To: machine.Second, Width: 1000 + gutter + margin})
	xs, _ := where(img, Red)
	xs = slices.DeleteFunc(xs, func(x int) bool { // words are at the ends of the image
		for y := 60; y < img.Rect.Dy()-4*lineH; y++ {
			if img.RGBAAt(x, y) == Red {
				return false
			}
		}
		return true
	})
	if !slices.Equal(xs, []int{gutter + 600}) {
		t.Errorf("red columns %v", xs)
	}
}

func TestColoursOfRights(t *testing.T) {
	p := sample(func(k int) bool { return k == 1 })
	img := mustDraw(t, p, Options{To: 100 * machine.Millisecond, Width: 1000 + gutter + margin})
	column := func(t machine.Time) map[color.RGBA]bool {
		found := map[color.RGBA]bool{}
		for y := range img.Rect.Dy() {
			found[img.RGBAAt(gutter+int(t*10/ms), y)] = true
		}
		return found
	}
	for _, c := range []struct {
		what string
		at   machine.Time
		col  color.RGBA
		is   bool
	}{
		{"own time", 3 * ms, byRight[sched.RightOwn], true},
		{"the reservation around it", 3 * ms, slice, true},
		{"a slice that was not used", 13 * ms, slice, true},
		{"no use of it", 13 * ms, byRight[sched.RightOwn], false},
		{"waiting", 13 * ms, waiting, true},
		{"standby", 21 * ms, byRight[sched.RightStandby], true},
		{"spare time", 5 * ms, byRight[sched.RightSpare], true},
		{"nobody's slice", 7 * ms, slice, false},
	} {
		if column(c.at)[c.col] != c.is {
			t.Errorf("%s at %v: %v", c.what, c.at, !c.is)
		}
	}
}

func TestAccounts(t *testing.T) {
	p := sample(func(k int) bool { return k == 40 || k == 41 })
	p.Lanes[0].Constraints[50].Verdict = Refused
	p.Lanes[0].Constraints[41].Used = 3 * machine.Millisecond // it took more than it had asked for
	a := p.Accounts()
	s := a[0]
	if s.Constraints != 100 || s.Promised != 99 || s.Refused != 1 || s.Missed != 2 || s.Broken != 1 {
		t.Errorf("%+v", s)
	}
	if s.Used != 200*machine.Millisecond || s.Reserved != 200*machine.Millisecond || s.ByRight["standby"] != 4*machine.Millisecond {
		t.Errorf("used %v, reserved %v, by right %v", s.Used, s.Reserved, s.ByRight)
	}
	// From 400 to 412 ms the one was late that used no more than its estimate; the
	// compiler had 6 ms of that.
	if len(s.Blame) != 2 || s.Blame[0] != (Blame{"compiler", 6 * machine.Millisecond}) || s.Blame[1] != (Blame{itself, 2 * machine.Millisecond}) {
		t.Errorf("blame: %v", s.Blame)
	}
	if a[1].Missed != 0 || a[1].Blame != nil {
		t.Errorf("%+v", a[1])
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[machine.Duration]string{
		0: "0ns", 999: "999ns", 2 * machine.Millisecond: "2ms", 5804988: "5.80ms", 403817: "404us", 12345678: "12.3ms", 1500 * machine.Millisecond: "1.50s",
	} {
		if got := Short(d); got != want {
			t.Errorf("%d is %q, want %q", d, got, want)
		}
	}
}

func TestWorstWindow(t *testing.T) {
	l := Lane{
		// Work from 0 to 30 ms, and for a moment at 50.
		Waits: []Span{{0, 3 * ms}, {5 * ms, 12 * ms}, {14 * ms, 29 * ms}, {50 * ms, 51 * ms}},
		Runs:  []Run{{3 * ms, 5 * ms, 0}, {12 * ms, 14 * ms, 0}, {29 * ms, 30 * ms, 0}, {51 * ms, 52 * ms, 0}},
	}
	const period = 10 * machine.Millisecond
	if got, n := l.worst(period); got != 0 || n == 0 {
		t.Errorf("from 14 to 29 ms nothing ran: %v in %d windows", got, n)
	}
	l.Runs[2].From, l.Waits[2].To = 20*ms, 20*ms
	// From 5 to 15 ms, or from 10 to 20, there are 2 ms.
	if got, n := l.worst(period); got != 2*machine.Millisecond || n == 0 {
		t.Errorf("%v in %d windows", got, n)
	}
	if _, n := l.worst(40 * machine.Millisecond); n != 0 {
		t.Errorf("%d windows of 40 ms with work all the time", n)
	}
	if _, n := l.worst(0); n != 0 {
		t.Error("no period, no windows")
	}
}

func TestOpenConstraints(t *testing.T) {
	c := Constraint{Start: 1 * ms, Deadline: 5 * ms}
	if c.Missed(5*ms) || !c.Missed(5*ms+1) {
		t.Error("one that is not ended is missed once its deadline has passed")
	}
	c.End = 5 * ms
	if c.Missed(100 * ms) {
		t.Error("ended in time")
	}
}

func TestWindow(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		late func(int) bool
		want Span
	}{
		{"the beginning", Options{}, never, Span{0, 100 * ms}},
		{"around the first miss", Options{}, func(k int) bool { return k == 40 }, Span{360 * ms, 460 * ms}},
		{"a miss at the end", Options{}, func(k int) bool { return k == 98 }, Span{900 * ms, 1000 * ms}},
		{"asked for", Options{From: 10, To: 20 * machine.Millisecond}, never, Span{10, 20 * ms}},
		{"up to the end", Options{From: 990 * machine.Millisecond}, never, Span{990 * ms, 1000 * ms}},
	} {
		if got := sample(c.late).window(&c.o); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	p := sample(never)
	for _, o := range []Options{{Width: 10}, {Width: 1 << 20}, {From: machine.Second}, {From: 2 * machine.Second, To: 3 * machine.Second}, {From: 20, To: 10}, {From: -5, To: 10 * machine.Millisecond}} {
		if _, err := p.Draw(o); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := p.Draw(Options{From: 2 * machine.Second}); err == nil || !strings.Contains(err.Error(), "from 2s on: there are 1s") {
		t.Error(err)
	}
	if _, err := (&Picture{}).Draw(Options{}); com.CodeOf(err) != com.ErrInvalid {
		t.Errorf("nothing: %v", err)
	}
}

func TestManyLanes(t *testing.T) {
	p := &Picture{Title: strings.Repeat("long ", 1000), Notes: []string{"lost"}}
	for range 3 * MaxLanes {
		p.Lanes = append(p.Lanes, Lane{Name: strings.Repeat("n", 100), Runs: []Run{{0, ms, sched.Right(200)}}, Constraints: []Constraint{{Deadline: 1}}})
	}
	var b bytes.Buffer
	if err := p.WritePNG(&b, Options{}); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil || img.Bounds().Dy() > 100*MaxLanes {
		t.Fatalf("%v, %v", img.Bounds(), err)
	}
}

func FuzzDraw(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 200, 255, 0, 1}, int64(0), int64(0))
	f.Add([]byte{255, 0, 255, 0, 128, 3, 3, 3, 3, 3, 3, 3}, int64(5000), int64(1<<62))
	f.Fuzz(func(t *testing.T, b []byte, from, to int64) {
		p := &Picture{}
		at := machine.Time(0)
		for i := 0; i+4 <= len(b) && i < 400; i += 4 {
			if b[i]%8 == 0 || len(p.Lanes) == 0 {
				p.Lanes = append(p.Lanes, Lane{Group: string('a' + rune(b[i]>>6)), Name: "x"})
			}
			l := &p.Lanes[len(p.Lanes)-1]
			at = machine.Time(b[i]) << (b[i+1] % 63)
			to := at + machine.Time(b[i+1])<<(b[i+2]%63)
			l.Runs = append(l.Runs, Run{at, to, sched.Right(b[i+3])})
			l.Slices = append(l.Slices, Span{at, to})
			l.Waits = append(l.Waits, Span{to, at})
			l.Constraints = append(l.Constraints, Constraint{Start: at, Deadline: to, Estimate: machine.Duration(b[i+2]) << (b[i+3] % 63), End: machine.Time(b[i+3]) << (b[i] % 63), Verdict: Verdict(b[i+3] % 4)})
		}
		p.Sort()
		if _, err := p.Draw(Options{From: machine.Duration(from), To: machine.Duration(to), Width: MinWidth}); err != nil && com.CodeOf(err) != com.ErrInvalid {
			t.Error(err)
		}
	})
}
