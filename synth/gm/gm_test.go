package gm

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/gomidi/midi/v2"
	"gitlab.com/gomidi/midi/v2/smf"

	"github.com/mmlite/mmlite/synth/dls"
)

func TestBankIsComplete(t *testing.T) {
	if n := len(Bank()); n >= 2_000_000 {
		t.Errorf("the bank has %d bytes, 2 MB is the limit", n)
	}
	b, notes, err := dls.Parse(Bank(), dls.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notes {
		t.Errorf("the reader remarks: %v", n)
	}
	for program := range 128 {
		p := b.Find(false, 0, 0, uint8(program))
		if p == nil {
			t.Errorf("no program %d", program)
			continue
		}
		for key := range 128 {
			if n := len(p.Key(key)); n != 1 {
				t.Errorf("program %d %q: %d regions at key %d", program, p.Name, n, key)
			}
		}
	}
	kit := b.Find(true, 0, 0, 0)
	if kit == nil {
		t.Fatal("no drum kit")
	}
	for key := 35; key <= 81; key++ {
		if n := len(kit.Key(key)); n != 1 {
			t.Errorf("drum kit: %d regions at key %d", n, key)
		}
	}
}

func TestTuneIsGeneralMIDI(t *testing.T) {
	name, data := Tune()
	if name == "" {
		t.Error("the tune has no name")
	}
	song, err := smf.ReadFrom(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	programs, drums := map[uint8]bool{}, map[uint8]bool{}
	var bends, expressions, last int64
	for _, track := range song.Tracks {
		var tick int64
		sounding := map[[2]uint8]int{}
		for _, e := range track {
			tick += int64(e.Delta)
			var channel, key, value uint8
			var relative int16
			var absolute uint16
			switch m := midi.Message(e.Message); {
			case m.GetNoteStart(&channel, &key, &value):
				sounding[[2]uint8{channel, key}]++
				if channel == 9 {
					drums[key] = true
				}
			case m.GetNoteEnd(&channel, &key):
				sounding[[2]uint8{channel, key}]--
			case m.GetProgramChange(&channel, &value):
				programs[value/8] = programs[value/8] || channel != 9
			case m.GetPitchBend(&channel, &relative, &absolute):
				bends++
			case m.GetControlChange(&channel, &key, &value) && key == 11:
				expressions++
			}
		}
		for note, n := range sounding {
			if n != 0 {
				t.Errorf("channel %d key %d: %d notes started and not ended", note[0]+1, note[1], n)
			}
		}
		last = max(last, tick)
	}
	seconds := song.TimeAt(last) / 1_000_000
	if seconds < 45 || seconds > 65 {
		t.Errorf("the tune lasts %d seconds", seconds)
	}
	if len(programs) < 8 || len(drums) < 12 || bends == 0 || expressions == 0 {
		t.Errorf("%d families, %d drums, %d bends, %d expressions: too little to try a bank on",
			len(programs), len(drums), bends, expressions)
	}
}

// An independent reader has no complaint either.
func TestDlsdump(t *testing.T) {
	tool, err := exec.LookPath("dlsdump")
	if err != nil {
		t.Skip("dlsdump of gigtools is not installed")
	}
	path := filepath.Join(t.TempDir(), "gm.dls")
	if err := os.WriteFile(path, Bank(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text := string(out)
	for _, want := range []string{"Grand Piano", "Gunshot", "Standard Kit"} {
		if !strings.Contains(text, want) {
			t.Errorf("dlsdump does not list %q", want)
		}
	}
	for _, bad := range []string{"warning", "error", "invalid"} {
		if strings.Contains(strings.ToLower(text), bad) {
			t.Errorf("dlsdump says %q:\n%s", bad, text)
		}
	}
}
