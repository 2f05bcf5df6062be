package scenes

import (
	"context"
	"fmt"
	"math"

	"github.com/mmlite/mmlite/hostdriver/ddraw"
	"github.com/mmlite/mmlite/hostdriver/dsound"
)

// Game is a game of bricks that plays itself: a loop of input, rules, pictures and
// sounds as games of the time of DirectDraw and DirectSound have it.
type Game struct {
	stage *Stage
	dd    *ddraw.DirectDraw
	front *ddraw.Surface
	back  *ddraw.Surface
	art   art
	sound *dsound.Device
	heard [noises][voices]*dsound.Buffer
	turn  [noises]int // the voice that is heard next
	rules rules
	hands hands
	clock float64 // s of the rules so far
	shown int
}

// Size of the game's screen, which the card stretches to its own.
const (
	gameWidth  = 320
	gameHeight = 240
)

// Title implements Scene.
func (g *Game) Title() string { return "a game that plays itself" }

// Text implements Scene.
func (g *Game) Text() []string {
	return []string{
		"Bricks, a bat and a ball: 320 by 240 pixels of 16 bits, stretched by the card.",
		"Sprites with a colour key are copied onto a background, and the chain is flipped;",
		"every touch is a sound from memory that the card shares, panned to its place.",
		"Move a pointer over the screen, or press the arrow keys, to play yourself.",
	}
}

// Open implements Scene.
func (g *Game) Open(ctx context.Context, s *Stage) (err error) {
	g.stage = s
	if err = g.open(ctx); err != nil {
		g.Close()
	}
	return err
}

func (g *Game) open(ctx context.Context) (err error) {
	if g.dd, err = ddraw.Create(ctx, g.stage.Card); err != nil {
		return err
	}
	if err = g.dd.SetDisplayMode(ctx, gameWidth, gameHeight, 16); err != nil {
		return err
	}
	if g.front, err = g.dd.CreateSurface(ctx, ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface | ddraw.FlipCap | ddraw.Complex, BackBufferCount: 1}); err != nil {
		return err
	}
	if g.back, err = g.front.AttachedSurface(ddraw.BackBuffer); err != nil {
		return err
	}
	if err = g.art.paint(ctx, g.dd); err != nil {
		return err
	}
	if !g.stage.Silent {
		if err = g.load(ctx); err != nil {
			return err
		}
	}
	g.rules.start()
	return g.hands.take(ctx, g.stage)
}

// Frame implements Scene.
func (g *Game) Frame(ctx context.Context, t Tick) error {
	if err := g.hands.look(ctx, g.clock); err != nil {
		return err
	}
	// The rules go on in steps of their own, whatever the screen does.
	for ; g.clock < t.Time; g.clock += step {
		move, playing := g.hands.input(g.clock, g.rules.bat)
		if !playing {
			move = g.rules.play()
		}
		g.rules.step(move)
	}
	for _, n := range g.rules.heard {
		if err := g.make(ctx, n); err != nil {
			return err
		}
	}
	g.rules.heard = g.rules.heard[:0]
	if err := g.art.draw(g.back, &g.rules); err != nil {
		return err
	}
	g.shown++
	return g.front.Flip(ctx, ddraw.FlipWait)
}

// Figures implements Scene.
func (g *Game) Figures() string {
	r := &g.rules
	return fmt.Sprintf("score %d, level %d, %d bricks, %d bats lost, %d sounds", r.score, r.level, r.broken, r.lost, r.noises)
}

// Close implements Scene.
func (g *Game) Close() {
	g.hands.release()
	for _, all := range g.heard {
		for _, b := range all {
			if b != nil {
				b.Release()
			}
		}
	}
	if g.sound != nil {
		_ = g.sound.Close() // of a card that is gone, at worst
	}
	if g.dd != nil {
		_ = g.dd.Close()
	}
}

// Bricks.
const (
	columns     = 14
	rows        = 7
	brickWidth  = 20
	brickHeight = 9
	wallLeft    = (gameWidth - columns*brickWidth) / 2
	wallTop     = 36
	batWidth    = 40
	batTop      = gameHeight - 16
	ballSize    = 7
	step        = 1. / 240 // s
	batSpeed    = 420      // pixels a second
	sparkLife   = 0.5      // s
	maxSparks   = 120
	voices      = 3 // of each sound
)

// noise is a kind of sound.
type noise uint8

const (
	onBrick noise = iota
	onWall
	onBat
	onLoss
	onLevel
	noises
)

// event is a noise and where it comes from, -1 left to 1 right, and how high.
type event struct {
	noise noise
	at    float64
	row   int
}

// spark flies from a brick that broke.
type spark struct {
	x, y, vx, vy, age float64
	row               int
}

// rules are the state of a game.
type rules struct {
	bricks       [rows][columns]bool
	left         int
	bat          float64 // its middle
	x, y, vx, vy float64 // of the ball's middle
	wait         float64 // s until the ball flies
	sparks       []spark
	level, score int
	broken, lost int
	noises       int
	heard        []event
	seed         uint32
	aim          float64 // where on the bat the ball is to be met, -1 to 1
}

