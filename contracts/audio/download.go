package audio

import (
	"context"

	"github.com/mmlite/mmlite/firmware/com"
)

// Instrument is one instrument of a bank, downloaded: the card holds its
// articulation and the waves it plays. Waves that several instruments of a bank
// play are there once. The last release unloads it: waves that nobody else has
// go back to the card's memory. A port that plays it holds it.
//
//mm:contract
type Instrument interface {
	com.Unknown

	// Info describes the instrument.
	Info(ctx context.Context) (InstrumentInfo, error)
}

// InstrumentInfo describes a downloaded instrument.
type InstrumentInfo struct {
	Name      string
	Preset    Preset // what it was in its bank
	Low, High uint8  // the keys it was downloaded for
	Regions   uint32
	Waves     uint32 // that it plays
	Shared    uint32 // of those, that other instruments hold too
	Failed    uint32 // of those, that could not be read: they are silent
	Bytes     uint64 // card memory of its waves, shared ones included
}
