//go:build tamago && amd64

package main

import (
	"github.com/mmlite/mmlite/boards/driver/ivshmem"
	"github.com/mmlite/mmlite/boards/qemupc/pc"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/mmd"
)

// hasWindow reports whether there is a device for the link.
func (b *board) hasWindow() bool {
	_, err := b.bus.Find(ivshmem.Vendor, ivshmem.ID)
	return err == nil
}

// window opens the link.
func (b *board) window(card *firmware.Card, server *mmd.Server) error {
	dev, err := b.bus.Find(ivshmem.Vendor, ivshmem.ID)
	if err != nil {
		return err
	}
	w, err := ivshmem.Open(dev)
	if err != nil {
		return err
	}
	bells := w.Bells()
	if bells {
		var v uint8
		if v, err = pc.NewVector(func() {}); err == nil { // who sleeps looks at the words
			err = w.Enable(pc.MessageAddress, uint32(v))
		}
		if err != nil {
			return err
		}
	} else {
		b.machine.SetSilent(true)
	}
	doors, err := link.FormatDoors(w.Window(), card.Generation(), bells)
	if err != nil {
		return err
	}
	if bells {
		doors.SetNumber(w.ID())
	}
	return server.ServeDoors(doors, "PCI", func(peer uint32, _ *uint32) { w.Ring(peer) })
}
