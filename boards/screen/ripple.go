package screen

import "github.com/mmlite/mmlite/graphics/blit"

// The line at the foot of the screen: columns as high as a wave, which moves with the
// beat.
const (
	waveHeight = 40
	waveStep   = 6 // pixels from column to column
)

// quarter is a quarter of a sine, 16 steps of 0 to 255.
var quarter = [17]int{0, 25, 50, 74, 98, 120, 142, 162, 180, 197, 212, 225, 236, 244, 250, 254, 255}

// sine is the sine of n 64ths of a circle, -255 to 255.
func sine(n int) int {
	n &= 63
	v := quarter[min(n&31, 32-n&31)]
	if n >= 32 {
		return -v
	}
	return v
}

// ripple draws the line.
func (s *Screen) ripple(beat int) error {
	foot := blit.Rect{X0: margin, Y0: s.to.Height - margin/2 - waveHeight, X1: s.to.Width - margin, Y1: s.to.Height - margin/2}
	if err := blit.Fill(s.back, foot, night, nil); err != nil {
		return err
	}
	middle := (foot.Y0 + foot.Y1) / 2
	for i, x := 0, foot.X0; x+waveStep <= foot.X1; i, x = i+1, x+waveStep {
		h := 1 + (waveHeight/2-1)*abs(sine(3*i+4*beat)*sine(i))/(255*255)
		if err := blit.Fill(s.back, blit.Rect{X0: x, Y0: middle - h, X1: x + waveStep/2, Y1: middle + h}, wave, nil); err != nil {
			return err
		}
	}
	return blit.Copy(s.to, foot.X0, foot.Y0, s.back, foot)
}

func abs(n int) int { return max(n, -n) }