func (r *rules) chance() float64 {
	r.seed = r.seed*1664525 + 1013904223
	return float64(r.seed>>8) / (1 << 24)
}

func (r *rules) start() {
	*r = rules{seed: 7, bat: gameWidth / 2, sparks: make([]spark, 0, maxSparks)}
	r.build()
}

// build sets up a level's wall.
func (r *rules) build() {
	r.level++
	r.left = 0
	for y := range rows {
		for x := range columns {
			on := true
			switch r.level % 3 {
			case 2:
				on = (x+y)%2 == 0 || y == 0
			case 0:
				on = min(x, columns-1-x) >= y-1
			}
			r.bricks[y][x] = on
			if on {
				r.left++
			}
		}
	}
	r.serve()
}

func (r *rules) serve() {
	r.x, r.y, r.wait = r.bat, batTop-ballSize, 0.6
	a := (r.chance() - 0.5) * 1.2
	speed := 210 + 15*float64(min(r.level, 8))
	r.vx, r.vy = speed*math.Sin(a), -speed*math.Cos(a)
	r.think()
}

// think chooses where the ball is to be met next, and now and then a little beside.
func (r *rules) think() { r.aim = (r.chance() - 0.5) * 1.5 }

// play is what a player does: -1 is the bat to the left, 1 to the right.
func (r *rules) play() float64 {
	to := r.x
	if r.vy > 0 && r.wait <= 0 {
		// Where it comes down, by the walls.
		t := (batTop - ballSize/2 - r.y) / r.vy
		const low, span = ballSize / 2, gameWidth - ballSize
		to = math.Mod(r.x+r.vx*t-low, 2*span)
		if to < 0 {
			to += 2 * span
		}
		if to > span {
			to = 2*span - to
		}
		to += low
	}
	d := to - r.aim*batWidth/2 - r.bat
	return min(max(d/4, -1), 1)
}

func (r *rules) say(n noise, x float64, row int) {
	r.noises++
	if len(r.heard) < 16 {
		r.heard = append(r.heard, event{n, x/gameWidth*2 - 1, row})
	}
}

// step lets a little time pass.
func (r *rules) step(input float64) {
	const half = batWidth / 2
	r.bat = min(max(r.bat+input*batSpeed*step, half), gameWidth-half)
	for i := 0; i < len(r.sparks); i++ {
		s := &r.sparks[i]
		s.age += step
		s.vy += 300 * step
		s.x += s.vx * step
		s.y += s.vy * step
		if s.age > sparkLife {
			*s = r.sparks[len(r.sparks)-1]
			r.sparks = r.sparks[:len(r.sparks)-1]
			i--
		}
	}
	if r.wait -= step; r.wait > 0 {
		r.x, r.y = r.bat, batTop-ballSize
		return
	}
	const edge = ballSize / 2.
	r.x += r.vx * step
	if r.x < edge && r.vx < 0 || r.x > gameWidth-edge && r.vx > 0 {
		r.vx = -r.vx
		r.say(onWall, r.x, 0)
	}
	if r.strike() {
		r.vx = -r.vx
	}
	r.y += r.vy * step
	if r.y < 14+edge && r.vy < 0 {
		r.vy = -r.vy
		r.say(onWall, r.x, 0)
	}
	if r.strike() {
		r.vy = -r.vy
	}
	if d := (r.x - r.bat) / (half + edge); r.vy > 0 && r.y > batTop-edge && r.y < batTop+8 && math.Abs(d) <= 1 {
		speed := min(math.Hypot(r.vx, r.vy)*1.02, 380)
		r.vx, r.vy = speed*math.Sin(d*1.05), -speed*math.Cos(d*1.05)
		r.say(onBat, r.x, 0)
		r.think()
	}
	switch {
	case r.y > gameHeight+20:
		r.lost++
		r.say(onLoss, r.x, 0)
		r.serve()
	case r.left == 0:
		r.say(onLevel, gameWidth/2, 0)
		r.build()
	}
}

// strike breaks the brick that the ball is in.
func (r *rules) strike() bool {
	col, row := int(math.Floor((r.x-wallLeft)/brickWidth)), int(math.Floor((r.y-wallTop)/brickHeight))
	if col < 0 || col >= columns || row < 0 || row >= rows || !r.bricks[row][col] {
		return false
	}
	r.bricks[row][col] = false
	r.left--
	r.broken++
	r.score += 10 * (rows - row)
	r.say(onBrick, r.x, row)
	for range 8 {
		if len(r.sparks) < maxSparks {
			a := r.chance() * 2 * math.Pi
			v := 30 + 90*r.chance()
			r.sparks = append(r.sparks, spark{
				x: wallLeft + (float64(col)+r.chance())*brickWidth, y: wallTop + (float64(row)+r.chance())*brickHeight,
				vx: v * math.Cos(a), vy: v*math.Sin(a) - 60, row: row,
			})
		}
	}
	return true
}
