package output

import "github.com/mmlite/mmlite/firmware/machine"

// Status is what can be said of the sound, for /status/audio. Times are in
// milliseconds.
type Status struct {
	Device      string         `json:"device"`
	Rate        int            `json:"rate"`
	Period      int            `json:"period_frames"`
	Offline     bool           `json:"offline"`
	Resting     bool           `json:"resting"` // there is nothing to play
	Error       string         `json:"error,omitempty"`
	Buffering   []Stage        `json:"buffering"`
	LatencyMs   float64        `json:"latency_ms"` // the sum of the stages
	LiveMs      float64        `json:"live_ms"`    // that of live messages: they wait a period, to come evenly
	Frame       uint64         `json:"frame"`
	Heard       uint64         `json:"heard"`
	Underruns   uint64         `json:"underruns"`
	LatePeriods uint64         `json:"late_periods"`
	Limited     uint64         `json:"limited_periods"`
	Volume      float64        `json:"volume"`
	Threads     []ThreadStatus `json:"threads"` // AUDIO, MIXER, and what is promised to inputs
	Share       ShareStatus    `json:"share"`
	Inputs      []InputStatus  `json:"inputs"`
	Streams     []StreamStatus `json:"streams"`
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
	// NeedUs is what the next window is expected to take, BudgetUs what this one may,
	// in microseconds; 0: no limit.
	NeedUs   float64      `json:"need_us"`
	BudgetUs float64      `json:"budget_us"`
	Thread   ThreadStatus `json:"thread"`
}

// ShareStatus is how the time before MIXER's start is divided among inputs. Times
// are in microseconds.
type ShareStatus struct {
	GivenUs  float64 `json:"given_us"`  // to all together, of the last window
	Short    uint64  `json:"short"`     // windows in which they needed more
	Refused  uint64  `json:"refused"`   // reservations
	PeriodUs float64 `json:"period_us"` // which reservations are of
}

// StreamStatus is what can be said of a stream. Frames are its own.
type StreamStatus struct {
	Name      string  `json:"name"`
	Rate      int     `json:"rate"`
	Channels  int     `json:"channels"`
	Format    string  `json:"format"`
	Quality   string  `json:"quality"`
	Playing   bool    `json:"playing"`
	Written   uint64  `json:"written_frames"`
	Played    uint64  `json:"played_frames"` // heard
	BufferMs  float64 `json:"buffer_ms"`     // what waits in buffer and rate converter
	LatencyMs float64 `json:"latency_ms"`    // from being written to being heard
	Underruns uint64  `json:"underruns"`
	Late      uint64  `json:"late_frames"`
	TrimPPM   float64 `json:"trim_ppm"`
}

// Status returns what can be said now. Any goroutine may ask.
func (o *Output) Status() Status {
	info, _ := o.Info(nil) // it has no errors
	ms := func(frames int) float64 { return float64(frames) * 1000 / float64(o.rate) }
	s := Status{
		Device: info.Device, Rate: o.rate, Period: o.period, Offline: info.Offline, Resting: o.resting.Load(),
		Frame: info.Frame, Heard: o.Heard(o.machine.Now()), Underruns: info.Underruns, LatePeriods: info.Late, Limited: info.Limited,
		Volume: float64(o.currentVolume()), Inputs: []InputStatus{}, Streams: []StreamStatus{}, Buffering: []Stage{},
		Threads: []ThreadStatus{
			o.playing.account.status("audio", o.asks(&o.playing.asking), o.reserved(forAudio)),
			o.mixing.account.status("mixer", o.asks(&o.mixing.asking), o.reserved(forMixer)),
		},
		Share: ShareStatus{micros(o.share.given.Load()), o.share.eased.Load(), o.sizes.refused.Load(), micros(o.span)},
	}
	if o.share.activity.Load() != nil {
		s.Threads = append(s.Threads, o.share.account.status("synth", o.asks(&o.share.asking), o.reserved(forInputs)))
	}
	if err := o.Err(); err != nil {
		s.Error = err.Error()
	}
	// What synthesizers render is mixed and given to the device in the same period:
	// the window itself holds nothing. What streams hold is theirs.
	if !info.Offline {
		s.Buffering = append(s.Buffering, Stage{"window", 0}, Stage{"limiter", ms(o.limiter.Latency())}, Stage{"device", ms(o.period * o.dev.Queue())})
	}
	for _, b := range s.Buffering {
		s.LatencyMs += b.Ms
	}
	if !info.Offline {
		s.LiveMs = s.LatencyMs + ms(o.period)
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
		s.Inputs = append(s.Inputs, InputStatus{
			Name: in.name, Started: in.Started(), Missed: in.Missed(), Behind: behind,
			NeedUs: micros(in.need.Load()), BudgetUs: micros(in.budget.Load()), Thread: in.Account(),
		})
	}
	for i := range o.streamSlots {
		if t := o.streamSlots[i].Load(); t != nil {
			s.Streams = append(s.Streams, t.status())
		}
	}
	return s
}

func (o *Output) asks(a *asking) bool { return !o.dev.Offline() && !a.no.Load() }

func (o *Output) reserved(i int) machine.Duration {
	return machine.Duration(o.sizes.granted[i].Load())
}

// Time is what the input needs for its next window, and what it may take for this
// one, 0 if there is no limit. Any goroutine may ask.
func (in *Input) Time() (need, budget machine.Duration) {
	return machine.Duration(in.need.Load()), machine.Duration(in.budget.Load())
}

// Account is how rendering for the input fares, in processor time. Any goroutine may
// ask.
func (in *Input) Account() ThreadStatus { return in.account.status(in.name, false, 0) }

func (s *Stream) status() StreamStatus {
	st, c := s.in.Stats(), s.in.Config()
	t := StreamStatus{
		Name: s.options.Name, Rate: s.in.Rate(), Channels: c.Channels, Format: c.Format.String(), Quality: c.Quality.String(),
		Playing: s.in.Running(), Written: s.in.Written(), BufferMs: st.BufferMs, Underruns: st.Dry, Late: st.Late, TrimPPM: st.TrimPPM,
	}
	if i, err := s.Info(nil); err == nil {
		t.Played, t.LatencyMs = i.Played, i.Latency.Seconds()*1000
	}
	return t
}
