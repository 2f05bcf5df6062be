package sf2

import "github.com/mmlite/mmlite/synth/bank"

// target says where a generator's value goes in the model and how it converts.
type target struct {
	dest  bank.Dest
	scale float32
	ok    bool
}

// coarse is how many frames one unit of a coarse address offset stands for.
const coarse = 32768

// maxAmount is the largest amount the model takes; only coarse offsets can exceed it.
const maxAmount = 1 << 20

// targets is indexed by generator. Those that are not ok can be no modulator's destination
// (section 8.1.2: ranges, links, and what is chosen once per note).
var targets = [numGenerators]target{
	genStartAddrsOffset:           {bank.StartOffset, 1, true},
	genEndAddrsOffset:             {bank.EndOffset, 1, true},
	genStartloopAddrsOffset:       {bank.LoopStartOffset, 1, true},
	genEndloopAddrsOffset:         {bank.LoopEndOffset, 1, true},
	genStartAddrsCoarseOffset:     {bank.StartOffset, coarse, true},
	genEndAddrsCoarseOffset:       {bank.EndOffset, coarse, true},
	genStartloopAddrsCoarseOffset: {bank.LoopStartOffset, coarse, true},
	genEndloopAddrsCoarseOffset:   {bank.LoopEndOffset, coarse, true},
	genModLfoToPitch:              {bank.ModLFOToPitch, 1, true},
	genVibLfoToPitch:              {bank.VibLFOToPitch, 1, true},
	genModEnvToPitch:              {bank.ModEnvToPitch, 1, true},
	genInitialFilterFc:            {bank.FilterCutoff, 1, true},
	genInitialFilterQ:             {bank.FilterQ, 1, true},
	genModLfoToFilterFc:           {bank.ModLFOToCutoff, 1, true},
	genModEnvToFilterFc:           {bank.ModEnvToCutoff, 1, true},
	genModLfoToVolume:             {bank.ModLFOToVolume, 1, true},
	genChorusEffectsSend:          {bank.ChorusSend, 1, true},
	genReverbEffectsSend:          {bank.ReverbSend, 1, true},
	genPan:                        {bank.Pan, 1, true},
	genDelayModLFO:                {bank.ModLFODelay, 1, true},
	genFreqModLFO:                 {bank.ModLFOFreq, 1, true},
	genDelayVibLFO:                {bank.VibLFODelay, 1, true},
	genFreqVibLFO:                 {bank.VibLFOFreq, 1, true},
	genDelayModEnv:                {bank.ModEnvDelay, 1, true},
	genAttackModEnv:               {bank.ModEnvAttack, 1, true},
	genHoldModEnv:                 {bank.ModEnvHold, 1, true},
	genDecayModEnv:                {bank.ModEnvDecay, 1, true},
	genSustainModEnv:              {bank.ModEnvSustain, 1, true},
	genReleaseModEnv:              {bank.ModEnvRelease, 1, true},
	genKeynumToModEnvHold:         {bank.ModEnvKeyToHold, 1, true},
	genKeynumToModEnvDecay:        {bank.ModEnvKeyToDecay, 1, true},
	genDelayVolEnv:                {bank.VolEnvDelay, 1, true},
	genAttackVolEnv:               {bank.VolEnvAttack, 1, true},
	genHoldVolEnv:                 {bank.VolEnvHold, 1, true},
	genDecayVolEnv:                {bank.VolEnvDecay, 1, true},
	genSustainVolEnv:              {bank.VolEnvSustain, 1, true},
	genReleaseVolEnv:              {bank.VolEnvRelease, 1, true},
	genKeynumToVolEnvHold:         {bank.VolEnvKeyToHold, 1, true},
	genKeynumToVolEnvDecay:        {bank.VolEnvKeyToDecay, 1, true},
	genInitialAttenuation:         {bank.Attenuation, 1, true},
	genCoarseTune:                 {bank.Pitch, 100, true},
	genFineTune:                   {bank.Pitch, 1, true},
	genScaleTuning:                {bank.ScaleTuning, 1, true},
}

// destination returns what a modulator with this destination acts on.
func destination(gen uint16) target {
	if gen >= uint16(numGenerators) {
		return target{}
	}
	return targets[gen]
}

// copied lists the generators whose sum over both levels goes into the model as it is.
var copied = func() (list []generator) {
	for n := range numGenerators {
		switch t := targets[n]; {
		case !t.ok || n == genInitialAttenuation || n == genCoarseTune || n == genFineTune:
		case t.dest >= bank.StartOffset && t.dest <= bank.LoopEndOffset:
		default:
			list = append(list, n)
		}
	}
	return list
}()
