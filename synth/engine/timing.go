package engine

// PlayerFrame is the frame at which FluidSynth 2's file player would hand out an
// event that is due at seconds, where a tick of the file lasts tick seconds: it
// looks once in 64 frames at a clock of whole milliseconds, which it rounds to
// ticks.
//
// Music does not need this; comparing does. Where notes of the same pitch
// overlap, how their waves add up depends on their distance to a fraction of a
// millisecond, so renders whose events come at these frames differ from that
// player's by the synthesizers alone.
func PlayerFrame(seconds, tick float64, rate int) int {
	due := (seconds - tick/2) * 1000
	block := max(int(due*float64(rate)/(1000*blockFrames))-1, 0)
	for float64(block*blockFrames*1000/rate) < due-1e-9 {
		block++
	}
	return block * blockFrames
}
