package engine

// What rendering costs, in units that are proportional to time on a given
// processor, so that a port can tell from the time its last period took how
// long the next one will take. With the AVX2 loops of a processor of 2022 a unit
// is about a nanosecond.
const (
	controlUnits = 30 // a voice's block, the sound itself apart
	filterUnits  = 28
	sendUnits    = 8  // to a bus of the effects
	wideUnits    = 60 // a sample of 24 bits
	noteUnits    = 600
	eventUnits   = 60
)

// soundUnits is what a block costs to interpolate and mix.
var soundUnits = [numInterpolations]uint64{Linear: 30, Cubic: 40, Sinc: 110}

// Work is what has been rendered so far, in units. It grows with every block of
// every voice and with every event.
func (e *Engine) Work() uint64 { return e.work }

// Ahead is what the next frames will cost, in units, if the voices and effects
// that sound go on and no event comes: an upper bound, but for new notes.
func (e *Engine) Ahead(frames int) uint64 {
	if frames <= 0 {
		return 0
	}
	sum := uint64(0)
	for _, v := range e.active {
		sum += e.units(v)
	}
	sum += e.effects.units()
	return sum * ((uint64(frames) + blockFrames - 1) / blockFrames)
}

// units is what v's next block costs.
func (e *Engine) units(v *voice) uint64 {
	return uint64(v.cost) + e.piecework(v)
}

// piecework is what a block costs that is read in pieces.
func (e *Engine) piecework(v *voice) uint64 {
	if v.step <= windowSpan/blockFrames<<32 {
		return 0
	}
	return soundUnits[e.interpolation] * (v.step >> 32) * blockFrames / windowSpan
}

// price sets what a block of v costs otherwise.
func (e *Engine) price(v *voice) {
	sum := controlUnits + soundUnits[e.interpolation]
	if v.pcm.Low != nil {
		sum += wideUnits
	}
	if v.filtered {
		sum += filterUnits
	}
	if v.reverb > 0 {
		sum += sendUnits
	}
	if v.chorus > 0 {
		sum += sendUnits
	}
	v.cost = uint32(sum)
}
