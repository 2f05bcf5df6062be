package tune

import (
	"slices"
	"strings"
)

// Title is the tune's name.
const Title = "Overture for a Small Machine"

// The bars: introduction, first theme in D, second theme in F, return.
const (
	intro  = 0.0
	first  = 16.0
	second = 48.0
	coda   = 80.0
	ending = 100.0
)

// A bar of harmony: bass note, and the chord in close position around middle C.
type bar struct{ bass, chord string }

var (
	introChords  = []bar{{"D2", "F#3 A3 D4"}, {"B1", "F#3 B3 D4"}, {"G1", "G3 B3 D4 F#4"}, {"A1", "G3 A3 D4 E4"}}
	firstChords  = []bar{{"D2", "F#3 A3 D4"}, {"F#2", "F#3 A3 C#4 E4"}, {"G2", "G3 B3 D4"}, {"A2", "E3 A3 C#4"}, {"B2", "F#3 B3 D4"}, {"G2", "G3 B3 D4"}, {"E2", "G3 B3 D4 E4"}, {"A2", "G3 A3 C#4"}}
	secondChords = []bar{{"F2", "A3 C4 F4"}, {"E2", "G3 C4 E4"}, {"D2", "A3 D4 F4"}, {"Bb1", "Bb3 D4 F4"}, {"G2", "Bb3 D4 F4 G4"}, {"C2", "Bb3 C4 E4 G4"}, {"A2", "A3 C4 F4"}, {"C2", "G3 C4 E4"}}
	codaChords   = []bar{{"D2", "F#3 A3 D4"}, {"C#2", "F#3 A3 C#4"}, {"B1", "F#3 B3 D4"}, {"A1", "F#3 A3 D4"}, {"E2", "G3 B3 D4 E4"}}
)

// Overture returns the tune as a Standard MIDI File.
func Overture() ([]byte, error) {
	s := &score{}
	s.tempo(0, 112)
	s.tempo(coda, 110)
	s.tempo(ending-2, 96)
	s.tempo(ending-1, 84)
	s.tempo(ending, 76)
	s.winds()
	s.keys()
	s.plucked()
	s.bass()
	s.bowed()
	s.brass()
	s.bells()
	s.drums()
	return s.encode(Title)
}

// winds carry the themes: flute, then alto saxophone with bends, oboe between.
func (s *score) winds() {
	flute := s.part(0, "Flute", 73, 96, 58, 60)
	flute.melody(first-1, 84, "A4:0.5 D5:0.5")
	flute.melody(first, 92, `F#5:1.5 A5:0.5 D6 C#6:0.5 A5:0.5
		A5:1.5 B5:0.5 C#6 A5
		B5:1.5 A5:0.5 G5 D5:0.5 G5:0.5
		F#5 E5:2 E5:0.5 F#5:0.5
		D6:1.5 C#6:0.5 B5 F#5
		G5:0.5 A5:0.5 B5 D6:1.5 B5:0.5
		G5:1.5 F#5:0.5 E5:0.5 G5:0.5 B5
		A5:2 C#6 E6`)
	for _, long := range []float64{first + 13, first + 28} {
		flute.ramp(11, 100, 127, long, long+1)
		flute.ramp(1, 0, 60, long, long+1)
		flute.control(long+2, 1, 0)
	}
	flute.melody(coda, 96, `F#5:1.5 A5:0.5 D6 C#6:0.5 A5:0.5 A5:1.5 B5:0.5 C#6 E6
		D6:1.5 C#6:0.5 B5 F#5 A5 F#5 G5 B5 G5 E6 D6:0.5 C#6:0.5 B5:0.5 C#6:0.5 D6:4`)

	// The channel is the choir's in the return.
	oboe := s.part(1, "Oboe and Choir", 68, 100, 70, 60)
	oboe.melody(first+4, 76, "r:2 E5 C#5 D5:2 r:2 r:2 C#5:1 A4:1 B4:2 r:2 r:2 G5 F#5 B4:2 G4:2 E5:1 G5:1 A5:1 G5:1")

	oboe.program(coda-0.5, 52)
	oboe.control(coda-0.5, 7, 96)
	for i, b := range codaChords {
		oboe.chord(coda+float64(4*i), 4, 72, 0, b.chord)
	}
	oboe.chord(ending, 5, 88, 0, "A3 D4 F#4 A4")
	oboe.ramp(11, 127, 30, ending+1.5, ending+5)

	sax := s.part(2, "Alto Sax", 65, 100, 60, 55)
	sax.melody(second-1, 88, "A4:0.5 Bb4:0.5")
	sax.melody(second, 98, `C5:0.5 F5:0.5 A5:2 G5:0.5 F5:0.5
		G5:1.5 E5:0.5 C5:2
		D5:0.5 F5:0.5 A5:1.5 C6:0.5 A5
		Bb5:1.5 A5:0.5 G5:0.5 F5:0.5 D5
		G5:0.5 A5:0.5 Bb5 D6:1.5 C6:0.5
		Bb5 A5:0.5 G5:0.5 E5 G5
		A5 C6 D6:1.5 F6:0.5
		E6:1.5 D6:0.5 C#6:2`)
	// Scoops into the long notes, a fall off the last, vibrato that grows.
	for _, note := range []float64{second + 1, second + 12, second + 19, second + 26} {
		sax.bend(-1, 0, note, note+0.3)
	}
	sax.bend(0, 0.5, second+18, second+18.5)
	sax.bend(0.5, 0, second+18.6, second+18.9)
	sax.bend(0, -2, second+31.2, second+31.9)
	sax.bend(0, 0, second+32, second+32.1)
	for _, note := range []float64{second + 1, second + 6, second + 28} {
		sax.ramp(1, 0, 80, note+0.6, note+1.8)
		sax.control(note+2.05, 1, 0)
	}
}

