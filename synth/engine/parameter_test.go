package engine

import (
	"math"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

func rolandMessage(data ...byte) []byte {
	sum := byte(0)
	for _, b := range data {
		sum += b
	}
	return append(append([]byte{0xF0, 0x41, 0x10, 0x42, 0x12}, data...), -sum&127, 0xF7)
}

func xgMessage(data ...byte) []byte {
	return append(append([]byte{0xF0, 0x43, 0x10, 0x4C}, data...), 0xF7)
}

// play plays a note on a channel after messages, which are short ones if they have
// three bytes, and returns its voice.
func playAfter(t *testing.T, c Config, channel, key byte, messages ...[]byte) (*Engine, *voice) {
	t.Helper()
	r := looped(sineSample(100, 20, 20000))
	r.Modulators = append(defaults(),
		bank.Modulator{Source: bank.Source{Kind: bank.SourceCC, CC: 91}, Amount: 200, Dest: bank.ReverbSend},
		bank.Modulator{Source: bank.Source{Kind: bank.SourceCC, CC: 93}, Amount: 200, Dest: bank.ChorusSend})
	r.Gen[bank.VibLFOFreq], r.Gen[bank.FilterCutoff] = 0, 9000
	c.Effects = true
	e := testEngine(t, c)
	if err := e.SetBank(testBank(t, &bank.Preset{Name: "tone", Regions: []*bank.Region{r}}, &bank.Preset{Name: "kit", Drum: true, Regions: []*bank.Region{r}})); err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if m[0] == 0xF0 {
			if err := e.SysEx(0, m); err != nil {
				t.Fatal(err)
			}
		} else {
			e.must(t, 0, m[0], m[1], m[2])
		}
	}
	e.must(t, 0, 0x90|channel, key, 100)
	e.renderFrames(64)
	if len(e.active) != 1 {
		t.Fatalf("%d voices", len(e.active))
	}
	return e, e.active[0]
}

