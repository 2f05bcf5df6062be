package sound

import (
	"fmt"

	"github.com/mmlite/mmlite/mixer/format"
)

// Config is what a device is opened with. The zero value is good.
type Config struct {
	Rate     int           // frames per second; 0: the device's own, or 44100 if it has none
	Channels int           // 1 to 8; 0: 2
	Period   int           // frames; 0: 256
	Queue    int           // periods; 0: 3
	Format   format.Format // of a file: S16, S24 or F32; 0: S16
	Dither   bool          // of a file: triangular noise before rounding to integers
	Client   string        // what the system's mixer shows; "": mmlite
}

// Limits of a configuration.
const (
	minRate, maxRate     = 4000, 384_000
	minPeriod, maxPeriod = 16, 16_384
	maxQueue             = 64
)

const defaultRate = 44_100

// filled returns the configuration with zeros replaced, except the rate, or says what is wrong with it.
func (c Config) filled() (Config, error) {
	if c.Channels == 0 {
		c.Channels = 2
	}
	if c.Period == 0 {
		c.Period = 256
	}
	if c.Queue == 0 {
		c.Queue = 3
	}
	if c.Format == 0 {
		c.Format = format.S16
	}
	if c.Client == "" {
		c.Client = "mmlite"
	}
	switch {
	case c.Rate != 0 && (c.Rate < minRate || c.Rate > maxRate):
		return c, fmt.Errorf("sound: a rate of %d Hz; use %d to %d", c.Rate, minRate, maxRate)
	case c.Channels < 1 || c.Channels > format.MaxChannels:
		return c, fmt.Errorf("sound: %d channels; use 1 to %d", c.Channels, format.MaxChannels)
	case c.Period < minPeriod || c.Period > maxPeriod:
		return c, fmt.Errorf("sound: a period of %d frames; use %d to %d", c.Period, minPeriod, maxPeriod)
	case c.Queue < 1 || c.Queue > maxQueue:
		return c, fmt.Errorf("sound: a queue of %d periods; use 1 to %d", c.Queue, maxQueue)
	}
	return c, nil
}

func (c Config) rateOr(own int) int {
	if c.Rate != 0 {
		return c.Rate
	}
	if own != 0 {
		return own
	}
	return defaultRate
}
