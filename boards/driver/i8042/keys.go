package i8042

// Code names a key by its place: its make code in scan code set 1, plus Extended if
// 0xE0 came before.
type Code uint16

// Extended is added to the codes of the keys that the first PCs did not have.
const Extended Code = 0x100

// Keys without text.
const (
	Escape       Code = 0x01
	Backspace    Code = 0x0E
	Tab          Code = 0x0F
	Enter        Code = 0x1C
	LeftControl  Code = 0x1D
	LeftShift    Code = 0x2A
	RightShift   Code = 0x36
	LeftAlt      Code = 0x38
	Space        Code = 0x39
	CapsLock     Code = 0x3A
	F1           Code = 0x3B // to F10 at 0x44
	F10          Code = 0x44
	NumLock      Code = 0x45
	ScrollLock   Code = 0x46
	F11          Code = 0x57
	F12          Code = 0x58
	KeypadEnter       = Extended + 0x1C
	RightControl      = Extended + 0x1D
	KeypadSlash       = Extended + 0x35
	PrintScreen       = Extended + 0x37
	RightAlt          = Extended + 0x38
	Home              = Extended + 0x47
	Up                = Extended + 0x48
	PageUp            = Extended + 0x49
	Left              = Extended + 0x4B
	Right             = Extended + 0x4D
	End               = Extended + 0x4F
	Down              = Extended + 0x50
	PageDown          = Extended + 0x51
	Insert            = Extended + 0x52
	Delete            = Extended + 0x53
	Pause             = Extended + 0x100 // has a sequence of its own
)

// Mod is a set of modifiers.
type Mod uint8

const (
	Shift Mod = 1 << iota
	Control
	Alt
	Caps // lock is on
	Num  // lock is on
)

// Key is a key that was pressed or let go.
type Key struct {
	Code Code
	Down bool
	// Repeat is set if the key was down already.
	Repeat bool
	// Rune is the text it stands for on a US keyboard with the modifiers there are, 0
	// if it has none or was let go. With Control a letter is its control character.
	Rune rune
	Mods Mod
}

// The text of the keys of a US keyboard, by make code from 0x00 on; 0 is none.
const (
	plain   = "\x00\x1b1234567890-=\b\tqwertyuiop[]\n\x00asdfghjkl;'`\x00\\zxcvbnm,./\x00*\x00 "
	shifted = "\x00\x1b!@#$%^&*()_+\b\tQWERTYUIOP{}\n\x00ASDFGHJKL:\"~\x00|ZXCVBNM<>?\x00*\x00 "
	keypad  = "789-456+1230." // from 0x47 on
	keypad0 = 0x47
)

// Decoder turns the bytes of scan code set 1 into keys.
type Decoder struct {
	extended bool
	skip     int // bytes of Pause to come
	mods     Mod
	down     [2]([128]bool)
	right    Mod // modifiers held by their right key
	left     Mod
}

const (
	prefix0   = 0xE0
	prefix1   = 0xE1 // of Pause: E1 1D 45 E1 9D C5
	restPause = 5
	breakBit  = 0x80
)

// Feed takes a byte. It reports whether that completed a key.
func (d *Decoder) Feed(b byte) (k Key, ok bool) {
	switch {
	case d.skip > 0:
		if d.skip--; d.skip == 0 {
			return Key{Code: Pause, Down: true, Mods: d.mods}, true
		}
		return k, false
	case b == prefix1:
		d.skip, d.extended = restPause, false
		return k, false
	case b == prefix0:
		d.extended = true
		return k, false
	case b&^breakBit == 0 || b >= 0xF1: // overrun, and what a keyboard says of itself
		d.extended = false
		return k, false
	}
	extended := d.extended
	d.extended = false
	make := b &^ breakBit
	k.Code, k.Down = Code(make), b&breakBit == 0
	bank := 0
	if extended {
		k.Code += Extended
		bank = 1
		if make == byte(LeftShift) || make == byte(RightShift) { // made up around other keys
			return k, false
		}
	}
	k.Repeat = k.Down && d.down[bank][make]
	d.down[bank][make] = k.Down
	d.modify(k)
	k.Mods = d.mods
	if k.Down {
		k.Rune = d.text(k.Code)
	}
	return k, true
}

// modify keeps the modifiers.
func (d *Decoder) modify(k Key) {
	held, m := &d.left, Mod(0)
	switch k.Code {
	case LeftShift:
		m = Shift
	case RightShift:
		held, m = &d.right, Shift
	case LeftControl:
		m = Control
	case RightControl:
		held, m = &d.right, Control
	case LeftAlt:
		m = Alt
	case RightAlt:
		held, m = &d.right, Alt
	case CapsLock, NumLock:
		if k.Down && !k.Repeat {
			d.mods ^= map[Code]Mod{CapsLock: Caps, NumLock: Num}[k.Code]
		}
		return
	default:
		return
	}
	if *held &^= m; k.Down {
		*held |= m
	}
	d.mods = d.mods&(Caps|Num) | d.left | d.right
}

// text is what a key stands for.
func (d *Decoder) text(c Code) rune {
	switch c {
	case KeypadEnter:
		return '\n'
	case KeypadSlash:
		return '/'
	}
	if c >= Extended {
		return 0
	}
	if i := int(c) - keypad0; i >= 0 && i < len(keypad) {
		if r := rune(keypad[i]); r == '-' || r == '+' || d.mods&Num != 0 && d.mods&Shift == 0 {
			return r
		}
		return 0
	}
	if int(c) >= len(plain) {
		return 0
	}
	r := rune(plain[c])
	letter := r >= 'a' && r <= 'z'
	switch {
	case letter && d.mods&Control != 0:
		return r - 'a' + 1
	case (d.mods&Shift != 0) != (letter && d.mods&Caps != 0):
		r = rune(shifted[c])
	}
	return r
}
