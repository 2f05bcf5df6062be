package mutate_test

import (
	"testing"

	"github.com/mmlite/mmlite/firmware/mutate"
)

var sum int

func BenchmarkDirect(b *testing.B) {
	var s tone = &sine{pitch: 1}
	for b.Loop() {
		sum += s.Play()
	}
}

func BenchmarkCell(b *testing.B) {
	var c mutate.Cell[tone]
	c.Init(&sine{pitch: 1})
	b.ReportAllocs()
	for b.Loop() {
		s, err := c.Load()
		if err != nil {
			b.Fatal(err)
		}
		sum += s.Play()
	}
}

// drainingTone is what a generated cell looks like.
type drainingTone struct{ mutate.Draining[tone] }

func (c *drainingTone) Play() int {
	in, err := c.Enter()
	if err != nil {
		return -1
	}
	defer in.Exit()
	return in.Impl().Play()
}

func BenchmarkDraining(b *testing.B) {
	c := new(drainingTone)
	c.Init(&sine{pitch: 1}, mutate.Options{})
	var s tone = c
	b.ReportAllocs()
	for b.Loop() {
		sum += s.Play()
	}
}

func BenchmarkDrainingParallel(b *testing.B) {
	c := new(drainingTone)
	c.Init(&sine{pitch: 1}, mutate.Options{})
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			c.Play()
		}
	})
}

func BenchmarkReplace(b *testing.B) {
	c := new(drainingTone)
	c.Init(&sine{pitch: 1}, mutate.Options{})
	s := &sine{pitch: 2}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Replace(ctx, s); err != nil {
			b.Fatal(err)
		}
	}
}
