package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// soakGroup are the long tests.
type soakGroup struct {
	Link  soakCmd      `cmd:"" default:"withargs" help:"Call a card for a long time and check every answer."`
	Audio soakAudioCmd `cmd:"" help:"Play under load, and count what was late."`

	Burn  soakBurn  `cmd:"" hidden:"" help:"Compute without end, for a parent that loads the computer."`
	Pulse soakPulse `cmd:"" hidden:"" help:"Say when this computer stands still, for a parent that measures."`
	Storm soakStorm `cmd:"" hidden:"" help:"Call a card without end, for a parent that loads it."`
}

// soakCmd calls for a long time.
type soakCmd struct {
	Calls   uint64        `help:"Calls to make." default:"100000000" placeholder:"N"`
	Seconds float64       `help:"End after this long, however many calls that was; 0: not before all are made." default:"0" placeholder:"S"`
	Workers int           `help:"Goroutines that call at once, 1 to 64." default:"4" placeholder:"N"`
	Seed    uint64        `help:"Of what is called when; 0 draws one." default:"0" placeholder:"N"`
	Lost    time.Duration `help:"A call that takes longer counts as a lost wake-up." default:"5s" placeholder:"TIME"`
}

// Help implements kong.HelpProvider.
func (*soakCmd) Help() string {
	return `Calls come in bursts of random length with random pauses between them, from well
below to well above the time for which both sides look before they sleep; so the
two fall asleep, and wake each other, in every order that there is. Additions,
buffers filled by the card, one-way calls and calls that call back are mixed, and
every answer is checked. A wake-up that is lost shows as a call that takes too
long, which ends the run with an error.`
}

// soakReport is what a run found.
type soakReport struct {
	Calls    uint64  `json:"calls"` // all kinds together
	Adds     uint64  `json:"adds"`
	Fills    uint64  `json:"fills"`
	Posts    uint64  `json:"posts"`
	Backs    uint64  `json:"callbacks"`
	Pauses   uint64  `json:"pauses"` // of a caller
	Rests    uint64  `json:"rests"`  // pauses of all callers at once
	Bytes    uint64  `json:"bytes"`  // filled and posted, all checked
	Longest  float64 `json:"longest_call_ms"`
	Seconds  float64 `json:"seconds"`
	Rate     float64 `json:"calls_per_second"`
	Seed     uint64  `json:"seed"`
	Workers  int     `json:"workers"`
	LostWake uint64  `json:"lost_wakeups"`
}

// soak is a run.
type soak struct {
	*soakCmd
	card *hostdriver.Card
	echo system.Echo

	calls, adds, fills, posts, backs, pauses, bytes atomic.Uint64
	longest                                         atomic.Int64
	// What the card has to have counted of one-way calls since it was last asked.
	posted, sum, postedBytes atomic.Uint64
}

// Run implements kong.
func (c *soakCmd) Run(ctx context.Context, g *globals) error {
	if c.Workers < 1 || c.Workers > 64 || c.Seconds < 0 || c.Lost <= 0 {
		return com.Errorf(com.ErrInvalid, "want 1 to 64 --workers, and no negative --seconds or --lost")
	}
	if c.Seed == 0 {
		c.Seed = rand.Uint64()
	}
	card, err := openQuiet(ctx, g, hostdriver.Timeout(max(c.Lost, time.Second)))
	if err != nil {
		return err
	}
	defer card.Close()
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		return err
	}
	defer echo.Release()
	s := &soak{soakCmd: c, card: card, echo: echo}
	r, err := s.run(ctx, !g.JSON)
	if r != nil && g.JSON {
		return errors.Join(printJSON(r), err)
	}
	if r != nil {
		r.print()
	}
	return err
}

func (r *soakReport) print() {
	fmt.Printf("%d calls in %.1f s (%.0f a second): %d additions, %d buffers filled, %d one-way, %d called back\n",
		r.Calls, r.Seconds, r.Rate, r.Adds, r.Fills, r.Posts, r.Backs)
	fmt.Printf("%d callers paused %d times, all at once %d times; %d bytes checked; longest call %.2f ms; seed %d\n",
		r.Workers, r.Pauses, r.Rests, r.Bytes, r.Longest, r.Seed)
	if r.LostWake == 0 {
		fmt.Println("no wake-up was lost, every answer was right")
	}
}

