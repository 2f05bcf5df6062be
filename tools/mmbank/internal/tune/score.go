// Package tune holds "Overture for a Small Machine", the General MIDI tune that plays when no file
// is given: twenty-six bars that pass the melody around the families of the bank. It was composed
// for this project.
package tune

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/gomidi/midi/v2"
	"gitlab.com/gomidi/midi/v2/smf"

	"github.com/mmlite/mmlite/tools/mmbank/internal/exact"
)

const ticks = 480 // a beat

// An event stands at a tick; events of one tick keep their rank: note-offs, controllers, note-ons.
type event struct {
	tick, rank int
	msg        []byte
}

// A part is what one channel plays.
type part struct {
	channel uint8
	name    string
	events  []event
	rand    *exact.Rand
	// length is how much of its written value a note sounds.
	length float64
}

// A score is the parts and the tempo.
type score struct {
	parts  []*part
	tempos []event
}

// part starts a channel with its program, volume, pan and reverb, in the tune's first tick.
func (s *score) part(channel uint8, name string, program, volume, pan, reverb uint8) *part {
	p := &part{channel: channel, name: name, rand: exact.NewRand(uint64(channel) + 100), length: 0.95}
	p.program(0, program)
	p.control(0, 7, volume)
	p.control(0, 10, pan)
	p.control(0, 91, reverb)
	s.parts = append(s.parts, p)
	return p
}

func at(beat float64) int { return exact.Round(beat * ticks) }

func (p *part) add(tick, rank int, msg midi.Message) {
	p.events = append(p.events, event{max(0, tick), rank, msg})
}

func (p *part) program(beat float64, program uint8) {
	p.add(at(beat), 1, midi.ProgramChange(p.channel, program))
}

func (p *part) control(beat float64, controller, value uint8) {
	p.add(at(beat), 1, midi.ControlChange(p.channel, controller, value))
}

// ramp moves a controller from one value to another between two beats.
func (p *part) ramp(controller uint8, from, to float64, start, end float64) {
	steps := max(2, exact.Round((end-start)*6))
	for i := range steps + 1 {
		x := float64(i) / float64(steps)
		p.control(start+float64(x*(end-start)), controller, uint8(exact.Round(from+float64(x*(to-from)))))
	}
}

// bend slides the pitch from one number of semitones to another (range two).
func (p *part) bend(from, to float64, start, end float64) {
	steps := max(4, exact.Round((end-start)*24))
	for i := range steps + 1 {
		x := float64(i) / float64(steps)
		semis := from + float64(x*(to-from))
		p.add(at(start+float64(x*(end-start))), 1, midi.Pitchbend(p.channel, int16(min(8191, exact.Round(semis*4096)))))
	}
}

// play sounds a key, with a player's small unevenness of loudness.
func (p *part) play(beat, beats float64, key, velocity int) {
	v := velocity + exact.Round(3*p.rand.Bipolar())
	p.add(at(beat), 2, midi.NoteOn(p.channel, uint8(key), uint8(max(1, min(127, v)))))
	p.add(at(beat+float64(beats*p.length)), 0, midi.NoteOff(p.channel, uint8(key)))
}

// melody plays notes written as "F#5:1.5 r:0.5 A5", name and length in beats (1 where none is given),
// and returns the beat after the last.
func (p *part) melody(beat float64, velocity int, notes string) float64 {
	for _, word := range strings.Fields(notes) {
		name, length, ok := strings.Cut(word, ":")
		beats := 1.0
		if ok {
			var err error
			if beats, err = strconv.ParseFloat(length, 64); err != nil {
				panic("tune: length of " + word)
			}
		}
		if name != "r" {
			p.play(beat, beats, key(name), velocity)
		}
		beat += beats
	}
	return beat
}

// chord plays several notes at once, spread upward by roll beats each.
func (p *part) chord(beat, beats float64, velocity int, roll float64, notes string) {
	for i, name := range strings.Fields(notes) {
		d := roll * float64(i)
		p.play(beat+d, beats-d, key(name), velocity)
	}
}

// key is the number of a note such as "Bb3"; middle C is C4 = 60.
func key(name string) int {
	semis := [...]int{9, 11, 0, 2, 4, 5, 7}[name[0]-'A']
	rest := name[1:]
	if rest[0] == '#' {
		semis, rest = semis+1, rest[1:]
	} else if rest[0] == 'b' {
		semis, rest = semis-1, rest[1:]
	}
	octave, err := strconv.Atoi(rest)
	if err != nil {
		panic("tune: note " + name)
	}
	return 12*(octave+1) + semis
}

// tempo sets beats per minute from a beat on.
func (s *score) tempo(beat, bpm float64) {
	s.tempos = append(s.tempos, event{tick: at(beat), msg: smf.MetaTempo(bpm)})
}

// encode writes the score as a Standard MIDI File of format 1.
func (s *score) encode(title string) ([]byte, error) {
	file := smf.New()
	file.TimeFormat = smf.MetricTicks(ticks)
	head := append([]event{{msg: smf.MetaTrackSequenceName(title)}, {msg: smf.MetaMeter(4, 4)}}, s.tempos...)
	if err := file.Add(track(head)); err != nil {
		return nil, fmt.Errorf("tune: %w", err)
	}
	for _, p := range s.parts {
		slices.SortStableFunc(p.events, func(a, b event) int {
			if a.tick != b.tick {
				return a.tick - b.tick
			}
			return a.rank - b.rank
		})
		if err := file.Add(track(append([]event{{msg: smf.MetaTrackSequenceName(p.name)}}, p.events...))); err != nil {
			return nil, fmt.Errorf("tune: part %s: %w", p.name, err)
		}
	}
	var out bytes.Buffer
	if _, err := file.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("tune: %w", err)
	}
	return out.Bytes(), nil
}

func track(events []event) smf.Track {
	var t smf.Track
	last := 0
	for _, e := range events {
		t.Add(uint32(e.tick-last), e.msg)
		last = e.tick
	}
	t.Close(ticks)
	return t
}
