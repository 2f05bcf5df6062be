package dls

import (
	"fmt"
	"math"
)

// A connection is a source, a control, a destination. writeLevel1 lists those that a Level 1 file
// may hold (table 1 of the specification without the inferred ones, but with EG2 to pitch, which
// has a range there and which files do hold) and the range of their scale in the specification's
// units.
var writeLevel1 = map[[3]uint16]scaleRange{
	{0x000, 0, 0x104}:    absolutePitch(0.1, 10),
	{0x000, 0, 0x105}:    timeCents(10),
	{0x001, 0, 0x001}:    decibels(12),
	{0x001, 0, 0x003}:    cents(1200),
	{0x001, 0x81, 0x001}: decibels(12),
	{0x001, 0x81, 0x003}: cents(1200),
	{0x000, 0, 0x206}:    timeCents(20),
	{0x000, 0, 0x207}:    timeCents(40),
	{0x000, 0, 0x20A}:    {0, 1000 << 16},
	{0x000, 0, 0x209}:    timeCents(20),
	{0x002, 0, 0x206}:    anyScale,
	{0x003, 0, 0x207}:    anyScale,
	{0x000, 0, 0x30A}:    timeCents(20),
	{0x000, 0, 0x30B}:    timeCents(40),
	{0x000, 0, 0x30E}:    {0, 1000 << 16},
	{0x000, 0, 0x30D}:    timeCents(20),
	{0x002, 0, 0x30A}:    anyScale,
	{0x003, 0, 0x30B}:    anyScale,
	{0x000, 0, 0x004}:    {-500 << 16, 500 << 16},
	{0x005, 0, 0x003}:    cents(1200),
}

// writeLevel2 lists the destinations that a Level 2 list may add.
var writeLevel2 = map[uint16]bool{
	0x001: true, 0x003: true, 0x004: true, 0x080: true, 0x081: true,
	0x104: true, 0x105: true, 0x114: true, 0x115: true,
	0x206: true, 0x207: true, 0x209: true, 0x20A: true, 0x20B: true, 0x20C: true, 0x20D: true,
	0x30A: true, 0x30B: true, 0x30D: true, 0x30E: true, 0x30F: true, 0x310: true,
	0x500: true, 0x501: true,
}

type scaleRange struct{ low, high int32 }

var anyScale = scaleRange{math.MinInt32, math.MaxInt32}

func timeCents(seconds float64) scaleRange {
	return scaleRange{math.MinInt32, int32(math.Ceil(65536 * 1200 * math.Log2(seconds)))}
}

func absolutePitch(low, high float64) scaleRange {
	pitch := func(hz float64) float64 { return 65536 * (1200*math.Log2(hz/440) + 6900) }
	return scaleRange{int32(math.Floor(pitch(low))), int32(math.Ceil(pitch(high)))}
}

func decibels(db int32) scaleRange { return scaleRange{-db * 655360, db * 655360} }

func cents(c int32) scaleRange { return scaleRange{-c * 65536, c * 65536} }

// checkBlocks holds the connections to the lists above. Panning is for drums in Level 1.
func checkBlocks(level1, level2 []Block, drum bool) error {
	seen := map[[3]uint16]bool{}
	for _, b := range level1 {
		key := [3]uint16{b.Source, b.Control, b.Destination}
		r, ok := writeLevel1[key]
		switch {
		case !ok || b.Transform != 0:
			return fmt.Errorf("connection %s is not of Level 1", b)
		case b.Destination == 4 && !drum:
			return fmt.Errorf("connection %s: panning is for drums", b)
		case b.Scale < r.low || b.Scale > r.high:
			return fmt.Errorf("connection %s: scale outside %d..%d", b, r.low, r.high)
		case seen[key]:
			return fmt.Errorf("connection %s stands there twice", b)
		}
		seen[key] = true
	}
	for _, b := range level2 {
		if !writeLevel2[b.Destination] {
			return fmt.Errorf("connection %s is not of Level 2", b)
		}
	}
	return nil
}

// String shows a connection with its numbers.
func (b Block) String() string {
	return fmt.Sprintf("%#x*%#x->%#x (transform %#x, scale %d)", b.Source, b.Control, b.Destination, b.Transform, b.Scale)
}
