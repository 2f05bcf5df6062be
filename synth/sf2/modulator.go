package sf2

import "encoding/binary"

// Fields of a modulator's source enumerator (SoundFont 2.04, section 8.2).
const (
	srcIndex    = 0x007f
	srcCC       = 0x0080
	srcNegative = 0x0100
	srcBipolar  = 0x0200
	srcCurve    = 10 // shift
	srcCurves   = 4  // linear, concave, convex, switch
)

// General controllers, the sources that are no continuous controller (section 8.2.1).
const (
	srcNone            = 0
	srcVelocity        = 2
	srcKey             = 3
	srcPolyPressure    = 10
	srcChannelPressure = 13
	srcPitchWheel      = 14
	srcPitchWheelRange = 16
	srcLink            = 127
)

// destLink marks a destination that is another modulator of the same zone, not a generator.
const destLink = 0x8000

// Transforms (section 8.3).
const (
	transLinear   = 0
	transAbsolute = 2
)

// modulator is one record of pmod or imod.
type modulator struct {
	src, dest, amtSrc, trans uint16
	amount                   int32
	to                       int16 // index of the modulator it feeds in its list, or alone
	silent                   bool  // cannot be used; kept where indices count on it
}

// alone is the to of a modulator that feeds a generator.
const alone = -1

func readModulator(b []byte) modulator {
	le := binary.LittleEndian
	m := modulator{
		src: le.Uint16(b), dest: le.Uint16(b[2:]), amount: int32(int16(le.Uint16(b[4:]))),
		amtSrc: le.Uint16(b[6:]), trans: le.Uint16(b[8:]), to: alone,
	}
	if m.dest&destLink != 0 {
		m.to = int16(m.dest &^ destLink)
	}
	return m
}

// linked reports whether m feeds, or is fed by, another modulator of its zone.
func (m *modulator) linked() bool { return m.to != alone || isLink(m.src) }

func isLink(src uint16) bool { return src&(srcCC|srcIndex) == srcLink }

// same reports whether two modulators are one and the same by section 7.4. Linked ones never are:
// what they mean hangs on the zone they stand in.
func (m *modulator) same(o *modulator) bool {
	return m.src == o.src && m.dest == o.dest && m.amtSrc == o.amtSrc && !m.linked() && !o.linked()
}

// fault says why m, the modulator with this index of count in its zone, cannot be used, or "".
func (m *modulator) fault(index, count int) string {
	if why := badSource(m.src); why != "" {
		return "source: " + why
	}
	if why := badSource(m.amtSrc); why != "" {
		return "amount source: " + why
	}
	switch {
	case isLink(m.amtSrc):
		return "a link as amount source"
	case m.trans != transLinear && m.trans != transAbsolute:
		return "a transform that is not defined"
	case m.to == alone && !destination(m.dest).ok:
		return "a destination that cannot be modulated"
	case m.to != alone && (int(m.to) >= count || int(m.to) == index):
		return "a link to no other modulator of its zone"
	}
	return ""
}

// badSource says why a source enumerator cannot be used, or returns "".
func badSource(src uint16) string {
	if src>>srcCurve >= srcCurves {
		return "a curve that is not defined"
	}
	n := src & srcIndex
	if src&srcCC == 0 {
		switch n {
		case srcNone, srcVelocity, srcKey, srcPolyPressure, srcChannelPressure, srcPitchWheel, srcPitchWheelRange, srcLink:
			return ""
		}
		return "a general controller that is not defined"
	}
	if n == 0 || n == 6 || n == 32 || n == 38 || n >= 98 && n <= 101 || n >= 120 {
		return "a controller that must not be a source"
	}
	return ""
}

// onTwin says what a modulator does to one in the list below it that is the same.
type onTwin bool

const (
	replace onTwin = false // instrument level
	add     onTwin = true  // preset level
)

// merge returns a list of the modulators of base and of over, where the latter replace or add to
// the former. base and over are left as they are.
func merge(base, over []modulator, twins onTwin) []modulator {
	switch {
	case len(over) == 0:
		return base
	case len(base) == 0 && (twins == add || len(over) == 1):
		return over
	}
	out := make([]modulator, len(base), len(base)+len(over))
	copy(out, base)
	var place [maxZoneModulators * 2]int16
	for i := range over {
		m := &over[i]
		place[i] = int16(len(out))
		if j := find(out, m); j >= 0 {
			place[i] = int16(j)
			if twins == add {
				out[j].amount += m.amount
			} else {
				out[j] = *m
			}
			continue
		}
		out = append(out, *m)
	}
	for i := range over {
		if to := over[i].to; to != alone {
			out[place[i]].to = place[to]
		}
	}
	return out
}

// find returns the index of the modulator in list that is the same as m, or -1.
func find(list []modulator, m *modulator) int {
	for j := range list {
		if !m.silent && !list[j].silent && list[j].same(m) {
			return j
		}
	}
	return -1
}
