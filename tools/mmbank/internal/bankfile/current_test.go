package bankfile

import (
	"bytes"
	"testing"

	"github.com/mmlite/mmlite/synth/gm"
	"github.com/mmlite/mmlite/tools/mmbank/internal/tune"
)

// The files under synth/gm are what this program writes, to the byte, on whatever processor the
// test runs.
func TestFilesAreCurrent(t *testing.T) {
	data, err := built().Encode()
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "gm.dls", gm.Bank(), data)
	song, err := tune.Overture()
	if err != nil {
		t.Fatal(err)
	}
	name, smf := gm.Tune()
	compare(t, "overture.mid", smf, song)
	if name != tune.Title {
		t.Errorf("tune is called %q, its title is %q", name, tune.Title)
	}
}

func compare(t *testing.T, name string, embedded, generated []byte) {
	t.Helper()
	if bytes.Equal(embedded, generated) {
		return
	}
	for i := range min(len(embedded), len(generated)) {
		if embedded[i] != generated[i] {
			t.Fatalf("%s (%d bytes) is not what mmbank generates (%d bytes): they part at byte %d; "+
				"run: go run ./tools/mmbank -o synth/gm/gm.dls -tune synth/gm/overture.mid",
				name, len(embedded), len(generated), i)
		}
	}
	t.Fatalf("%s has %d bytes, mmbank generates %d", name, len(embedded), len(generated))
}
