//go:build tamago && arm

package main

import (
	"github.com/mmlite/mmlite/boards/driver/bcm2835"
	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/mixer/output"
)

// What the card plays with.
const (
	soundRate   = 44100
	soundPeriod = 256
	soundQueue  = 4
)

// jack is where the two channels of the PWM come out, as boards with 40 pins have it:
// PWM1 is the left side. From the 3 on its pin is another one.
func jack(revision uint32) (pins [2]int) {
	const newStyle, models, pi3 = 1 << 23, 0xFF, 0x08
	if revision&newStyle != 0 && revision>>4&models >= pi3 {
		return [2]int{40, 41}
	}
	return [2]int{40, 45}
}

// sound opens the audio jack. In QEMU there is none.
func (p *pi) sound() (output.Device, error) {
	channel, err := p.box.DMAChannel()
	if err != nil {
		return nil, err
	}
	cpu.ConfigureMMU(dmaAt, dmaEnd, 0, uncached)
	memory, err := reg.Bytes(dmaAt, uint64(bcm2835.SoundSize(soundPeriod)))
	if err != nil {
		return nil, err
	}
	d, err := bcm2835.OpenSound(bcm2835.SoundConfig{
		Registers: direct{}, Channel: channel, Memory: memory, Address: dmaAt, Clock: p.machine,
		Rate: soundRate, Period: soundPeriod, Queue: soundQueue, Pins: jack(p.revision), Swapped: true,
	})
	if err != nil {
		return nil, err
	}
	p.playing = d
	return d, nil
}
