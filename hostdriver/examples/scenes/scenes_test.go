package scenes

import (
	"context"
	"image"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/hostdriver"
)

// stage is a card in virtual time.
func stage(t *testing.T) *Stage {
	t.Helper()
	board, err := inside.New(1, inside.Paced)
	if err != nil {
		t.Fatal(err)
	}
	card, err := hostdriver.Open(t.Context(), "", board.Option())
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), card)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if err := card.Close(); err != nil {
			t.Error(err)
		}
		if err := board.Run(machine.Second); err != nil {
			t.Error(err)
		}
		if err := board.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// colors counts the colours of a picture.
func colors(img *image.RGBA) int {
	seen := map[[3]byte]bool{}
	for i := 0; i < len(img.Pix); i += 4 {
		seen[[3]byte(img.Pix[i:])] = true
	}
	return len(seen)
}

// differ counts the pixels in which pictures differ.
func differ(a, b *image.RGBA) (n int) {
	for i := 0; i < len(a.Pix); i += 4 {
		if [4]byte(a.Pix[i:]) != [4]byte(b.Pix[i:]) {
			n++
		}
	}
	return n
}

// play runs a scene for a second, and again, and looks at the screen after each.
func play(t *testing.T, scene Scene) {
	s := stage(t)
	ctx := context.Background()
	black, err := s.Shot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if n := colors(black); n != 1 {
		t.Fatalf("%d colours on a screen with nothing on it", n)
	}
	if scene.Title() == "" || len(scene.Text()) == 0 {
		t.Error("a scene does not say what it is")
	}
	if err := scene.Open(ctx, s); err != nil {
		t.Fatal(err)
	}
	var shots []*image.RGBA
	for range 2 {
		r, err := Run(ctx, s, scene, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		img, err := s.Shot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		shots = append(shots, img)
		t.Log(r)
		if r.Frames < 30 || r.Figures == "" {
			t.Errorf("%+v", r)
		}
	}
	if n := colors(shots[1]); n < 20 {
		t.Errorf("a picture of %d colours", n)
	}
	// The scene begins anew with each Run, so it is at the same place or further on.
	if n := differ(black, shots[0]); n < 1000 {
		t.Errorf("%d pixels of the screen are not black", n)
	}
	scene.Close()
	for range 2 {
		if _, err := s.Screen.WaitBlank(ctx); err != nil {
			t.Fatal(err)
		}
	}
	end, err := s.Shot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if n := differ(black, end); n != 0 {
		t.Errorf("%d pixels of a scene that is over are still shown", n)
	}
}

func TestLayers(t *testing.T) { play(t, &Layers{Kites: 12, Leaves: 40}) }

func TestMesh(t *testing.T) { play(t, &Mesh{}) }

// TestBadMesh leaves nothing behind: the stage's end complains.
func TestBadMesh(t *testing.T) {
	for _, text := range []string{"", "f 1 2 3", "v 1 1 1\nf 1 1 1\n"} {
		if err := (&Mesh{File: strings.NewReader(text)}).Open(t.Context(), stage(t)); err == nil {
			t.Errorf("%q was shown", text)
		}
	}
}

func TestGame(t *testing.T) { play(t, &Game{}) }

// TestRules plays for ten minutes: the ball stays on the field, the player hardly
// misses, and levels are cleared.
func TestRules(t *testing.T) {
	var r rules
	r.start()
	for range 10 * 60 * 240 {
		r.step(r.play())
		r.heard = r.heard[:0]
		if !(r.x > -20 && r.x < gameWidth+20 && r.y > -5 && r.y < gameHeight+40) {
			t.Fatalf("the ball is at %v, %v", r.x, r.y)
		}
		if len(r.sparks) > maxSparks {
			t.Fatalf("%d sparks", len(r.sparks))
		}
	}
	t.Logf("level %d, %d bricks, %d bats lost, %d sounds", r.level, r.broken, r.lost, r.noises)
	if r.level < 5 || r.broken < 300 || r.lost > 30 {
		t.Errorf("level %d, %d bricks, %d bats lost", r.level, r.broken, r.lost)
	}
}

// TestSomebodyPlays moves a pointer, and then presses a key, and lets go: the bat
// follows, and after a while the game plays itself again.
func TestSomebodyPlays(t *testing.T) {
	s, ctx := stage(t), context.Background()
	in, err := hostdriver.Bind(ctx, s.Card, "/input", input.InputType)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Release()
	g := &Game{}
	if err := g.Open(ctx, s); err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	now := 0.0
	pass := func(seconds float64, events ...input.Event) {
		t.Helper()
		if err := in.Post(events); err != nil {
			t.Fatal(err)
		}
		for end := now + seconds; now < end; now += 0.05 {
			if err := g.Frame(ctx, Tick{Time: now}); err != nil {
				t.Fatal(err)
			}
		}
	}
	at := func(what string, low, high float64) {
		t.Helper()
		if g.rules.bat < low || g.rules.bat > high {
			t.Errorf("%s: the bat is at %v", what, g.rules.bat)
		}
	}
	pass(1, input.Event{Kind: input.Pointer, X: int32(s.Info.Width) / 4, Y: 10})
	at("a pointer at a quarter", gameWidth/4-2, gameWidth/4+2)
	pass(1, input.Event{Kind: input.Key, Code: keyRight, Down: true})
	at("a key to the right", gameWidth-batWidth/2-1, gameWidth)
	pass(rest+1, input.Event{Kind: input.Key, Code: keyRight})
	lost := g.rules.lost
	pass(20)
	if g.rules.lost > lost+2 || g.rules.broken == 0 {
		t.Errorf("nobody plays: %d bats lost, %d before, %d bricks", g.rules.lost, lost, g.rules.broken)
	}
}
