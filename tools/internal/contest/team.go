package contest

import (
	"time"

	"github.com/mmlite/mmlite/graphics/render"
)

// goroutines has helpers of a render.Crew sleep as goroutines do. They live as long as
// the process.
type goroutines struct {
	wake   []chan struct{}
	joined chan struct{}
}

// patience is how often a helper looks for work before it sleeps: some 50 microseconds.
const patience = 50000

func newCrew(workers int) *render.Crew {
	g := &goroutines{wake: make([]chan struct{}, workers-1), joined: make(chan struct{}, 1)}
	for i := range g.wake {
		g.wake[i] = make(chan struct{}, 1)
	}
	c := render.NewCrew(workers-1, patience, g)
	for i := range g.wake {
		go c.Help(i)
	}
	return c
}

// Sleep implements render.Sleeper.
func (g *goroutines) Sleep(helper int) bool {
	<-g.wake[helper]
	return true
}

// Wake implements render.Sleeper.
func (g *goroutines) Wake(helper int) { ring(g.wake[helper]) }

// Join implements render.Sleeper.
func (g *goroutines) Join() bool {
	<-g.joined
	return true
}

// Joined implements render.Sleeper.
func (g *goroutines) Joined() { ring(g.joined) }

// Pause implements render.Sleeper.
func (g *goroutines) Pause() {}

func ring(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// NewTeam is this program with so many processors, measured by the wall clock.
func NewTeam(workers int) *Own {
	began := time.Now()
	o := &Own{tests: map[string]func() (*job, error){}, ready: map[string]*job{}, clock: func() time.Duration { return time.Since(began) }}
	scenes(o.tests, newCrew(workers))
	return o
}
