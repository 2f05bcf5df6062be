package i8042

import (
	"errors"
	"testing"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// controller is the chip.
type controller struct {
	reg.Space
	out     []byte
	mouse   bool
	config  uint8
	expects uint8 // the command whose argument comes next
	sent    []byte
	test    uint8
	busy    bool
	mute    bool
}

func newController() *controller {
	return &controller{Space: reg.Memory(nil), config: configNoClock, test: testPassed, out: []byte{0x1E, 0x9E}}
}

func (c *controller) Read8(at uint32) uint8 {
	switch at {
	case portCommand:
		s := uint8(4)
		if len(c.out) > 0 {
			s |= statusOutput
		}
		if c.mouse {
			s |= statusMouse
		}
		if c.busy {
			s |= statusInput
		}
		return s
	case portData:
		if len(c.out) > 0 {
			b := c.out[0]
			c.out = c.out[1:]
			return b
		}
	}
	return 0
}

func (c *controller) Write8(at uint32, v uint8) {
	if at == portCommand {
		switch c.expects = v; v {
		case cmdTest:
			c.out = append(c.out, c.test)
		case cmdRead:
			if !c.mute {
				c.out = append(c.out, c.config)
			}
		}
		return
	}
	if c.expects == cmdWrite {
		c.config, c.expects = v, 0
		return
	}
	c.sent = append(c.sent, v)
	c.out = append(c.out, 0xFA)
}

// typed is the text of scan codes.
func typed(codes ...byte) string {
	var d Decoder
	s := ""
	for _, b := range codes {
		if k, ok := d.Feed(b); ok && k.Rune != 0 {
			s += string(k.Rune)
		}
	}
	return s
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		name, want string
		codes      []byte
	}{
		{"hello", "hello\n", []byte{0x23, 0xA3, 0x12, 0x92, 0x26, 0xA6, 0x26, 0xA6, 0x18, 0x98, 0x1C, 0x9C}},
		{"shift", "aA!a", []byte{0x1E, 0x9E, 0x2A, 0x1E, 0x9E, 0x02, 0x82, 0xAA, 0x1E}},
		{"both shifts", "Aa", []byte{0x2A, 0x36, 0xAA, 0x1E, 0xB6, 0x1E}},
		{"caps", "A1aA", []byte{0x3A, 0xBA, 0x1E, 0x02, 0x2A, 0x1E, 0xAA, 0x1E}},
		{"caps held", "A", []byte{0x3A, 0x3A, 0x3A, 0x1E}},
		{"control c", "\x03c", []byte{0xE0, 0x1D, 0x2E, 0xE0, 0x9D, 0x2E}},
		{"numbers", "7+5", []byte{0x47, 0x45, 0xC5, 0x47, 0x4E, 0x4C}},
		{"arrows", "", []byte{0xE0, 0x48, 0xE0, 0xC8, 0xE0, 0x4B}},
		{"made-up shift", "/", []byte{0xE0, 0x2A, 0xE0, 0x35}},
		{"pause", "a", []byte{0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5, 0x1E}},
		{"signs", "[]\\;'`,./-=", []byte{0x1A, 0x1B, 0x2B, 0x27, 0x28, 0x29, 0x33, 0x34, 0x35, 0x0C, 0x0D}},
	} {
		if got := typed(c.codes...); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestKeys(t *testing.T) {
	var d Decoder
	var keys []Key
	for _, b := range []byte{0x1D, 0x1D, 0xE0, 0x53, 0x9D, 0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5} {
		if k, ok := d.Feed(b); ok {
			keys = append(keys, k)
		}
	}
	want := []Key{{LeftControl, true, false, 0, Control}, {LeftControl, true, true, 0, Control}, {Delete, true, false, 0, Control}, {LeftControl, false, false, 0, 0}, {Pause, true, false, 0, 0}}
	if len(keys) != len(want) {
		t.Fatalf("%+v", keys)
	}
	for i := range want {
		if keys[i] != want[i] {
			t.Errorf("%+v, want %+v", keys[i], want[i])
		}
	}
}

func TestKeyboard(t *testing.T) {
	c := newController()
	var keys []Key
	k, err := Open(c, func(key Key) { keys = append(keys, key) })
	if err != nil {
		t.Fatal(err)
	}
	if c.config != configIRQ|configTranslate || string(c.sent) != "\xF4" {
		t.Errorf("%#x % x", c.config, c.sent)
	}
	c.out = append(c.out, 0x1E)
	if !k.Interrupt() || len(keys) != 1 || keys[0].Rune != 'a' {
		t.Errorf("%+v", keys)
	}
	if k.Interrupt() {
		t.Error("an interrupt of nobody's")
	}
	c.mouse, c.out = true, []byte{0x1E, 0x30}
	if !k.Interrupt() || len(keys) != 1 {
		t.Error("the mouse types")
	}
	k.ports = reg.Memory(nil)
	if k.Interrupt() {
		t.Error("a keyboard that is not there types")
	}
}

func TestAbsent(t *testing.T) {
	failing, busy, mute := newController(), newController(), newController()
	failing.test, busy.busy, mute.mute = 0xFC, true, true
	for name, ports := range map[string]reg.Space{"nothing": reg.Memory(nil), "failing": failing, "busy": busy, "mute": mute} {
		if _, err := Open(ports, nil); !errors.Is(err, com.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzDecoder: whatever comes, keys make sense, and after all keys are let go no
// modifier is left but the locks.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte{0x2A, 0x1E, 0xE0, 0x1D, 0xE1, 0x1D, 0x45})
	f.Fuzz(func(t *testing.T, codes []byte) {
		var d Decoder
		for _, b := range codes {
			k, ok := d.Feed(b)
			if ok && (!k.Down && (k.Rune != 0 || k.Repeat) || k.Code == 0 || k.Rune > 0x7E) {
				t.Fatalf("%+v", k)
			}
		}
		for range restPause {
			d.Feed(0x81)
		}
		for _, c := range []byte{byte(LeftShift), byte(RightShift), byte(LeftControl), byte(LeftAlt)} {
			d.Feed(c | breakBit)
			d.Feed(prefix0)
			d.Feed(c | breakBit)
		}
		if d.mods&^(Caps|Num) != 0 {
			t.Fatalf("modifiers %b", d.mods)
		}
	})
}

// Each key has a usage of its own, and those with text have the usage of that text.
func TestUsages(t *testing.T) {
	seen := map[uint8]Code{}
	for c := Code(0); c < 3*Extended; c++ {
		u := c.Usage()
		if u == 0 {
			continue
		}
		if u < 4 || u > 0xE7 {
			t.Errorf("code %#x has usage %#x", c, u)
		}
		if other, twice := seen[u]; twice {
			t.Errorf("codes %#x and %#x have usage %#x", other, c, u)
		}
		seen[u] = c
	}
	if len(seen) != 105 { // as many as a keyboard for Windows in Europe
		t.Errorf("%d keys have usages", len(seen))
	}
	// The letters and digits lie side by side in the usage tables.
	var d Decoder
	for text, first := range map[string]uint8{"abcdefghijklmnopqrstuvwxyz": 0x04, "1234567890": 0x1E} {
		for i, r := range text {
			if c := seen[first+uint8(i)]; d.text(c) != r {
				t.Errorf("usage %#x is %q, want %q", first+uint8(i), d.text(c), r)
			}
		}
	}
	for usage, text := range map[uint8]rune{0x28: '\n', 0x2A: '\b', 0x2B: '\t', 0x2C: ' ', 0x2D: '-', 0x2E: '=', 0x2F: '[', 0x30: ']', 0x31: '\\', 0x33: ';', 0x34: '\'', 0x35: '`', 0x36: ',', 0x37: '.', 0x38: '/'} {
		if c := seen[usage]; d.text(c) != text {
			t.Errorf("usage %#x is %q, want %q", usage, d.text(c), text)
		}
	}
}