// TestParameters: each message changes what it shall on a note that follows, by
// the difference to a note without it.
func TestParameters(t *testing.T) {
	cc := func(channel byte, pairs ...byte) (m [][]byte) {
		for ; len(pairs) > 0; pairs = pairs[2:] {
			m = append(m, []byte{0xB0 | channel, pairs[0], pairs[1]})
		}
		return m
	}
	one := func(m []byte) [][]byte { return [][]byte{m} }
	pitch := func(v *voice) float64 { return v.pitch }
	cutoff := func(v *voice) float64 { return float64(v.cutoff) }
	vibrato := func(v *voice) float64 { return float64(v.vibPitch) }
	lfoRate := func(v *voice) float64 { return 1200 * math.Log2(v.vibrato.rate) }
	loss := func(v *voice) float64 { return float64(v.attenuation) }
	right := func(v *voice) float64 { return float64(v.right / (v.left + v.right)) }
	sent := func(v *voice) float64 { return float64(v.reverb) / (DefaultGain * fullScale) * 1000 }
	for _, c := range []struct {
		name     string
		channel  byte
		messages [][]byte
		of       func(v *voice) float64
		want     float64
		within   float64
	}{
		{"RPN 0, with the wheel up", 0, append(cc(0, 101, 0, 100, 0, 6, 12, 38, 50), []byte{0xE0, 127, 127}), pitch, 1249.8, 0.2},
		{"RPN 0, increment", 0, append(cc(0, 101, 0, 100, 0, 96, 0), []byte{0xE0, 127, 127}), pitch, 299.9, 0.2},
		{"RPN 1", 0, cc(0, 101, 0, 100, 1, 6, 96, 38, 0), pitch, 50, 0.01},
		{"RPN 1, decrement", 0, cc(0, 101, 0, 100, 1, 6, 64, 38, 64, 97, 0), pitch, 100 * 63.0 / 8192, 0.01},
		{"RPN 2", 0, cc(0, 101, 0, 100, 2, 6, 67), pitch, 300, 0.01},
		{"RPN null", 0, cc(0, 101, 0, 100, 2, 101, 127, 100, 127, 6, 67), pitch, 0, 0.01},
		{"RPN 5", 0, cc(0, 101, 0, 100, 5, 6, 2, 38, 0, 1, 127), vibrato, 50 * 127.0 / 128 * 4, 0.1},
		{"RPN 3, program 2", 0, append(cc(0, 101, 0, 100, 3, 6, 2), []byte{0xF0, 0x7F, 0x7F, 8, 2, 2, 1, 69, 70, 64, 0, 0xF7}), pitch, 150, 0.01},
		{"NRPN 120, cutoff", 0, cc(0, 99, 120, 98, 8, 38, 0, 6, 60), cutoff, -1024, 0.01},
		{"NRPN 120, generator 51 as 20 and 31", 0, cc(0, 99, 120, 98, 20, 98, 31, 38, 2, 6, 64), pitch, 200, 0.01},
		{"NRPN 120, no such generator", 0, cc(0, 99, 120, 98, 101, 98, 8, 38, 0, 6, 60), cutoff, 0, 0.01},
		{"NRPN 1, cutoff", 0, cc(0, 99, 1, 98, 32, 6, 44), cutoff, -1200, 0.01},
		{"NRPN 1, vibrato rate", 0, cc(0, 99, 1, 98, 8, 6, 74), lfoRate, 250, 0.5},
		{"NRPN 1, vibrato depth", 0, cc(0, 99, 1, 98, 9, 6, 84), vibrato, 16, 0.01},
		{"brightness", 0, cc(0, 74, 54), cutoff, -600, 0.01},
		{"vibrato rate", 0, cc(0, 76, 60), lfoRate, -100, 0.5},
		{"drum pitch", 9, cc(9, 99, 0x18, 98, 69, 6, 66), pitch, 200, 0.01},
		{"drum pitch of another key", 9, cc(9, 99, 0x18, 98, 68, 6, 66), pitch, 0, 0.01},
		{"drum pitch on a melodic part", 0, cc(0, 99, 0x18, 98, 69, 6, 66), pitch, 0, 0.01},
		{"drum level", 9, cc(9, 99, 0x1A, 98, 69, 6, 64), loss, 400 * math.Log10(127.0/64), 0.5},
		{"drum pan", 9, cc(9, 99, 0x1C, 98, 69, 6, 127), right, 0.5, 0.001},
		{"drum reverberation", 9, cc(9, 99, 0x1D, 98, 69, 6, 0), sent, -62.5, 0.1},
		{"GS drum pitch", 9, one(rolandMessage(0x41, 0x01, 69, 67)), pitch, 300, 0.01},
		{"GS drum pitch of the other map", 9, one(rolandMessage(0x41, 0x11, 69, 67)), pitch, 0, 0.01},
		{"XG drum pitch", 9, one(xgMessage(0x30, 69, 0, 61)), pitch, -300, 0.01},
		{"key-based level", 9, one([]byte{0xF0, 0x7F, 0x7F, 10, 1, 9, 69, 7, 32, 0xF7}), loss, 400 * math.Log10(127.0/64), 0.5},
		{"GS key shift", 1, one(rolandMessage(0x40, 0x12, 0x16, 62)), pitch, -200, 0.01},
		{"GS volume, several in a row", 1, one(rolandMessage(0x40, 0x12, 0x19, 50, 0, 1, 0)), loss, 400 * math.Log10(100.0/50), 0.5},
		{"GS scale", 1, one(rolandMessage(0x40, 0x12, 0x49, 74)), pitch, 10, 0.01},
		{"GS tone modify", 1, one(rolandMessage(0x40, 0x12, 0x32, 54)), cutoff, -600, 0.01},
		{"GS bend range", 1, append(one(rolandMessage(0x40, 0x22, 0x10, 64+12)), []byte{0xE1, 0, 0}), pitch, -1200, 0.01},
		{"GS master tune", 0, one(rolandMessage(0x40, 0, 0, 0, 5, 0, 0)), pitch, 25.6, 0.01},
		{"GS master key shift", 0, one(rolandMessage(0x40, 0, 5, 65)), pitch, 100, 0.01},
		{"GS master pan", 0, one(rolandMessage(0x40, 0, 6, 127)), right, 0.5, 0.001},
		{"XG transposition", 0, one(xgMessage(0, 0, 6, 66)), pitch, 200, 0.01},
		{"XG part note shift", 3, one(xgMessage(8, 3, 8, 66)), pitch, 200, 0.01},
		{"XG scale", 3, one(xgMessage(8, 3, 0x4A, 54)), pitch, -10, 0.01},
		{"octave tuning, one byte", 2, one([]byte{0xF0, 0x7F, 0x7F, 8, 8, 0, 0, 4, 64, 64, 64, 64, 64, 64, 64, 64, 64, 80, 64, 64, 0xF7}), pitch, 16, 0.01},
		{"octave tuning of other channels", 2, one([]byte{0xF0, 0x7F, 0x7F, 8, 8, 0, 0, 3, 64, 64, 64, 64, 64, 64, 64, 64, 64, 80, 64, 64, 0xF7}), pitch, 0, 0.01},
		{"octave tuning of drums", 9, one([]byte{0xF0, 0x7F, 0x7F, 8, 8, 3, 127, 127, 64, 64, 64, 64, 64, 64, 64, 64, 64, 80, 64, 64, 0xF7}), pitch, 0, 0.01},
		{"octave tuning, two bytes", 2, one(append(append([]byte{0xF0, 0x7E, 0x7F, 8, 9, 3, 127, 127}, 64, 0, 64, 0, 64, 0, 64, 0, 64, 0, 64, 0, 64, 0, 64, 0, 64, 0, 96, 0, 64, 0, 64, 0), 0xF7)), pitch, 50, 0.01},
		{"master fine tuning", 0, one([]byte{0xF0, 0x7F, 0x7F, 4, 3, 0, 32, 0xF7}), pitch, -50, 0.01},
		{"master balance", 0, one([]byte{0xF0, 0x7F, 0x7F, 4, 2, 0, 0, 0xF7}), right, -0.5, 0.001},
		{"reverberation send", 0, cc(0, 91, 80), sent, 62.5, 0.1},
		{"reset leaves sends", 0, cc(0, 91, 80, 121, 0), sent, 62.5, 0.1},
	} {
		_, plain := playAfter(t, Config{}, c.channel, 69)
		_, v := playAfter(t, Config{}, c.channel, 69, c.messages...)
		near(t, c.name, c.of(v)-c.of(plain), c.want, c.within)
		// A reset of the system takes all of it back.
		reset := append(c.messages[:len(c.messages):len(c.messages)], []byte{0xF0, 0x7E, 0x7F, 9, 1, 0xF7})
		_, v = playAfter(t, Config{}, c.channel, 69, reset...)
		near(t, c.name+", after a reset", c.of(v), c.of(plain), 1e-6)
	}
}

