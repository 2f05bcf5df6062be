package effect

const lines = 8

// network is what the inner loop of the reverberation works on. Vector code knows
// where each field stands.
type network struct {
	state         [lines]float32 // of the filters
	gain, pole    [lines]float32 // of the filters: y = gain*x + pole*y
	cos, sin      [lines]float32 // of pairs; sin is negative in the even ones
	dGain, dPole  [lines]float32 // what they move by in a frame
	dCos, dSin    [lines]float32
	input         [lines]float32 // share of the input that a line gets
	in, mid, side *Block         // input, and two sums of all lines
	read, write   [lines]*Block
	scratch       [Frames][lines]float32
}

// run moves the network on by a block: filters, turn of pairs, Hadamard matrix
// (the filters' gains hold its factor), input, lines.
func (n *network) run() {
	s, gain, pole, cos, sin := n.state, n.gain, n.pole, n.cos, n.sin
	for i := range Frames {
		var u, h [lines]float32
		for k := range s {
			s[k] = float32(gain[k]*n.read[k][i]) + float32(pole[k]*s[k])
		}
		for k := range u {
			u[k] = float32(cos[k]*s[k]) + float32(sin[k]*s[k^1])
		}
		for k := 0; k < lines; k += 2 {
			h[k], h[k+1] = u[k+1]+u[k], u[k]-u[k+1]
		}
		for k := 0; k < lines; k += 4 {
			a, b, c, d := h[k], h[k+1], h[k+2], h[k+3]
			u[k], u[k+1], u[k+2], u[k+3] = c+a, d+b, a-c, b-d
		}
		for k := range 4 {
			h[k], h[k+4] = u[k+4]+u[k], u[k]-u[k+4]
		}
		n.mid[i], n.side[i] = h[1], h[2]
		x := n.in[i]
		for k := range h {
			n.write[k][i] = h[k] + float32(n.input[k]*x)
			gain[k] += n.dGain[k]
			pole[k] += n.dPole[k]
			cos[k] += n.dCos[k]
			sin[k] += n.dSin[k]
		}
	}
	n.state = s
}
