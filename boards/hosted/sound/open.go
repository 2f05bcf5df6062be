package sound

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

// Info describes a device that could be opened.
type Info struct {
	Name        string `json:"name"` // what Open takes
	Description string `json:"description"`
	Rate        int    `json:"rate"`     // its own, frames per second; 0: whatever is asked for
	RealTime    bool   `json:"realtime"` // it plays by a clock
	Default     bool   `json:"default"`  // Open("") would take it
	Available   bool   `json:"available"`
	Reason      string `json:"reason,omitempty"` // why it is not available, and what would help
}

// List says which devices there are, the ones to prefer first.
func List() []Info {
	list := append(listPulse(), listOto())
	if runtime.GOOS != "linux" {
		list = append([]Info{listOto()}, listPulse()...)
	}
	for i := range list {
		if list[i].Available {
			list[i].Default = true
			break
		}
	}
	return append(list,
		Info{Name: "wav:FILE.wav", Description: "a WAV file, written as fast as the card renders", Available: true},
		Info{Name: "null", Description: "plays to nobody, at the right speed", RealTime: true, Available: true})
}

func listOto() Info {
	system := map[string]string{"darwin": "Core Audio", "windows": "WASAPI", "linux": "ALSA"}[runtime.GOOS]
	info := Info{Name: "oto", Description: strings.TrimSpace(system + " through oto"), RealTime: true, Available: true}
	if err := otoReason(); err != nil {
		info.Available, info.Reason = false, err.Error()
	}
	return info
}

func listPulse() []Info {
	info := Info{Name: "pulse", Description: "PulseAudio or PipeWire, the session's default sink", RealTime: true}
	refuse := func(err error) []Info {
		info.Reason = strings.TrimPrefix(err.Error(), "sound: ")
		return []Info{info}
	}
	server, err := dialPulse("mmlite", func(any) {})
	if err != nil {
		return refuse(err)
	}
	defer server.Close()
	standard, err := server.sink("")
	if err != nil {
		return refuse(err)
	}
	info.Available, info.Rate = true, int(standard.Rate)
	info.Description += " (" + standard.Device + ")"
	list := []Info{info}
	sinks, err := server.sinks()
	if err != nil {
		return list
	}
	for _, s := range sinks {
		list = append(list, Info{Name: "pulse:" + s.SinkName, Description: s.Device, Rate: int(s.Rate), RealTime: true, Available: true})
	}
	return list
}

// Open opens a device by name: "pulse", "pulse:SINK", "oto", "null", "wav:FILE", or just the name of a file that ends in .wav.
// The empty name is the best available device that plays to somebody; if there is none, the error is ErrNoDevice and says why
// each was not available.
func Open(name string, cfg Config) (Device, error) {
	cfg, err := cfg.filled()
	if err != nil {
		return nil, err
	}
	kind, argument, _ := strings.Cut(name, ":")
	switch {
	case name == "":
		return openBest(cfg)
	case kind == "wav":
		return openWAV(argument, cfg)
	case isWAVName(name):
		return openWAV(name, cfg)
	case kind == "pulse":
		return openPulse(argument, cfg)
	case name == "null":
		return openNull(cfg)
	case name == "oto":
		return openOto(cfg)
	}
	return nil, fmt.Errorf("sound: there is no device %q; mmlite devices lists those there are", name)
}

func openBest(cfg Config) (Device, error) {
	pulse := func() (Device, error) { return openPulse("", cfg) }
	oto := func() (Device, error) { return openOto(cfg) }
	order := []func() (Device, error){pulse, oto}
	if runtime.GOOS != "linux" {
		order = []func() (Device, error){oto, pulse}
	}
	failures := []error{ErrNoDevice}
	for _, open := range order {
		d, err := open()
		if err == nil {
			return d, nil
		}
		failures = append(failures, err)
	}
	return nil, fmt.Errorf("%w\nrender to a file instead, as with wav:tune.wav, or play to nobody with null", errors.Join(failures...))
}
