package synth

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Status is what can be said of a synthesizer, for /status/synth.
type Status struct {
	Voices     uint32       `json:"voices"` // sounding now
	PeakVoices uint32       `json:"peak_voices"`
	Reserved   int          `json:"reserved_voices"`
	Ports      []PortStatus `json:"ports"`
	// Channels are those that sound or were given an instrument, and the drums.
	Channels []ChannelStatus `json:"channels"`
	Banks    []BankStatus    `json:"banks"`
}

// PortStatus is what can be said of a port.
type PortStatus struct {
	Name        string  `json:"name"`
	Bank        string  `json:"bank"`
	Started     bool    `json:"started"`
	Frame       uint64  `json:"frame"`
	Heard       uint64  `json:"heard"`
	Queued      uint32  `json:"queued"`
	Voices      uint32  `json:"voices"`
	PeakVoices  uint32  `json:"peak_voices"`
	Quota       int     `json:"quota"`
	Late        uint64  `json:"late"`
	Stolen      uint64  `json:"stolen"`
	Dropped     uint64  `json:"dropped"`
	Missed      uint64  `json:"missed"`
	BusySeconds float64 `json:"busy_seconds"`
}

// ChannelStatus is what can be said of a channel.
type ChannelStatus struct {
	Port       string `json:"port"`
	Channel    int    `json:"channel"` // from 1
	Bank       uint16 `json:"bank"`
	Program    int    `json:"program"` // from 1
	Drums      bool   `json:"drums"`
	Instrument string `json:"instrument"`
	Voices     uint32 `json:"voices"`
}

// BankStatus is what can be said of a loaded bank.
type BankStatus struct {
	Name    string `json:"name"`
	Format  string `json:"format"`
	Bytes   uint64 `json:"bytes"`
	Presets uint32 `json:"presets"`
	Refs    uint32 `json:"refs"`
}

// statusTimeout is how long a port has to say what is on its channels.
const statusTimeout = 100 * machine.Millisecond

// Status returns what can be said now. Channels are there if the caller is a
// thread: the ports' threads have to be asked, and are given up on soon.
func (f *Factory) Status() Status {
	s := Status{
		Reserved: int(f.all.voices.Load()),
		Ports:    []PortStatus{}, Channels: []ChannelStatus{}, Banks: []BankStatus{},
	}
	if k := f.builtIn.Load(); k != nil {
		s.Banks = append(s.Banks, k.describe())
	}
	for i := range f.banks {
		if k := f.banks[i].Load(); k != nil {
			s.Banks = append(s.Banks, k.describe())
		}
	}
	for i := range f.ports {
		p := f.ports[i].Load()
		if p == nil || p.AddRef() == 0 {
			continue
		}
		ps := p.describe()
		s.Voices += ps.Voices
		s.PeakVoices += ps.PeakVoices
		s.Ports = append(s.Ports, ps)
		s.Channels = p.describeChannels(s.Channels)
		p.Release()
	}
	return s
}

func (k *Bank) describe() BankStatus {
	return BankStatus{k.info.Name, k.info.Format, k.info.Bytes, k.info.Presets, k.Refs()}
}

func (p *Port) describe() PortStatus {
	i, _ := p.Info(nil) // it has no errors
	return PortStatus{
		Name: p.name, Bank: p.bank.info.Name, Started: p.in.Started(), Frame: i.Frame, Heard: i.Heard, Queued: i.Queued,
		Voices: i.Voices, PeakVoices: i.PeakVoices, Quota: p.voices, Late: i.Late, Stolen: i.Stolen, Dropped: i.Dropped,
		Missed: i.Missed, BusySeconds: i.Busy.Seconds(),
	}
}

func (p *Port) describeChannels(list []ChannelStatus) []ChannelStatus {
	if thread.Current() == nil {
		return list
	}
	channels, err := p.ask(nil, thread.Now().Add(statusTimeout))
	if err != nil {
		return list
	}
	for n, c := range channels {
		if c.Voices > 0 || c.Program != 0 || c.Bank != 0 || c.Drums {
			list = append(list, ChannelStatus{p.name, n + 1, c.Bank, int(c.Program) + 1, c.Drums, c.Name, c.Voices})
		}
	}
	return list
}
