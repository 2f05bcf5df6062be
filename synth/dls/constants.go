package dls

// Sources and controls of a connection (Level 1, section 2.10; Level 2, table 9). Those from
// srcCC to srcCCEnd are a controller each.
const (
	srcNone            = 0x000
	srcLFO             = 0x001
	srcVelocity        = 0x002
	srcKey             = 0x003
	srcEG1             = 0x004
	srcEG2             = 0x005
	srcPitchWheel      = 0x006
	srcPolyPressure    = 0x007
	srcChannelPressure = 0x008
	srcVibrato         = 0x009
	srcCC              = 0x080
	srcCC7             = srcCC + 7
	srcCC10            = srcCC + 10
	srcCC11            = srcCC + 11
	srcCC91            = srcCC + 91
	srcCC93            = srcCC + 93
	srcCCEnd           = 0x0ff
	srcRPN0            = 0x100
	srcRPN1            = 0x101
	srcRPN2            = 0x102
)

// Destinations of a connection.
const (
	dstGain         = 0x001
	dstPitch        = 0x003
	dstPan          = 0x004
	dstKey          = 0x005
	dstChorus       = 0x080
	dstReverb       = 0x081
	dstLFOFreq      = 0x104
	dstLFODelay     = 0x105
	dstVibFreq      = 0x114
	dstVibDelay     = 0x115
	dstEG1Attack    = 0x206
	dstEG1Decay     = 0x207
	dstEG1Release   = 0x209
	dstEG1Sustain   = 0x20a
	dstEG1Delay     = 0x20b
	dstEG1Hold      = 0x20c
	dstEG1Shutdown  = 0x20d
	dstEG2Attack    = 0x30a
	dstEG2Decay     = 0x30b
	dstEG2Release   = 0x30d
	dstEG2Sustain   = 0x30e
	dstEG2Delay     = 0x30f
	dstEG2Hold      = 0x310
	dstFilterCutoff = 0x500
	dstFilterQ      = 0x501
)

// Destinations that files write although they do nothing: three that Level 1 reserves and the
// speakers of Level 2 beyond the two of a stereo card.
func ignored(dst uint16) bool {
	switch dst {
	case 0, 0x002, 0x208, 0x30c:
		return true
	}
	return dst >= 0x010 && dst <= 0x015
}

// Fields of a transform as Level 2 packs them (section 2.9.3). Level 1 knows 0 and 1, which are
// the same as the output's curve here.
//
// The lowest four bits are the output's curve; each input has a field of six bits: its curve, then
// a flag for bipolar and one for inverted.
const (
	trnCurve    = 0x0f
	trnBipolar  = 0x10
	trnInverted = 0x20
	trnInput    = 0x3f
	trnControl  = 4  // shift of the control's field
	trnSource   = 10 // shift of the source's field
)

// absoluteZero is the scale that means no time at all, or silence, and that nothing else may
// change.
const absoluteZero = -1 << 31