// An episode is a stretch in which a number of workers call; between two all is
// checked and everybody rests.
const episodeCalls = 100_000

func (s *soak) run(ctx context.Context, show bool) (*soakReport, error) {
	began := time.Now()
	end := func() bool {
		return s.calls.Load() >= s.Calls || s.Seconds > 0 && time.Since(began).Seconds() >= s.Seconds
	}
	defer s.bar(show)()
	rng := rand.New(rand.NewPCG(s.Seed, 0))
	// Whatever another user of the object left behind is not ours.
	_, _, _, _, err := s.echo.Totals()
	rests := uint64(0)
	for n := uint64(1); err == nil && ctx.Err() == nil && !end() && !s.late(); n++ {
		// One caller alone sleeps together with the card; several wake each other.
		workers := 1
		if n%2 == 0 {
			workers += rng.IntN(s.Workers)
		}
		err = s.episode(n, workers, func() bool { return end() || ctx.Err() != nil })
		rests++
		s.pause(rng)
	}
	seconds := time.Since(began).Seconds()
	r := &soakReport{
		Calls: s.calls.Load(), Adds: s.adds.Load(), Fills: s.fills.Load(), Posts: s.posts.Load(), Backs: s.backs.Load(),
		Pauses: s.pauses.Load(), Rests: rests, Bytes: s.bytes.Load(), Longest: float64(s.longest.Load()) / 1e6,
		Seconds: seconds, Rate: float64(s.calls.Load()) / seconds, Seed: s.Seed, Workers: s.Workers,
	}
	if errors.Is(err, com.ErrTimeout) || s.late() {
		r.LostWake = 1
		if err == nil {
			err = com.Errorf(com.ErrTimeout, "a call took %.1f ms", r.Longest)
		}
		err = fmt.Errorf("a wake-up was lost after %d calls (seed %d): %w", r.Calls, s.Seed, err)
	}
	return r, err
}

// late reports whether a call has taken so long that a wake-up was lost, though
// another one came to its help.
func (s *soak) late() bool { return time.Duration(s.longest.Load()) > s.Lost }

// bar draws progress until the returned function is called.
func (s *soak) bar(show bool) (stop func()) {
	if !show || !term.IsTerminal(int(os.Stderr.Fd())) {
		return func() {}
	}
	bar := newBar(true, "calls", int64(min(s.Calls, 1<<62)), progressbar.OptionShowCount())
	return follow(bar, func() { _ = bar.Set64(int64(min(s.calls.Load(), s.Calls))) })
}

// episode lets workers call until their share is done, and then checks what the
// card counted.
func (s *soak) episode(n uint64, workers int, end func() bool) error {
	var wg sync.WaitGroup
	errs := make([]error, workers)
	stop := atomic.Bool{}
	for w := range workers {
		wg.Go(func() {
			k := newCaller(s, n, uint64(w))
			defer k.back.Release()
			for done := uint64(0); done < episodeCalls/uint64(workers) && !stop.Load(); {
				made, err := k.burst()
				done += made
				s.calls.Add(made)
				if err != nil {
					errs[w] = err
					stop.Store(true)
					return
				}
				if end() {
					return
				}
				s.pauses.Add(1)
				s.pause(k.rng)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	calls, sum, bytes, wrong, err := s.echo.Totals()
	if err != nil {
		return err
	}
	wantCalls, wantSum, wantBytes := s.posted.Swap(0), s.sum.Swap(0), s.postedBytes.Swap(0)
	if calls != wantCalls || sum != wantSum || bytes != wantBytes || wrong != 0 {
		return com.Errorf(com.ErrCorrupt, "one-way calls: the card counted %d with sum %d and %d bytes, %d of them wrong; made were %d with sum %d and %d bytes",
			calls, sum, bytes, wrong, wantCalls, wantSum, wantBytes)
	}
	return nil
}

// pause lets time go by: mostly around the 20 us for which both sides look before
// they sleep, busily, since a system's sleep is longer than that; sometimes much
// longer, asleep.
func (s *soak) pause(rng *rand.Rand) {
	switch k := rng.IntN(64); {
	case k == 0:
		time.Sleep(time.Duration(rng.IntN(2000)) * time.Microsecond)
	case k < 40:
		until := time.Duration(rng.IntN(60_000)) * time.Nanosecond
		for began := time.Now(); time.Since(began) < until; {
		}
	}
}
