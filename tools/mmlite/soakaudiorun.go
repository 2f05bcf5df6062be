package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/tools/internal/lanes"
)

// soaking is a run at work.
type soaking struct {
	*soakAudioCmd
	policy string
	card   *hostdriver.Card
	sched  system.Scheduler
	out    audio.Output
	music  *looping
	storms []*storm
	trace  *collector
	still  *pulses
	result *audioRun
	seen   dryLooks

	base   audioCounts
	voices float64 // sum over looks
	looks  float64
}

// audioCounts are numbers that only grow.
type audioCounts struct {
	underruns, late, events, cut, frames uint64
	calls                                uint64
	usage                                float64
	wakeup                               system.Histogram
}

// run plays under load for the time that was asked for.
func (c *soakAudioCmd) run(ctx context.Context, policy string, show bool) (_ *audioRun, err error) {
	h, url, err := c.startCard(ctx, policy)
	if err != nil {
		return nil, err
	}
	defer h.stop()
	s := &soaking{soakAudioCmd: c, policy: policy, result: &audioRun{Policy: policy}}
	if s.card, err = hostdriver.Open(ctx, url, hostdriver.Client("mmlite soak audio")); err != nil {
		return nil, err
	}
	defer s.card.Close()
	if s.sched, err = hostdriver.Bind(ctx, s.card, "/system/scheduler", system.SchedulerType); err != nil {
		return nil, err
	}
	defer s.sched.Release()
	if s.out, err = hostdriver.Bind(ctx, s.card, "/audio", audio.OutputType); err != nil {
		return nil, err
	}
	defer s.out.Release()
	if s.music, err = playLoop(ctx, s.card, loop{ports: c.Ports, voices: c.Voices}); err != nil {
		return nil, err
	}
	stopped := false
	defer func() {
		if !stopped {
			err = errors.Join(err, s.music.stop())
		}
	}()
	if err := audible(ctx, s.music.ports[0]); err != nil {
		return nil, err
	}
	if c.Trace != "" {
		t, err := s.sched.Trace(ctx)
		if err != nil {
			return nil, err
		}
		defer t.Release()
		if s.trace, err = collect(ctx, t); err != nil {
			return nil, err
		}
	}
	if s.base, err = s.counts(ctx); err != nil {
		return nil, err
	}
	if s.still, err = startPulses(); err != nil {
		return nil, err
	}
	defer s.still.end()
	end, err := s.load(url)
	defer end()
	if err != nil {
		return nil, err
	}
	if err := s.watch(ctx, show); err != nil {
		return nil, err
	}
	if err := s.finish(ctx); err != nil {
		return nil, err
	}
	stopped = true
	return s.result, s.music.stop()
}

// load starts the processes that compute and those that call.
func (s *soaking) load(url string) (end func(), err error) {
	var burners []*helper
	end = func() {
		for _, b := range burners {
			b.stop()
		}
		for _, m := range s.storms {
			_ = m.in.Close()
			_ = m.cmd.Process.Kill() // a caller at full speed has nothing to lose
			<-m.done
			_ = m.cmd.Wait()
		}
	}
	for range s.Load {
		h, err := startHelper("soak", "burn")
		if err != nil {
			return end, err
		}
		burners = append(burners, h)
	}
	for range s.Storm {
		m, err := startStorm(url)
		if err != nil {
			return end, err
		}
		s.storms = append(s.storms, m)
	}
	return end, nil
}

// counts asks the card for its numbers.
func (s *soaking) counts(ctx context.Context) (c audioCounts, err error) {
	i, err := s.out.Info(ctx)
	if err != nil {
		return c, err
	}
	c.underruns, c.late, c.frames = i.Underruns, i.Late, i.Frame
	voices := uint32(0)
	for _, p := range s.music.ports {
		info, err := p.Info(ctx)
		if err != nil {
			return c, err
		}
		c.events += info.Late
		c.cut += info.Stolen
		voices += info.Voices
	}
	s.result.Peak = max(s.result.Peak, voices)
	s.voices += float64(voices)
	s.looks++
	for _, m := range s.storms {
		c.calls += m.calls.Load()
	}
	used, err := usage(ctx, s.card)
	if err != nil {
		return c, err
	}
	c.usage = used["audio"] + used["mixer"] + used["synth"]
	list, err := s.sched.Histograms(ctx)
	if err != nil {
		return c, err
	}
	for _, h := range list {
		if h.Name == "wakeup" && h.Thread == "" && h.Processor == "realtime" {
			c.wakeup = h
		}
	}
	return c, nil
}

// lookEvery is how often the card is asked how it is.
const lookEvery = time.Second