// TestEffectMessages: what the standards call reverberation and chorus reaches
// the effects.
func TestEffectMessages(t *testing.T) {
	for _, c := range []struct {
		name string
		m    []byte
		of   func(e *Engine) float64
		want float64
	}{
		{"power-on time", nil, func(e *Engine) float64 { return e.effects.reverb.Room().Time }, 1.8},
		{"GM 2 small room", []byte{0xF0, 0x7F, 0x7F, 4, 5, 1, 1, 1, 1, 1, 0, 0, 0xF7}, func(e *Engine) float64 { return e.effects.reverb.Room().Time }, 1.105},
		{"GM 2 time", []byte{0xF0, 0x7F, 0x7F, 4, 5, 1, 1, 1, 1, 1, 1, 80, 0xF7}, func(e *Engine) float64 { return e.effects.reverb.Room().Time }, 2.718},
		{"GM 2 chorus rate", []byte{0xF0, 0x7F, 0x7F, 4, 5, 1, 1, 1, 1, 2, 1, 100, 0xF7}, func(e *Engine) float64 { return e.effects.chorus.Voices().Rate }, 12.2},
		{"GM 2 chorus depth", []byte{0xF0, 0x7F, 0x7F, 4, 5, 1, 1, 1, 1, 2, 2, 31, 0xF7}, func(e *Engine) float64 { return e.effects.chorus.Voices().Depth }, 0.01},
		{"GM 2 flanger", []byte{0xF0, 0x7F, 0x7F, 4, 5, 1, 1, 1, 1, 2, 0, 5, 0xF7}, func(e *Engine) float64 { return e.effects.chorus.Voices().Feedback }, 0.8546},
		{"GS plate", rolandMessage(0x40, 1, 0x30, 5), func(e *Engine) float64 { return e.effects.reverb.Room().Time }, 1.3},
		{"GS level", rolandMessage(0x40, 1, 0x33, 0), func(e *Engine) float64 { return e.effects.reverb.Room().Level }, 0},
		{"GS delay", rolandMessage(0x40, 1, 0x37, 50), func(e *Engine) float64 { return e.effects.reverb.Room().Delay }, 0.05},
		{"GS chorus macro", rolandMessage(0x40, 1, 0x38, 4), func(e *Engine) float64 { return e.effects.chorus.Voices().Feedback }, 0.488},
		{"XG no effect", xgMessage(2, 1, 0, 0, 0), func(e *Engine) float64 { return e.effects.reverb.Room().Level }, 0},
		{"XG time", xgMessage(2, 1, 2, 57), func(e *Engine) float64 { return e.effects.reverb.Room().Time }, 10},
		{"XG return", xgMessage(2, 1, 0x2C, 32), func(e *Engine) float64 { return e.effects.chorus.Voices().Level }, chorusGain / 2},
		{"own, off", []byte{0xF0, 0x7D, 0x4D, 0x4D, 1, 0, 0xF7}, func(e *Engine) float64 { return map[bool]float64{true: 1}[e.Effects()] }, 0},
	} {
		e, _ := playAfter(t, Config{}, 0, 69, []byte{0xB0, 1, 0})
		if c.m != nil {
			e, _ = playAfter(t, Config{}, 0, 69, c.m)
		}
		near(t, c.name, c.of(e), c.want, 0.005*max(c.want, 0.1))
	}
}

