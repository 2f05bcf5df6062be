package mix

import "math"

// Balance gives left and right levels for a gain and a place between -1 (left) and 1 (right): the far side is turned down,
// the near side stays at the gain, as DirectSound's SetPan and a hi-fi's balance knob do.
func Balance(gain, pan float32) (left, right float32) {
	pan = max(-1, min(1, pan))
	return gain * min(1, 1-pan), gain * min(1, 1+pan)
}

// EqualPower gives left and right levels whose powers add up to that of the gain, wherever the sound is; in the middle both
// are at -3 dB.
func EqualPower(gain, pan float32) (left, right float32) {
	s, c := math.Sincos(float64(max(-1, min(1, pan))+1) * math.Pi / 4)
	return float32(float64(gain) * c), float32(float64(gain) * s)
}
