//go:build !linux

package pci

import (
	"runtime"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

type memory struct {
	bytes  []byte
	device bool
}

type bells struct{ own uint32 }

var errSystem = com.Errorf(com.ErrNotSupported, "cards behind a PCI window are reached from Linux; this is %s", runtime.GOOS)

func openMemory(string, machine.Machine) (*memory, *bells, error) { return nil, nil, errSystem }
func (m *memory) claim(int) (int, error)                          { return 0, errSystem }
func (m *memory) close() error                                    { return nil }
func (m *memory) replace() error                                  { return errSystem }
func (b *bells) ring(*uint32)                                     {}
func (b *bells) listen(func())                                    {}
func (b *bells) close() error                                     { return nil }

func (m *memory) ringer(uint16) func(*uint32) { return nil }

func devices() ([]string, error) { return nil, errSystem }

// Create makes the file of a window, for a card that is a process.
func Create(string, int) (mem []byte, release func() error, err error) { return nil, nil, errSystem }
