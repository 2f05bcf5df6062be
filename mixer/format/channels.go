package format

import "fmt"

// MaxChannels is the most channels a frame can have here: 7.1.
const MaxChannels = 8

// speaker is a place in the room. The order of a frame's channels is that of the speaker bits of WAVEFORMATEXTENSIBLE.
type speaker uint8

const (
	frontLeft speaker = iota
	frontRight
	frontCentre
	lowFrequency
	backLeft
	backRight
	backCentre
	sideLeft
	sideRight
)

// layouts[n] names the speakers of an n-channel frame.
var layouts = [MaxChannels + 1][]speaker{
	1: {frontCentre},
	2: {frontLeft, frontRight},
	3: {frontLeft, frontRight, frontCentre},
	4: {frontLeft, frontRight, backLeft, backRight},
	5: {frontLeft, frontRight, frontCentre, backLeft, backRight},
	6: {frontLeft, frontRight, frontCentre, lowFrequency, backLeft, backRight},
	7: {frontLeft, frontRight, frontCentre, lowFrequency, backCentre, sideLeft, sideRight},
	8: {frontLeft, frontRight, frontCentre, lowFrequency, backLeft, backRight, sideLeft, sideRight},
}

// Matrix converts frames of one channel count to frames of another. It is immutable and may be shared.
type Matrix struct {
	from, to int
	gain     [MaxChannels][MaxChannels]float32 // by destination, then source
}

// NewMatrix makes a conversion between 1 to MaxChannels channels. Mono goes to left and right at full level, and stereo to
// mono as the mean of the two. Other speakers that the destination lacks are folded into left and right at -3 dB, as
// ITU-R BS.775-3 annex 4 does, and the low-frequency channel is dropped; speakers the source lacks are silent.
func NewMatrix(from, to int) (*Matrix, error) {
	if from < 1 || from > MaxChannels || to < 1 || to > MaxChannels {
		return nil, fmt.Errorf("format: cannot convert %d channels to %d; both must be within 1 and %d", from, to, MaxChannels)
	}
	m := &Matrix{from: from, to: to}
	if from == to {
		for c := range from {
			m.gain[c][c] = 1
		}
		return m, nil
	}
	if to == 1 {
		stereo, err := NewMatrix(from, 2)
		if err != nil {
			return nil, err
		}
		for c := range from {
			m.gain[0][c] = (stereo.gain[0][c] + stereo.gain[1][c]) * 0.5
		}
		return m, nil
	}
	const minus3 = 0.70710678118654752440
	for c, s := range layouts[from] {
		if from == 1 {
			m.gain[0][c], m.gain[1][c] = 1, 1
			continue
		}
		if d := place(layouts[to], s); d >= 0 {
			m.gain[d][c] = 1
			continue
		}
		switch s {
		case frontCentre:
			m.gain[0][c], m.gain[1][c] = minus3, minus3
		case backCentre:
			m.gain[0][c], m.gain[1][c] = 0.5, 0.5
		case backLeft, sideLeft:
			m.gain[0][c] = minus3
		case backRight, sideRight:
			m.gain[1][c] = minus3
		}
	}
	return m, nil
}

func place(layout []speaker, s speaker) int {
	for i, l := range layout {
		if l == s {
			return i
		}
	}
	return -1
}

// From is the channel count of the source.
func (m *Matrix) From() int { return m.from }

// To is the channel count of the destination.
func (m *Matrix) To() int { return m.to }

// Apply converts frames and returns how many: as many as src holds whole and dst has room for. dst and src must not
// overlap, except that they may be the same slice when both channel counts are equal.
func (m *Matrix) Apply(dst, src []float32) int {
	n := min(len(dst)/m.to, len(src)/m.from)
	dst = dst[:n*m.to]
	src = src[:n*m.from]
	switch {
	case m.from == m.to:
		copy(dst, src)
	case m.from == 1 && m.to == 2:
		for i, x := range src {
			dst[2*i], dst[2*i+1] = x, x
		}
	case m.from == 2 && m.to == 1:
		for i := range dst {
			dst[i] = (src[2*i] + src[2*i+1]) * 0.5
		}
	default:
		for i := range n {
			in := src[i*m.from : (i+1)*m.from]
			out := dst[i*m.to : (i+1)*m.to]
			for d := range out {
				var sum float32
				for c, x := range in {
					sum += float32(x * m.gain[d][c])
				}
				out[d] = sum
			}
		}
	}
	return n
}