// TestMono: one note at a time, and back to the key that is still down.
func TestMono(t *testing.T) {
	e := testEngine(t, Config{}, levelRegion())
	e.must(t, 0, 0xB0, 126, 1)
	sounding := func() (keys []uint8) {
		e.renderFrames(1000)
		for _, v := range e.active {
			if !v.released && v.fading < 0 {
				keys = append(keys, v.key)
			}
		}
		return keys
	}
	for _, c := range []struct {
		status, key byte
		want        int
	}{{0x90, 60, 60}, {0x90, 64, 64}, {0x90, 67, 67}, {0x80, 64, 67}, {0x80, 67, 60}, {0x80, 60, -1}} {
		e.must(t, 0, c.status, c.key, 100)
		got := sounding()
		if c.want < 0 && len(got) == 0 || len(got) == 1 && int(got[0]) == c.want {
			continue
		}
		t.Errorf("after %02X %d: %v sound, want %d", c.status, c.key, got, c.want)
	}
	e.must(t, 0, 0xB0, 127, 0)
	e.must(t, 0, 0x90, 60, 100)
	e.must(t, 0, 0x90, 64, 100)
	if got := sounding(); len(got) != 2 {
		t.Errorf("poly again: %v sound", got)
	}
}

// TestGM2Banks: controller 0 of 120 and 121.
func TestGM2Banks(t *testing.T) {
	e := testEngine(t, Config{})
	b := testBank(t, named("piano", false, 0, 0, 0), named("wide", false, 1, 0, 0), named("kit", true, 0, 0, 0), named("room", true, 0, 0, 8))
	if err := e.SetBank(b); err != nil {
		t.Fatal(err)
	}
	if err := e.SysEx(0, []byte{0xF0, 0x7E, 0x7F, 9, 3, 0xF7}); err != nil {
		t.Fatal(err)
	}
	for _, m := range [][3]byte{
		{0xB0, 0, 121}, {0xB0, 32, 1}, {0xC0, 0, 0}, {0xB1, 0, 120}, {0xC1, 8, 0}, {0xB9, 0, 121}, {0xC9, 0, 0}, {0xB2, 0, 120},
	} {
		e.must(t, 0, m[0], m[1], m[2])
	}
	e.renderFrames(1)
	for ch, want := range map[int]string{0: "wide", 1: "room", 9: "piano", 2: "piano", 3: "piano"} {
		if got := e.Channel(ch).Name; got != want {
			t.Errorf("channel %d plays %q, want %q", ch+1, got, want)
		}
	}
}
