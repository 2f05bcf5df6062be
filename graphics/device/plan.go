package device

import (
	"context"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/display"
	"github.com/mmlite/mmlite/graphics/regulate"
)

// planning is what a device's plans need. Its fields are the device's lock's.
type planning struct {
	number  uint64
	budget  regulate.Budget
	chooser regulate.Regulator
	known   []*regulate.Layer
	wishes  []regulate.Wish
	choices []regulate.Choice
	moves   []display.Move

	began machine.Time     // the drawing of the last plan
	ended machine.Time     // the last of it that was presented
	spent machine.Duration // by that
}

// Plan implements graphics.Device.
func (d *Device) Plan(_ context.Context, wishes []graphics.Wish, choices []graphics.Choice) (graphics.Plan, error) {
	if len(wishes) > regulate.MaxLayers {
		return graphics.Plan{}, com.Errorf(com.ErrInvalid, "%d wishes, and %d are possible", len(wishes), regulate.MaxLayers)
	}
	if len(choices) != len(wishes) {
		return graphics.Plan{}, com.Errorf(com.ErrInvalid, "room for %d choices, and there are %d wishes", len(choices), len(wishes))
	}
	t, err := d.enter()
	if err != nil {
		return graphics.Plan{}, err
	}
	defer d.unlock(t)
	p := &d.planning
	p.number++
	p.known, p.wishes, p.choices, p.moves = p.known[:0], p.wishes[:0], p.choices[:0], p.moves[:0]
	for i := range wishes {
		w := &wishes[i]
		l := d.layers[w.Layer]
		if l == nil || l.s.c.ended {
			return graphics.Plan{}, com.Errorf(com.ErrInvalid, "layer %d is none of device %s", w.Layer, d.name)
		}
		if l.plan == p.number {
			return graphics.Plan{}, com.Errorf(com.ErrInvalid, "layer %d is wished for twice", w.Layer)
		}
		if err := fits(w.Warp, l.source); err != nil {
			return graphics.Plan{}, err
		}
		l.plan = p.number
		p.known = append(p.known, l.known)
		p.wishes = append(p.wishes, regulate.Wish{Error: w.Error, Weight: w.Weight, Least: w.Least})
		p.choices = append(p.choices, regulate.Choice{})
	}
	p.budget.Drew(p.spent, p.ended.Sub(p.began))
	frame, at, period := d.f.screen.Blank(t.Processor().Now())
	left := at.Add(period).Sub(t.Processor().Now())
	budget := p.afford(left, at.Add(period))
	p.chooser.Choose(budget, p.known, p.wishes, p.choices)
	plan := graphics.Plan{Frame: frame + 1, Left: left.Std(), Budget: budget.Std()}
	for i, c := range p.choices {
		l := d.layers[wishes[i].Layer]
		choices[i] = graphics.Choice{Layer: l.number, Draw: c.Draw, Scale: c.Scale}
		if l.chosen = c.Draw; c.Draw {
			l.scale, l.spent = c.Scale, l.s.c.spent
			l.redrawn++
			continue
		}
		l.matrix = wishes[i].Warp
		p.moves = append(p.moves, display.Move{Layer: l.shown, Matrix: l.matrix})
		if wishes[i].Error > 0 {
			l.warped++
		}
	}
	d.f.screen.Move(p.moves)
	p.began = t.Processor().Now()
	p.ended, p.spent = p.began, 0
	return plan, nil
}

// afford asks the scheduler what drawing may take: with a constraint that is given up
// at once, since the drawing is done by other calls.
func (p *planning) afford(left machine.Duration, deadline machine.Time) machine.Duration {
	begun := false
	end := func() {
		if begun {
			begun = false
			_, _ = thread.EndConstraint() // there is one
		}
	}
	defer end()
	budget, _ := p.budget.For(left, regulate.Want(p.known, p.wishes), func(amount machine.Duration) (bool, error) {
		end()
		ok, err := thread.BeginConstraint(sched.Constraint{Start: thread.Now(), Estimate: amount, Deadline: deadline})
		begun = err == nil
		return ok, err
	})
	return budget
}

// drew takes note of drawing for a layer that was chosen.
func (d *Device) drew(took machine.Duration) {
	d.planning.spent += took
	d.planning.ended = thread.Now()
}