// keys: a piano that keeps the time, an electric piano under the second theme.
func (s *score) keys() {
	piano := s.part(3, "Piano", 0, 100, 54, 45)
	piano.length = 0.9
	for i, b := range firstChords {
		at := first + float64(4*i)
		piano.chord(at, 1.4, 66, 0.01, b.chord)
		piano.chord(at+1.5, 0.5, 54, 0, b.chord)
		piano.chord(at+2.5, 1.2, 60, 0, b.chord)
	}
	for i, b := range codaChords {
		at := coda + float64(4*i)
		piano.chord(at, 1, 84, 0.01, b.chord)
		piano.chord(at+1, 0.5, 70, 0, b.chord)
		piano.chord(at+1.5, 1, 76, 0, b.chord)
		piano.chord(at+2.5, 1.4, 74, 0, b.chord)
	}
	piano.chord(ending, 4, 88, 0.03, "D3 A3 D4 F#4 A4 D5")
	piano.control(ending, 64, 127)
	piano.control(ending+7, 64, 0)

	tines := s.part(4, "Electric Piano", 4, 88, 76, 50)
	for i, b := range secondChords {
		at := second + float64(4*i)
		chord := b.chord
		tines.chord(at, 1.6, 70, 0.015, chord)
		if i == 6 {
			chord = "Bb3 D4 F4"
		}
		if i == 7 {
			chord = "G3 A3 C#4 E4"
		}
		tines.chord(at+2, 0.4, 58, 0, chord)
		tines.chord(at+2.75, 1.1, 66, 0, chord)
	}
}

// plucked: a harp opens and closes, a guitar breaks the chords, a marimba ticks along.
func (s *score) plucked() {
	harp := s.part(5, "Harp", 46, 100, 40, 75)
	for i, b := range introChords {
		notes := strings.Fields(b.chord)
		at := intro + float64(4*i)
		for k := range 16 {
			n := len(notes)
			up := k
			if k >= 8 {
				up = 15 - k
			}
			harp.play(at+float64(0.25*float64(k)), 1.5, key(notes[up%n])+12*(up/n), 60+2*up)
		}
	}
	for k, name := range strings.Fields("D3 E3 F#3 A3 B3 D4 E4 F#4 A4 B4 D5 E5 F#5 A5 B5 D6") {
		harp.play(ending+0.5+float64(0.09*float64(k)), 3, key(name), 58+k)
	}

	guitar := s.part(6, "Nylon Guitar", 24, 106, 84, 50)
	guitar.length = 1.4
	for i, b := range firstChords {
		notes := strings.Fields(b.chord)
		for k, n := range []int{0, 1, 2, 1, 0, 1, 2, 1} {
			guitar.play(first+float64(4*i)+float64(0.5*float64(k)), 0.5, key(notes[n%len(notes)]), 62+6*(k%2))
		}
	}

	// The channel is the timpani's before and after.
	marimba := s.part(7, "Marimba and Timpani", 47, 100, 50, 60)
	marimba.program(first+8, 12)
	marimba.control(first+8, 7, 84)
	marimba.control(first+8, 10, 30)
	marimba.program(coda-0.25, 47)
	marimba.control(coda-0.25, 7, 100)
	marimba.control(coda-0.25, 10, 50)
	timpani(marimba)
	bars := slices.Concat(firstChords[4:], secondChords[:7], []bar{{"", "G3 A3 E4"}})
	for i, b := range bars {
		notes := strings.Fields(b.chord)
		for k, n := range []int{2, 0, 1, 2, 0, 1, 2, 1} {
			marimba.play(first+16+float64(4*i)+float64(0.5*float64(k)), 0.4, key(notes[n])+12, 56+10*((k+1)%3/2))
		}
	}
}

