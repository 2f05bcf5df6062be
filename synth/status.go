package synth

import (
	"slices"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/mixer/output"
)

func micros(d machine.Duration) float64 { return float64(d) / float64(machine.Microsecond) }

// Status is what can be said of a synthesizer, for /status/synth.
type Status struct {
	Voices     uint32       `json:"voices"` // sounding now
	PeakVoices uint32       `json:"peak_voices"`
	Reserved   int          `json:"reserved_voices"`
	Ports      []PortStatus `json:"ports"`
	// Channels are those that sound or were given an instrument, and the drums.
	Channels []ChannelStatus `json:"channels"`
	Banks    []BankStatus    `json:"banks"`
	Clients  []ClientStatus  `json:"clients"`
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
	NotLoaded   uint64  `json:"not_loaded"`
	Missed      uint64  `json:"missed"`
	BusySeconds float64 `json:"busy_seconds"`
	// Client is the activity on whose behalf the port was opened.
	Client string `json:"client"`
	// Limit is how many voices may sound at the moment, for want of time; Cut counts
	// those that were ended for that.
	Limit uint32 `json:"limit"`
	Cut   uint64 `json:"cut"`
	// NeedUs is the processor time that the next window is expected to take, BudgetUs
	// what this one may, in microseconds; 0: no limit.
	NeedUs   float64 `json:"need_us"`
	BudgetUs float64 `json:"budget_us"`
	// Thread is what windows took.
	Thread output.ThreadStatus `json:"thread"`
	// LiveLatency is from a live message to its first sample at the device's end.
	LiveLatency DelayStatus `json:"live_latency_ms"`
}

// ClientStatus is what the ports of a client used.
type ClientStatus struct {
	Client      string  `json:"client"`
	Ports       int     `json:"ports"`
	Voices      uint32  `json:"voices"`
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
	Bytes   uint64 `json:"bytes"` // tables and loaded samples
	File    uint64 `json:"file_bytes"`
	Presets uint32 `json:"presets"`
	Samples uint32 `json:"samples"` // loaded
	Failed  uint32 `json:"failed_samples"`
	Refs    uint32 `json:"refs"`
}

// statusTimeout is how long a port has to say what is on its channels.
const statusTimeout = 100 * machine.Millisecond

// Status returns what can be said now. Channels are there if the caller is a
// thread: the ports' threads have to be asked, and are given up on soon.
func (f *Factory) Status() Status {
	s := Status{
		Reserved: int(f.all.voices.Load()),
		Ports:    []PortStatus{}, Channels: []ChannelStatus{}, Banks: []BankStatus{}, Clients: []ClientStatus{},
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
		s.charge(&ps)
		s.Channels = p.describeChannels(s.Channels)
		p.Release()
	}
	return s
}

// charge adds a port to what its client uses.
func (s *Status) charge(p *PortStatus) {
	i := slices.IndexFunc(s.Clients, func(c ClientStatus) bool { return c.Client == p.Client })
	if i < 0 {
		i = len(s.Clients)
		s.Clients = append(s.Clients, ClientStatus{Client: p.Client})
	}
	c := &s.Clients[i]
	c.Ports++
	c.Voices += p.Voices
	c.BusySeconds += p.BusySeconds
}

func (k *Bank) describe() BankStatus {
	i, _ := k.Info(nil) // it has no errors
	return BankStatus{
		Name: i.Name, Format: i.Format, Bytes: i.Bytes, File: i.File, Presets: i.Presets,
		Samples: i.Samples, Failed: i.Failed, Refs: k.Refs(),
	}
}

func (p *Port) describe() PortStatus {
	i, _ := p.Info(nil) // it has no errors
	need, budget := p.in.Time()
	return PortStatus{
		Name: p.name, Bank: p.bank.info.Name, Started: p.in.Started(), Frame: i.Frame, Heard: i.Heard, Queued: i.Queued,
		Voices: i.Voices, PeakVoices: i.PeakVoices, Quota: p.voices, Late: i.Late, Stolen: i.Stolen, Dropped: i.Dropped, NotLoaded: i.NotLoaded,
		Missed: i.Missed, BusySeconds: i.Busy.Seconds(),
		Client: p.client, Limit: p.limit.Load(), Cut: p.cut.Load(), NeedUs: micros(need), BudgetUs: micros(budget),
		Thread: p.in.Account(), LiveLatency: p.delays.status(),
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
