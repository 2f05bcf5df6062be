package contest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

// steady takes so long for a frame, in each round the next of its times.
type steady struct {
	frame []time.Duration
	calls int
	work  time.Duration // all it was asked for
}

func (s *steady) Run(test string, n int) (time.Duration, error) {
	if s.frame == nil {
		return 0, ErrUnknown
	}
	t := s.frame[s.calls%len(s.frame)] * time.Duration(n)
	s.calls++
	s.work += t
	return t, nil
}

func TestMeasure(t *testing.T) {
	own, other := &steady{frame: []time.Duration{time.Millisecond}}, &steady{frame: []time.Duration{3 * time.Millisecond, 3 * time.Millisecond, time.Second}}
	got, err := Measure(context.Background(), "x", []Side{own, other, &steady{}}, 9)
	if err != nil {
		t.Fatal(err)
	}
	if got[0] != (Result{time.Millisecond, 1}) || got[1] != (Result{3 * time.Millisecond, 3}) || got[2] != (Result{}) {
		t.Errorf("%+v", got)
	}
	if got, err := Best(context.Background(), "x", []Side{own, &steady{frame: []time.Duration{time.Second, 2 * time.Millisecond}}, &steady{}}, 9); err != nil || got[1].Factor != 2 || got[2] != (Result{}) {
		t.Errorf("the best: %+v, %v", got, err)
	}
	if own.calls > 24 || own.work > 24*slice {
		t.Errorf("%d calls, %v", own.calls, own.work)
	}
	// A clock that stands still ends nothing but is no reason to go on forever.
	if got, err := Measure(context.Background(), "x", []Side{&steady{frame: []time.Duration{0}}}, 3); err != nil || got[0].Frame < 0 {
		t.Errorf("%v, %v", got, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Measure(ctx, "x", []Side{own}, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a measurement called off gives %v", err)
	}
}

// start starts a peer, or skips the test where it cannot be had.
func start(t *testing.T, name string) *Peer {
	t.Helper()
	p, err := Libraries[name].Start(t.Context(), t.TempDir())
	if errors.Is(err, ErrMissing) {
		t.Skipf("%s: %v", name, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// TestBlitsAreTheSameWork compares what each side draws. Channels may differ by
// rounding, and by that of alpha to fewer bits: by one of 31 in 565, by four of
// 255 otherwise.
func TestBlitsAreTheSameWork(t *testing.T) {
	own := NewOwn()
	for _, name := range []string{"plain", "pixman", "sdl2"} {
		t.Run(name, func(t *testing.T) {
			p, compared := start(t, name), 0
			for i, depth := range Depths {
				for _, b := range Blits {
					test := b + " " + depth
					theirs, err := p.Picture(test)
					if errors.Is(err, ErrUnknown) {
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					ours, err := own.Picture(test)
					if err != nil {
						t.Fatal(err)
					}
					if d := differing(ours, theirs, i == 1); d > Width*Height/100 {
						t.Errorf("%s: %d pixels differ", test, d)
					}
					compared++
				}
			}
			if compared < 4 {
				t.Errorf("only %d tests are common", compared)
			}
			if took, err := p.Run("copy x888", 10); err != nil || took <= 0 {
				t.Errorf("ten copies take %v, %v", took, err)
			}
		})
	}
}

// differing counts pixels in which a channel differs by more than rounding.
func differing(a, b []byte, deep bool) (n int) {
	if len(a) != len(b) {
		return max(len(a), len(b))
	}
	near := func(x, y, most int) bool { return x-y <= most && y-x <= most }
	if deep {
		for i := 0; i+2 <= len(a); i += 2 {
			x, y := int(a[i])|int(a[i+1])<<8, int(b[i])|int(b[i+1])<<8
			if !near(x>>11, y>>11, 1) || !near(x>>5&63, y>>5&63, 2) || !near(x&31, y&31, 1) {
				n++
			}
		}
		return n
	}
	for i := 0; i+4 <= len(a); i += 4 {
		if !near(int(a[i]), int(b[i]), 4) || !near(int(a[i+1]), int(b[i+1]), 4) || !near(int(a[i+2]), int(b[i+2]), 4) {
			n++
		}
	}
	return n
}

// TestScenesAreTheSameWork compares pictures with Mesa's. GL's rows go up.
func TestScenesAreTheSameWork(t *testing.T) {
	own, p := NewOwn(), start(t, "mesa")
	tests := slices.Concat(Fills, Vertices)
	for _, v := range Vertices {
		tests = append(tests, "seen "+v)
	}
	for _, area := range Areas {
		for _, m := range Meshes {
			tests = append(tests, fmt.Sprintf("%d px %s", area, m))
		}
	}
	for i, test := range tests {
		if testing.Short() && i%5 != 4 {
			continue
		}
		theirs, err := p.Picture(test)
		if err != nil {
			t.Fatalf("%s: %v", test, err)
		}
		ours, err := own.Picture(test)
		if err != nil {
			t.Fatalf("%s: %v", test, err)
		}
		const row = 4 * Width
		up := make([]byte, 0, len(theirs))
		for y := Height - 1; y >= 0; y-- {
			up = append(up, theirs[y*row:(y+1)*row]...)
		}
		if d := differing(ours, up, false); d > Width*Height/20 {
			t.Errorf("%s: %d of %d pixels differ", test, d, Width*Height)
		}
	}
}

// TestLayersAreTheSameWork compares pictures with pixman's.
func TestLayersAreTheSameWork(t *testing.T) {
	own, p := NewOwn(), start(t, "pixman")
	for i, name := range LayerTests {
		if testing.Short() && i%5 != 4 {
			continue
		}
		theirs, err := p.Picture("layer " + name)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := own.Picture("layer " + name)
		if err != nil {
			t.Fatal(err)
		}
		if d := differing(ours, theirs, false); d > Width*Height/10 {
			t.Errorf("%s: %d pixels differ", name, d)
		}
	}
}

// TestTeamsDrawTheSame compares one processor with three.
func TestTeamsDrawTheSame(t *testing.T) {
	one, three := NewOwn(), NewTeam(3)
	for _, test := range []string{"trilinear Gouraud depth", "200 px bilinear depth"} {
		a, err := one.Picture(test)
		if err != nil {
			t.Fatal(err)
		}
		b, err := three.Picture(test)
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: the pictures differ, %v", test, err)
		}
	}
	if _, err := one.Run("none", 1); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

// TestApart has two renderers do the same at once, and says what there is not.
func TestApart(t *testing.T) {
	a := NewApart(2)
	if took, err := a.Run("highlights", 2); err != nil || took <= 0 {
		t.Errorf("two frames take %v, %v", took, err)
	}
	p, q := a.each[0].ready["highlights"].picture(), a.each[1].ready["highlights"].picture()
	if &p[0] == &q[0] {
		t.Error("they draw on one picture")
	}
	if _, err := a.Run("none", 1); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}
