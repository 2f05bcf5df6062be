//go:build !linux

package midiin

import (
	"os"

	"github.com/mmlite/mmlite/firmware/com"
)

func open(path string) (*os.File, error) { return os.Open(path) }

func openSequencer(string) (Source, error) {
	return nil, com.Errorf(com.ErrNotSupported, "only Linux has the ALSA sequencer; on this system MIDI comes through standard input (-) or a device file")
}

func listSequencer() []Listed { return nil }
