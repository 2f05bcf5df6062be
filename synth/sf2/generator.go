package sf2

// generator numbers a synthesis parameter (SoundFont 2.04, section 8.1.2).
type generator uint16

const (
	genStartAddrsOffset           generator = 0
	genEndAddrsOffset             generator = 1
	genStartloopAddrsOffset       generator = 2
	genEndloopAddrsOffset         generator = 3
	genStartAddrsCoarseOffset     generator = 4
	genModLfoToPitch              generator = 5
	genVibLfoToPitch              generator = 6
	genModEnvToPitch              generator = 7
	genInitialFilterFc            generator = 8
	genInitialFilterQ             generator = 9
	genModLfoToFilterFc           generator = 10
	genModEnvToFilterFc           generator = 11
	genEndAddrsCoarseOffset       generator = 12
	genModLfoToVolume             generator = 13
	genChorusEffectsSend          generator = 15
	genReverbEffectsSend          generator = 16
	genPan                        generator = 17
	genDelayModLFO                generator = 21
	genFreqModLFO                 generator = 22
	genDelayVibLFO                generator = 23
	genFreqVibLFO                 generator = 24
	genDelayModEnv                generator = 25
	genAttackModEnv               generator = 26
	genHoldModEnv                 generator = 27
	genDecayModEnv                generator = 28
	genSustainModEnv              generator = 29
	genReleaseModEnv              generator = 30
	genKeynumToModEnvHold         generator = 31
	genKeynumToModEnvDecay        generator = 32
	genDelayVolEnv                generator = 33
	genAttackVolEnv               generator = 34
	genHoldVolEnv                 generator = 35
	genDecayVolEnv                generator = 36
	genSustainVolEnv              generator = 37
	genReleaseVolEnv              generator = 38
	genKeynumToVolEnvHold         generator = 39
	genKeynumToVolEnvDecay        generator = 40
	genInstrument                 generator = 41
	genKeyRange                   generator = 43
	genVelRange                   generator = 44
	genStartloopAddrsCoarseOffset generator = 45
	genKeynum                     generator = 46
	genVelocity                   generator = 47
	genInitialAttenuation         generator = 48
	genEndloopAddrsCoarseOffset   generator = 50
	genCoarseTune                 generator = 51
	genFineTune                   generator = 52
	genSampleID                   generator = 53
	genSampleModes                generator = 54
	genScaleTuning                generator = 56
	genExclusiveClass             generator = 57
	genOverridingRootKey          generator = 58

	numGenerators generator = 61
)

// level says at which levels of the hierarchy a generator may stand.
type level uint8

const (
	unused         level = iota // reserved numbers: ignored wherever they stand
	instrumentOnly              // ignored in a preset zone
	bothLevels                  // absolute in an instrument zone, added in a preset zone
	structural                  // ranges and links, which zones treat on their own
)

// rule is what section 8.1.3 says of one generator. Addresses have no range of their own: they
// are held inside the sample when a region is resolved.
type rule struct {
	level    level
	def      int16
	min, max int16
}

const whole16 = 1<<15 - 1

// rules is indexed by generator.
var rules = [numGenerators]rule{
	genStartAddrsOffset:           {instrumentOnly, 0, -whole16, whole16},
	genEndAddrsOffset:             {instrumentOnly, 0, -whole16, whole16},
	genStartloopAddrsOffset:       {instrumentOnly, 0, -whole16, whole16},
	genEndloopAddrsOffset:         {instrumentOnly, 0, -whole16, whole16},
	genStartAddrsCoarseOffset:     {instrumentOnly, 0, -whole16, whole16},
	genModLfoToPitch:              {bothLevels, 0, -12000, 12000},
	genVibLfoToPitch:              {bothLevels, 0, -12000, 12000},
	genModEnvToPitch:              {bothLevels, 0, -12000, 12000},
	genInitialFilterFc:            {bothLevels, 13500, 1500, 13500},
	genInitialFilterQ:             {bothLevels, 0, 0, 960},
	genModLfoToFilterFc:           {bothLevels, 0, -12000, 12000},
	genModEnvToFilterFc:           {bothLevels, 0, -12000, 12000},
	genEndAddrsCoarseOffset:       {instrumentOnly, 0, -whole16, whole16},
	genModLfoToVolume:             {bothLevels, 0, -960, 960},
	genChorusEffectsSend:          {bothLevels, 0, 0, 1000},
	genReverbEffectsSend:          {bothLevels, 0, 0, 1000},
	genPan:                        {bothLevels, 0, -1000, 1000}, // beyond 500 it counts against modulators
	genDelayModLFO:                {bothLevels, -12000, -12000, 5000},
	genFreqModLFO:                 {bothLevels, 0, -16000, 4500},
	genDelayVibLFO:                {bothLevels, -12000, -12000, 5000},
	genFreqVibLFO:                 {bothLevels, 0, -16000, 4500},
	genDelayModEnv:                {bothLevels, -12000, -12000, 5000},
	genAttackModEnv:               {bothLevels, -12000, -12000, 8000},
	genHoldModEnv:                 {bothLevels, -12000, -12000, 5000},
	genDecayModEnv:                {bothLevels, -12000, -12000, 8000},
	genSustainModEnv:              {bothLevels, 0, 0, 1000},
	genReleaseModEnv:              {bothLevels, -12000, -12000, 8000},
	genKeynumToModEnvHold:         {bothLevels, 0, -1200, 1200},
	genKeynumToModEnvDecay:        {bothLevels, 0, -1200, 1200},
	genDelayVolEnv:                {bothLevels, -12000, -12000, 5000},
	genAttackVolEnv:               {bothLevels, -12000, -12000, 8000},
	genHoldVolEnv:                 {bothLevels, -12000, -12000, 5000},
	genDecayVolEnv:                {bothLevels, -12000, -12000, 8000},
	genSustainVolEnv:              {bothLevels, 0, 0, 1000},
	genReleaseVolEnv:              {bothLevels, -12000, -12000, 8000},
	genKeynumToVolEnvHold:         {bothLevels, 0, -1200, 1200},
	genKeynumToVolEnvDecay:        {bothLevels, 0, -1200, 1200},
	genInstrument:                 {level: structural},
	genKeyRange:                   {level: structural},
	genVelRange:                   {level: structural},
	genStartloopAddrsCoarseOffset: {instrumentOnly, 0, -whole16, whole16},
	genKeynum:                     {instrumentOnly, -1, -1, 127},
	genVelocity:                   {instrumentOnly, -1, -1, 127},
	genInitialAttenuation:         {bothLevels, 0, -1440, 1440}, // below 0 it counts against modulators
	genEndloopAddrsCoarseOffset:   {instrumentOnly, 0, -whole16, whole16},
	genCoarseTune:                 {bothLevels, 0, -120, 120},
	// The specification stops at 99 cents; sums of both levels that go beyond are in tune only
	// when they are kept.
	genFineTune:          {bothLevels, 0, -whole16, whole16},
	genSampleID:          {level: structural},
	genSampleModes:       {instrumentOnly, 0, 0, 3},
	genScaleTuning:       {bothLevels, 100, 0, 1200},
	genExclusiveClass:    {instrumentOnly, 0, 0, 127},
	genOverridingRootKey: {instrumentOnly, -1, -1, 127},
}
