package hosted

import (
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/hostdriver/pci"
)

// DefaultWindow is the size of a window in bytes unless Config says otherwise.
const DefaultWindow = 64 << 20

// openWindow has programs come in through a file, as they do through the memory of
// a PCI device.
func (b *board) openWindow() error {
	size := b.cfg.WindowSize
	if size == 0 {
		size = DefaultWindow
	}
	mem, release, err := pci.Create(b.cfg.Window, size)
	if err != nil {
		return err
	}
	b.window = release
	doors, err := link.FormatDoors(mem, b.card.Generation(), true)
	if err != nil {
		return err
	}
	return b.server.ServeDoors(doors, "the window "+b.cfg.Window, nil)
}
