package output

// Status is what can be said of the sound, for /status/audio. Times are in
// milliseconds.
type Status struct {
	Device      string        `json:"device"`
	Rate        int           `json:"rate"`
	Period      int           `json:"period_frames"`
	Offline     bool          `json:"offline"`
	Resting     bool          `json:"resting"` // there is nothing to play
	Error       string        `json:"error,omitempty"`
	Buffering   []Stage       `json:"buffering"`
	LatencyMs   float64       `json:"latency_ms"` // the sum of the stages
	Frame       uint64        `json:"frame"`
	Heard       uint64        `json:"heard"`
	Underruns   uint64        `json:"underruns"`
	LatePeriods uint64        `json:"late_periods"`
	Limited     uint64        `json:"limited_periods"`
	Volume      float64       `json:"volume"`
	Inputs      []InputStatus `json:"inputs"`
}

// Stage is a place where sound waits.
type Stage struct {
	Name string  `json:"name"`
	Ms   float64 `json:"ms"`
}

// InputStatus is what can be said of an input.
type InputStatus struct {
	Name    string `json:"name"`
	Started bool   `json:"started"`
	Missed  uint64 `json:"missed"`
	Behind  uint64 `json:"behind_frames"`
}

// Status returns what can be said now. Any goroutine may ask.
func (o *Output) Status() Status {
	info, _ := o.Info(nil) // it has no errors
	ms := func(frames int) float64 { return float64(frames) * 1000 / float64(o.rate) }
	s := Status{
		Device: info.Device, Rate: o.rate, Period: o.period, Offline: info.Offline, Resting: o.resting.Load(),
		Frame: info.Frame, Heard: o.Heard(o.machine.Now()), Underruns: info.Underruns, LatePeriods: info.Late, Limited: info.Limited,
		Volume: float64(o.currentVolume()), Inputs: []InputStatus{}, Buffering: []Stage{},
	}
	if err := o.Err(); err != nil {
		s.Error = err.Error()
	}
	// What synthesizers render is mixed and given to the device in the same period.
	if !info.Offline {
		s.Buffering = append(s.Buffering, Stage{"synth", 0}, Stage{"limiter", ms(o.limiter.Latency())}, Stage{"device", ms(o.period * o.dev.Queue())})
	}
	for _, b := range s.Buffering {
		s.LatencyMs += b.Ms
	}
	opened := o.opened.Load()
	for i := range o.slots {
		in := o.slots[i].Load()
		if in == nil {
			continue
		}
		behind := uint64(0)
		if in.first.Load() != 0 {
			behind = opened - min(opened, max(in.done.Load(), in.first.Load()-1))
		}
		s.Inputs = append(s.Inputs, InputStatus{in.name, in.Started(), in.Missed(), behind})
	}
	return s
}
