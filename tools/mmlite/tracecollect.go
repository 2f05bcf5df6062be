package main

import (
	"context"
	"fmt"
	"os"
	"sort"
	"time"

	"golang.org/x/term"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/trace"
	"github.com/mmlite/mmlite/hostdriver"
)

const (
	// traceEvery is how often records are fetched; a ring of eight thousand holds
	// what happens meanwhile up to some 200,000 switches a second.
	traceEvery = 20 * time.Millisecond
	// maxRecords bounds what is kept of one processor: 128 MiB.
	maxRecords = 4 << 20
)

// source is what records are read from: a card's trace.
type source interface {
	Info(ctx context.Context) (system.TraceInfo, error)
	Read(ctx context.Context, processor string, since uint64) (records []byte, next, lost uint64, err error)
	Names(ctx context.Context) ([]system.TraceName, error)
}

// collector fetches records as they come.
type collector struct {
	from  source
	r     *recording
	next  []uint64
	begun bool
	full  bool
}

// record has a card write down what it decides for so long.
func record(ctx context.Context, card *hostdriver.Card, d time.Duration, show bool) (*recording, error) {
	s, err := hostdriver.Bind(ctx, card, "/system/scheduler", system.SchedulerType)
	if err != nil {
		return nil, err
	}
	defer s.Release()
	t, err := s.Trace(ctx)
	if err != nil {
		return nil, err
	}
	defer t.Release()
	c, err := collect(ctx, t)
	if err != nil {
		return nil, err
	}
	c.r.card = card.Info().Name
	if c.r.card == "" {
		c.r.card = card.Info().Board
	}
	began := time.Now()
	err = c.fetchFor(ctx, d, barFor(d, show, "recording", func() string { return fmt.Sprintf("recording, %d records", c.count()) }, began))
	if err != nil {
		return nil, err
	}
	return c.r, c.finish(ctx, s)
}

// collect begins with what is written from now on.
func collect(ctx context.Context, from source) (*collector, error) {
	info, err := from.Info(ctx)
	if err != nil {
		return nil, err
	}
	if info.RecordSize != trace.Size {
		return nil, com.Errorf(com.ErrNotSupported, "the card's records have %d bytes, and this program knows those of %d: use a program of the card's age", info.RecordSize, trace.Size)
	}
	c := &collector{from: from, r: &recording{from: machine.Time(info.Now), to: machine.Time(info.Now)}}
	for _, name := range info.Processors {
		c.r.tracks = append(c.r.tracks, &track{processor: name, threads: map[uint32]string{}, acts: map[uint16]string{}, reserved: map[string]sched.Grant{}})
	}
	c.next = make([]uint64, len(c.r.tracks))
	return c, nil
}

func (c *collector) count() (n int) {
	for _, k := range c.r.tracks {
		n += len(k.records)
	}
	return n
}

// fetchFor fetches until d has passed.
func (c *collector) fetchFor(ctx context.Context, d time.Duration, stop func()) error {
	defer stop()
	tick := time.NewTicker(traceEvery)
	defer tick.Stop()
	end := time.NewTimer(d)
	defer end.Stop()
	for {
		if err := c.fetch(ctx); err != nil || c.full {
			return err
		}
		select {
		case <-tick.C:
		case <-end.C:
			return c.fetch(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// fetch takes what there is. What was written before the recording began is no
// part of it.
func (c *collector) fetch(ctx context.Context) error {
	first := !c.begun
	c.begun = true
	for i, k := range c.r.tracks {
		// A card that writes faster than it is read must not keep us here.
		for range 64 {
			b, next, lost, err := c.from.Read(ctx, k.processor, c.next[i])
			if err != nil {
				return err
			}
			if lost > 0 && !first {
				k.gaps = append(k.gaps, gap{len(k.records), lost})
			}
			before := len(k.records)
			if k.records, err = trace.Decode(k.records, b); err != nil {
				return err
			}
			if first {
				k.records = sinceTime(k.records, before, c.r.from)
			}
			none := next == c.next[i]
			c.next[i] = next
			if none || len(b) == 0 {
				break
			}
			if len(k.records) >= maxRecords {
				c.full = true
				return nil
			}
		}
	}
	return nil
}

// keepLast drops what is older than d before the newest record.
func (c *collector) keepLast(d machine.Duration) {
	newest := machine.Time(0)
	for _, k := range c.r.tracks {
		if n := len(k.records); n > 0 {
			newest = max(newest, k.records[n-1].Time)
		}
	}
	from := newest.Add(-d)
	for _, k := range c.r.tracks {
		n := sort.Search(len(k.records), func(i int) bool { return k.records[i].Time >= from })
		if n < len(k.records)/2 {
			continue // it is not worth moving the rest
		}
		k.records = append(k.records[:0], k.records[n:]...)
		gaps := k.gaps[:0]
		for _, g := range k.gaps {
			if g.before >= n {
				gaps = append(gaps, gap{g.before - n, g.lost})
			}
		}
		k.gaps = gaps
	}
	c.r.from = max(c.r.from, from)
}

// sinceTime drops records from index i on that are older than t.
func sinceTime(list []trace.Record, i int, t machine.Time) []trace.Record {
	keep := list[:i]
	for _, r := range list[i:] {
		if r.Time >= t {
			keep = append(keep, r)
		}
	}
	return keep
}

// finish asks what the numbers stand for, and what was promised.
func (c *collector) finish(ctx context.Context, s system.Scheduler) error {
	if err := c.names(ctx); err != nil {
		return err
	}
	processors, err := s.Processors(ctx)
	if err != nil {
		return err
	}
	reserved, err := s.Reservations(ctx)
	if err != nil {
		return err
	}
	for _, k := range c.r.tracks {
		for _, p := range processors {
			if p.Name == k.processor {
				k.policy, k.granted, k.advice = p.Policy, p.Granted, p.Advice
			}
		}
		for _, r := range reserved {
			if r.Processor == k.processor && r.Amount > 0 {
				k.reserved[r.Activity] = sched.Grant{Amount: machine.FromStd(r.Amount), Period: machine.FromStd(r.Period)}
			}
		}
	}
	return nil
}

// names fills the tables of names in.
func (c *collector) names(ctx context.Context) error {
	info, err := c.from.Info(ctx)
	if err != nil {
		return err
	}
	c.r.to = machine.Time(info.Now)
	for _, k := range c.r.tracks {
		if n := len(k.records); n > 0 && c.full {
			c.r.to = min(c.r.to, k.records[n-1].Time)
		}
	}
	list, err := c.from.Names(ctx)
	if err != nil {
		return err
	}
	for _, n := range list {
		for _, k := range c.r.tracks {
			if n.Processor != "" && n.Processor != k.processor {
				continue
			}
			if n.Kind == "thread" {
				k.threads[uint32(n.ID)] = n.Name
			} else {
				k.acts[uint16(n.ID)] = n.Name
			}
		}
	}
	return nil
}

// barFor draws how much of a time has passed, until the returned function is
// called.
func barFor(d time.Duration, show bool, what string, text func() string, began time.Time) (stop func()) {
	if !show || !term.IsTerminal(int(os.Stderr.Fd())) {
		return func() {}
	}
	bar := newBar(true, what, max(d.Milliseconds(), 1), untimed...)
	return follow(bar, func() {
		if text != nil {
			describe(bar, text())
		}
		_ = bar.Set64(min(time.Since(began), d).Milliseconds())
	})
}