// watch lets time go by, and shows how it goes.
func (s *soaking) watch(ctx context.Context, show bool) error {
	terminal := show && term.IsTerminal(int(os.Stderr.Fd()))
	began := time.Now()
	s.looks, s.voices = 0, 0
	defer s.seen.look(s.card)()
	for time.Since(began) < s.length() {
		wait := min(lookEvery, s.length()-time.Since(began))
		if s.trace != nil {
			if err := s.trace.fetchFor(ctx, wait, func() {}); err != nil {
				return err
			}
			s.trace.keepLast(traceKeep)
		} else if err := pauseFor(ctx, wait, nil); err != nil {
			return err
		}
		now, err := s.counts(ctx)
		if err == nil {
			err = s.music.failed()
		}
		if err != nil {
			return err
		}
		s.fill(&now, time.Since(began))
		if terminal {
			fmt.Fprintf(os.Stderr, "\r%s \x1b[K", s.result.line(s.length()))
		}
		if s.trace != nil && s.result.Underruns > s.result.Excused {
			break
		}
	}
	if terminal {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	return nil
}

// fill brings the result up to date.
func (s *soaking) fill(now *audioCounts, passed time.Duration) {
	r := s.result
	r.Seconds = passed.Seconds()
	r.Periods = (now.frames - s.base.frames) / uint64(s.Period)
	r.Underruns, r.LateInputs = now.underruns-s.base.underruns, now.late-s.base.late
	r.LateEvents, r.Cut = now.events-s.base.events, now.cut-s.base.cut
	r.Calls = now.calls
	r.CallRate = float64(r.Calls) / r.Seconds
	r.Load = (now.usage - s.base.usage) / r.Seconds
	if s.looks > 0 {
		r.Voices = s.voices / s.looks
	}
	r.Excused = min(s.excused(), r.Underruns)
	r.Still = micros(s.still.during(0, math.MaxInt64))
	h := since(&now.wakeup, &s.base.wakeup)
	if r.Wakeups = h.Count; h.Count > 0 {
		p50, p99, most := micros(quantile(&h, .5)), micros(quantile(&h, .99)), micros(h.Max)
		r.WakeupP50, r.WakeupP99, r.WakeupMax = &p50, &p99, &most
	}
}

// excused counts underruns of a time in which a processor of the computer stood
// still for so long that the device's queue ran dry.
func (s *soaking) excused() uint64 {
	// While AUDIO works at a period, the queue holds the others.
	slack := time.Duration(s.Queue-1) * time.Duration(s.Period) * time.Second / time.Duration(s.card.Info().Frames)
	return excuse(s.seen.list(), s.still, slack-slack/8)
}

// excuse counts underruns during which a processor stood still for so long.
func excuse(dry []dryTime, still *pulses, long time.Duration) (n uint64) {
	for _, d := range dry {
		if still.during(d.from, d.to) >= long {
			n += d.count
		}
	}
	return n
}

// finish asks for what is asked for once.
func (s *soaking) finish(ctx context.Context) error {
	list, err := s.sched.Processors(ctx)
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.Kind != "spare" {
			s.result.Granted, s.result.Advice = p.Granted, p.Advice
			if p.Policy != s.policy {
				return com.Errorf(com.ErrFailed, "the card runs %s", p.Policy)
			}
		}
	}
	reserved, err := s.sched.Reservations(ctx)
	if err != nil {
		return err
	}
	for _, r := range reserved {
		s.result.Missed += r.Missed
	}
	if s.trace == nil || s.result.Underruns == 0 && s.result.LateInputs == 0 {
		return nil
	}
	return s.draw(ctx)
}

// traceKeep is how much of a trace is kept while nothing is late.
const traceKeep = 2 * machine.Second

// draw draws what led to what was late.
func (s *soaking) draw(ctx context.Context) error {
	if err := s.trace.finish(ctx, s.sched); err != nil {
		return err
	}
	r := s.trace.r
	r.card = "soak audio under " + s.policy
	r.from = max(r.from, r.to.Add(-traceKeep))
	var played []*events
	for _, k := range r.tracks {
		played = append(played, k.play(r.to))
	}
	o := lanes.Options{Width: 2000}
	if at, found := stall(played); found {
		o.From = max(at.Add(-stallAround).Sub(r.from), 0)
		o.To = o.From + 2*stallAround
	}
	return writeFile(s.Trace, func(f *os.File) error { return r.picture(played).WritePNG(f, o) })
}

// stallAround is how much is shown on each side of what lasted longest.
const stallAround = 30 * machine.Millisecond

// stall returns when a real-time processor, which is the first, was held up for the
// longest time: while a thread ran, or when one was to wake.
func stall(played []*events) (at machine.Time, found bool) {
	if len(played) == 0 {
		return 0, false
	}
	longest := machine.Duration(0)
	for _, s := range played[0].slices {
		if d := s.to.Sub(s.from); d > longest {
			longest, at = d, s.from
		}
	}
	for _, w := range played[0].wakes {
		if w.late > longest {
			longest, at = w.late, w.at
		}
	}
	return at, longest > 0
}