// bowed: strings that swell through the introduction, hold the chords and lead the return.
func (s *score) bowed() {
	strs := s.part(10, "Strings", 48, 96, 46, 70)
	strs.length = 1.02
	hold := func(start float64, bars []bar, velocity int) {
		for i, b := range bars {
			strs.chord(start+float64(4*i), 4, velocity, 0, b.chord)
		}
	}
	strs.ramp(11, 50, 110, intro, intro+12)
	hold(intro, introChords, 78)
	strs.ramp(11, 110, 88, intro+12, first)
	hold(first+16, firstChords[4:], 68)
	strs.ramp(11, 88, 112, first+24, second)
	strs.control(second, 11, 92)
	hold(second, secondChords[:7], 66)
	strs.ramp(11, 92, 120, second+16, coda)
	strs.chord(second+28, 2, 70, 0, "G3 C4 E4")
	strs.chord(second+30, 2, 76, 0, "G3 A3 C#4 E4")
	strs.control(coda, 11, 112)
	strs.melody(coda, 88, `F#5:1.5 A5:0.5 D6 C#6:0.5 A5:0.5 A5:1.5 B5:0.5 C#6 E6
		D6:1.5 C#6:0.5 B5 F#5 A5 F#5 G5 B5 G5 E6 D6:0.5 C#6:0.5 B5:0.5 C#6:0.5`)
	hold(coda, codaChords, 66)
	strs.chord(ending, 5, 84, 0, "D3 A3 F#4 D5 A5")
	strs.ramp(11, 112, 40, ending+1.5, ending+5)

	violin := s.part(11, "Violin", 40, 92, 80, 65)
	violin.melody(second+8, 82, "F5:2 E5:1 D5:1 D5:2 F5:2 D5:2 Bb4:2 C5:3 r:1 C5:1 F5:1 F5:1 Bb5:1 G5:2 A5:2")
	violin.ramp(1, 0, 50, second+16, second+18)
}

// brass: a fanfare at the end of the introduction, stabs, a horn line, trumpets for the return.
func (s *score) brass() {
	horn := s.part(12, "French Horn", 60, 92, 74, 70)
	horn.melody(intro+8, 84, "D4:1.5 G4:0.5 B4:2 A4:1.5 E4:0.5 A4:2")
	horn.melody(coda, 80, "A3:2 D4:2 C#4:2 A3:2 B3:2 D4:2 F#4:2 G4:2 B4:2 A4:2 A4:4")
	section := s.part(13, "Brass Section", 61, 92, 70, 55)
	section.length = 0.8
	for _, stab := range []struct {
		beat  float64
		chord string
	}{{3.5, "C4 E4 G4 C5"}, {7.5, "C4 E4 G4"}, {11.5, "D4 F4 Bb4"}, {15.5, "D4 F4 Bb4"}, {23.5, "C4 F4 A4"}, {26, "D4 F4 Bb4"}, {27.5, "E4 G4 C5"}} {
		section.chord(second+stab.beat, 0.5, 88, 0, stab.chord)
	}
	section.chord(second+30, 2, 84, 0, "C#4 E4 A4")
	section.ramp(11, 70, 127, second+30, second+31.9)
	section.chord(ending, 3, 100, 0, "D4 F#4 A4 D5")
	trumpet := s.part(14, "Trumpet", 56, 92, 52, 60)
	trumpet.melody(coda+2, 92, "D5:1 C#5:0.5 A4:0.5 r:2 C#5:1 E5:1 r:2 D5:1 F#5:1 r:2 G5:1 B5:1 G5:1 E5:1 A5:1 A5:1 A5:4")
}

// bells: a glockenspiel sparks in the introduction and over the return.
func (s *score) bells() {
	glock := s.part(15, "Glockenspiel", 9, 104, 44, 70)
	glock.melody(intro, 66, "r:3 A5:0.5 D6:0.5 r:3 F#6:0.5 B5:0.5 r:3 D6:0.5 F#6:0.5 r:2 E6:0.5 D6:0.5 C#6:0.5 A5:0.5")
	glock.melody(coda, 78, "F#6:1.5 A6:0.5 D7:1 r:1 A6:1.5 B6:0.5 C#7:1 r:1 D7:1.5 C#7:0.5 B6:2 A6:2 B6:2 G6:2 C#7:2 D7:4")
}
