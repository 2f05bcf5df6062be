//go:build tamago && amd64

package main

import (
	"github.com/mmlite/mmlite/boards/driver/ac97"
	"github.com/mmlite/mmlite/boards/qemupc/pc"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/mixer/output"
)

// sound opens the sound device.
func (b *board) sound() (output.Device, error) {
	dev, err := b.bus.Find(ac97.Vendor, ac97.ID)
	if err != nil {
		return nil, err
	}
	dev.Enable()
	mixer, err := dev.Registers(0)
	if err != nil {
		return nil, err
	}
	master, err := dev.Registers(1)
	if err != nil {
		return nil, err
	}
	size := ac97.AreaSize(b.settings.period)
	if size > len(b.dma) {
		return nil, com.Errorf(com.ErrNoMemory, "no memory for its buffers")
	}
	at := pc.DMAStart + pc.DMASize - len(b.dma)
	area := b.dma[:size:size]
	b.dma = b.dma[(size+63)&^63:]
	d, err := ac97.Open(ac97.Config{
		Mixer: mixer, Master: master, DMA: area, Address: uint32(at), Clock: b.machine,
		Rate: b.settings.rate, Period: b.settings.period, Queue: b.settings.queue,
	})
	if err != nil {
		return nil, err
	}
	line, err := dev.Line()
	if err == nil {
		var v uint8
		if v, err = pc.NewVector(func() { d.Interrupt() }); err == nil {
			err = pc.Line(line, v, true)
		}
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}
