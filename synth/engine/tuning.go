package engine

// Tunings: a scale of twelve notes for a part (MIDI tuning standard, octave
// tuning; GS scale tuning) and programs of 128 notes that RPN 3 selects (single
// note tuning change). Rhythm parts stay as they are.

// tunings is how many programs are kept; the standard has 128.
const tunings = 16

// tuning is a part's.
type tuning struct {
	scaled  bool
	scale   [12]float32 // cents, from C on
	program int16       // -1 is equal temperament
}

// scaleNote sets a note of the scale.
func (t *tuning) scaleNote(note int, cents float32) {
	t.scale[note] = cents
	t.scaled = true
}

// temper is how many cents a key is away from equal temperament.
func (e *Engine) temper(t *tuning, key uint8) float64 {
	sum := float64(0)
	if t.scaled {
		sum = float64(t.scale[key%12])
	}
	if t.program >= 0 && int(t.program) < tunings {
		sum += float64(e.tunings[t.program][key])
	}
	return sum
}

// octaveTuning is 08 08 and 08 09: b holds three bytes of channels, from 16 and 15
// down, and twelve values of one or two bytes.
func (e *Engine) octaveTuning(b []byte, wide bool) {
	size := 12
	if wide {
		size = 24
	}
	if len(b) != 3+size {
		return
	}
	mask := int(b[0])<<14 | int(b[1])<<7 | int(b[2])
	for i := range e.channel {
		if mask>>i&1 == 0 {
			continue
		}
		c := &e.channel[i]
		for k := range 12 {
			if wide {
				value := int(b[3+2*k])<<7 | int(b[4+2*k])
				c.tuning.scaleNote(k, float32(value-8192)*(100.0/8192))
			} else {
				c.tuning.scaleNote(k, float32(int(b[3+k])-64))
			}
		}
		e.touch(c)
	}
}

// noteTuning is 08 02: a program, a count and for each key its semitone and a
// fraction of fourteen bits; 7F 7F 7F leaves a key alone.
func (e *Engine) noteTuning(b []byte) {
	if len(b) < 2 || int(b[0]) >= tunings {
		return
	}
	program := b[0]
	for n, b := int(b[1]), b[2:]; n > 0 && len(b) >= 4; n, b = n-1, b[4:] {
		if b[1] == 127 && b[2] == 127 && b[3] == 127 {
			continue
		}
		cents := float32((int(b[1])-int(b[0]))*100) + float32(float32(int(b[2])<<7|int(b[3]))*(100.0/16384))
		e.tunings[program][b[0]] = cents
	}
	e.touchAll()
}
