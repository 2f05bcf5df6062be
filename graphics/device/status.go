package device

import "github.com/mmlite/mmlite/graphics/display"

// Status is /status/graphics.
type Status struct {
	Screen  display.Status `json:"screen"`
	Bytes   int64          `json:"bytes"` // of surfaces and buffers
	Devices []DeviceStatus `json:"devices"`
}

// DeviceStatus describes a device.
type DeviceStatus struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	Blits uint64 `json:"blits"`
	// Pixels are those written by blits.
	Pixels uint64 `json:"pixels"`
	Flips  uint64 `json:"flips"`
	// Coarse is in how many halvings of the screen's resolution the layers of its client
	// were composed last, Shed how many frames were, and LeftOut how many layers of these.
	Coarse  uint32 `json:"coarse,omitempty"`
	Shed    uint64 `json:"shed,omitempty"`
	LeftOut uint64 `json:"left_out,omitempty"`
}

// Status describes the factory. Any goroutine may ask.
func (f *Factory) Status() Status {
	s := Status{Screen: f.screen.Status(), Bytes: f.quota.bytes.Load(), Devices: []DeviceStatus{}}
	for i := range f.devices {
		if d := f.devices[i].Load(); d != nil {
			shed, left := d.time.Shed()
			s.Devices = append(s.Devices, DeviceStatus{
				Coarse: d.time.Coarse(), Shed: shed, LeftOut: left,
				Name: d.name, Bytes: d.bytes.Load(), Blits: d.blitted.Load(), Pixels: d.pixels.Load(), Flips: d.flips.Load(),
			})
		}
	}
	return s
}
