package engine

// Stats counts what went otherwise than a listener would want, since New.
type Stats struct {
	Stolen     uint64 // voices that made way for others
	Dropped    uint64 // notes that found no voice
	Evicted    uint64 // fades cut short for want of slots
	Unassigned uint64 // note-ons on channels with no instrument
	NotLoaded  uint64 // regions that a note came to before their samples
}

// Stats returns the counts so far.
func (e *Engine) Stats() Stats { return e.stats }

// ActiveVoices is how many voices sound, those that fade after being stolen or
// silenced apart.
func (e *Engine) ActiveVoices() int { return e.sounding }

// Playing is how many voices are rendered: those that sound, and those that fade.
func (e *Engine) Playing() int { return len(e.active) }

// PeakVoices is the most that ActiveVoices has been.
func (e *Engine) PeakVoices() int { return e.peak }

// Silent says whether nothing sounds any more, not even a fade or the
// tail of an effect.
func (e *Engine) Silent() bool {
	return len(e.active) == 0 && e.frame >= e.until && e.effects.silent()
}

// Frame is how many frames have been rendered.
func (e *Engine) Frame() uint64 { return e.frame }

// Channel says what a channel plays.
type Channel struct {
	Rhythm           bool
	BankMSB, BankLSB uint8 // as selected by controllers
	Program          uint8 // as selected, 0..127
	Name             string
	Bank             string // name of the bank that Name is from
	Volume, Pan      uint8
	Expression       uint8
	Reverb, Chorus   uint8   // controllers 91 and 93
	Bend             float64 // of the wheel, semitones
	Mono             bool
	Voices           int
}

// Channel returns what channel n, 0 to 15, plays; the zero Channel for others.
// Name is empty where no bank has an instrument for it.
func (e *Engine) Channel(n int) Channel {
	if n < 0 || n >= channels {
		return Channel{}
	}
	c := &e.channel[n]
	s := Channel{
		Rhythm: c.rhythm, BankMSB: c.bankMSB, BankLSB: c.bankLSB, Program: c.program,
		Volume: c.cc[ccVolume], Pan: c.cc[ccPan], Expression: c.cc[ccExpression],
		Reverb: c.cc[ccReverb], Chorus: c.cc[ccChorus],
		Bend: float64(int(c.bend)-bendCentre) / bendCentre * float64(c.bendRange), Mono: c.mono,
	}
	if c.preset != nil {
		s.Name, s.Bank = c.preset.Name, c.presetBank.Name
	}
	for _, v := range e.active {
		if v.channel == c && v.fading < 0 {
			s.Voices++
		}
	}
	return s
}
