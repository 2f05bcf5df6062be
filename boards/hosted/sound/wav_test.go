package sound

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	gowav "github.com/go-audio/wav"

	"github.com/mmlite/mmlite/mixer/format"
)

// ramp is a period of recognisable samples.
func ramp(d Device, start int) []float32 {
	p := make([]float32, d.Period()*d.Channels())
	for i := range p {
		p[i] = float32((start+i)%2000-1000) / 32768 * 16
	}
	return p
}

func writeAll(t testing.TB, d Device, periods int) {
	t.Helper()
	for i := range periods {
		if err := d.Write(ramp(d, i*d.Period()*d.Channels())); err != nil {
			t.Fatal(err)
		}
	}
}

// What is written is what another program's reader reads.
func TestWAVIsReadByAnotherReader(t *testing.T) {
	for _, c := range []struct {
		format   format.Format
		channels int
	}{{format.S16, 2}, {format.S16, 1}, {format.S24, 2}, {format.S24, 1}, {format.S16, 6}} {
		path := filepath.Join(t.TempDir(), "tune.wav")
		d := mustOpen(t, path, Config{Rate: 48000, Channels: c.channels, Format: c.format, Period: 257})
		if !d.Offline() || d.Wake() != nil || d.Rate() != 48000 {
			t.Error("a file claims to have a clock")
		}
		writeAll(t, d, 302)
		if f, _ := d.Position(); f != 302*257 {
			t.Errorf("position %d", f)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		dec := gowav.NewDecoder(bytes.NewReader(raw))
		buf, err := dec.FullPCMBuffer()
		if err != nil {
			t.Fatal(err)
		}
		bits := 8 * c.format.Bytes()
		if int(dec.NumChans) != c.channels || dec.SampleRate != 48000 || int(dec.BitDepth) != bits {
			t.Errorf("%v: read as %d channels, %d Hz, %d bits", c, dec.NumChans, dec.SampleRate, dec.BitDepth)
		}
		if len(buf.Data) != 302*257*c.channels {
			t.Fatalf("%v: %d samples", c, len(buf.Data))
		}
		for i, v := range buf.Data {
			if want := (i%2000 - 1000) * 16 << (bits - 16); v != want {
				t.Fatalf("%v: sample %d is %d, want %d", c, i, v, want)
			}
		}
		if size := 8 + int(raw[4]) + int(raw[5])<<8 + int(raw[6])<<16; size != len(raw) {
			t.Errorf("%v: the header says %d bytes, there are %d", c, size, len(raw))
		}
	}
}

// Chunks are padded to even length, and the padding counts in the outer size alone.
func TestWAVPadsAnOddNumberOfBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tune.wav")
	d := mustOpen(t, path, Config{Channels: 1, Format: format.S24, Period: 257})
	writeAll(t, d, 1)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	outer, inner := binary.LittleEndian.Uint32(raw[4:]), binary.LittleEndian.Uint32(raw[40:])
	if len(raw) != 44+257*3+1 || outer != 36+257*3+1 || inner != 257*3 {
		t.Errorf("%d bytes, sizes %d and %d", len(raw), outer, inner)
	}
}

func TestWAVFloatIsReadBySox(t *testing.T) {
	sox, err := exec.LookPath("sox")
	if err != nil {
		t.Skip("sox is not installed")
	}
	for _, channels := range []int{2, 3} {
		path := filepath.Join(t.TempDir(), "tune.wav")
		d := mustOpen(t, "wav:"+path, Config{Channels: channels, Format: format.F32})
		writeAll(t, d, 20)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		var raw, complaint bytes.Buffer
		cmd := exec.Command(sox, path, "-t", "f32", "-")
		cmd.Stdout, cmd.Stderr = &raw, &complaint
		// Sox warns of every extensible header whose samples are floats, having read past the part it then misses.
		if err := cmd.Run(); err != nil || channels <= 2 && complaint.Len() > 0 {
			t.Fatalf("sox: %v %s", err, &complaint)
		}
		got := make([]float32, 20*256*channels+1)
		if n := format.Decode(got, raw.Bytes(), format.F32); n != 20*256*channels {
			t.Fatalf("sox read %d samples", n)
		}
		for i, v := range got[:len(got)-1] {
			if want := float32(i%2000-1000) / 32768 * 16; math.Abs(float64(v-want)) > 1e-6 {
				t.Fatalf("sample %d is %v, want %v", i, v, want)
			}
		}
	}
}

func TestWAVAppearsOnlyWhenComplete(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tune.wav")
	if err := os.WriteFile(path, []byte("older"), 0o644); err != nil {
		t.Fatal(err)
	}
	d := mustOpen(t, path, Config{})
	writeAll(t, d, 500)
	if old, _ := os.ReadFile(path); string(old) != "older" {
		t.Error("the older file was touched before Close")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("closing again gave %v", err)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 || entries[0].Name() != "tune.wav" {
		t.Errorf("left in the folder: %v", entries)
	}
	if err := d.Write(make([]float32, 512)); err != ErrClosed {
		t.Errorf("writing after Close gave %v", err)
	}
}

// A card that ends before anything sounded, as after a bank that cannot be read, has
// nothing to put in the place of the song of yesterday.
func TestWAVWithoutSoundReplacesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tune.wav")
	for _, older := range []string{"", "older"} {
		if older != "" {
			if err := os.WriteFile(path, []byte(older), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := mustOpen(t, path, Config{}).Close(); err != nil {
			t.Fatal(err)
		}
		entries, _ := os.ReadDir(dir)
		if b, _ := os.ReadFile(path); string(b) != older || len(entries) != len(older)/5 {
			t.Errorf("%q became %q, beside %v", older, b, entries)
		}
	}
}

// fullDisk takes so many bytes and no more.
type fullDisk struct{ room int }

func (f *fullDisk) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	}
	return len(b), nil
}
func (f *fullDisk) WriteAt(b []byte, _ int64) (int, error) { return len(b), nil }
func (f *fullDisk) Close() error                           { return nil }

func TestWAVOnAFullDisk(t *testing.T) {
	for _, room := range []int{0, 200_000} {
		cfg, _ := Config{}.filled()
		temporary := filepath.Join(t.TempDir(), ".part")
		if err := os.WriteFile(temporary, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := newWAV(&fullDisk{room}, filepath.Join(t.TempDir(), "tune.wav"), temporary, cfg)
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if err = d.Write(make([]float32, 512)); err != nil {
				break
			}
		}
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "disk is full") {
			t.Errorf("got %v", err)
		}
		if again := d.Close(); !errors.Is(again, syscall.ENOSPC) {
			t.Errorf("Close gave %v", again)
		}
		if _, err := os.Stat(temporary); !errors.Is(err, os.ErrNotExist) {
			t.Error("the partial file was left behind")
		}
	}
}

func TestWAVStopsBeforeItsSizesOverflow(t *testing.T) {
	cfg, _ := Config{}.filled()
	d, err := newWAV(struct {
		io.Writer
		io.WriterAt
		io.Closer
	}{io.Discard, &fullDisk{}, &fullDisk{}}, "long.wav", "", cfg)
	if err != nil {
		t.Fatal(err)
	}
	d.data = maxWave - 1500
	if err := d.Write(make([]float32, 512)); err != nil {
		t.Errorf("refused too early: %v", err)
	}
	if err := d.Write(make([]float32, 512)); err == nil || !strings.Contains(err.Error(), "4 GiB") {
		t.Errorf("got %v", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("what fitted is lost: %v", err)
	}
}

func TestWAVRefusals(t *testing.T) {
	dir := t.TempDir()
	for name, part := range map[string]string{
		"wav:":                                  "name of a file",
		"wav:" + filepath.Join(dir, "no/x.wav"): "no folder",
		"wav:" + dir:                            "it is a folder",
		"wav:" + os.DevNull:                     "device",
	} {
		if d, err := Open(name, Config{}); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, %v", name, d, err)
		}
	}
	if _, err := Open("wav:"+filepath.Join(dir, "x.wav"), Config{Format: format.U8}); err == nil {
		t.Error("8 bits accepted")
	}
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o500); err != nil {
		t.Fatal(err)
	}
	// Some may write everywhere: the system's own administrator, and all on Windows.
	if d, err := Open("wav:"+filepath.Join(closed, "x.wav"), Config{}); err == nil {
		d.Close()
	} else if !strings.Contains(err.Error(), "no right") {
		t.Errorf("a folder that may not be written: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("refusals left %v", entries)
	}
}

func TestWAVWriteAllocatesNothing(t *testing.T) {
	d := mustOpen(t, filepath.Join(t.TempDir(), "x.wav"), Config{Dither: true})
	period := make([]float32, 512)
	if n := testing.AllocsPerRun(500, func() { d.Write(period) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkWAV(b *testing.B) {
	for _, f := range []format.Format{format.S16, format.S24, format.F32} {
		b.Run(f.String(), func(b *testing.B) {
			cfg, _ := Config{Format: f}.filled()
			d, err := newWAV(struct {
				io.Writer
				io.WriterAt
				io.Closer
			}{io.Discard, &fullDisk{}, &fullDisk{}}, "x.wav", "", cfg)
			if err != nil {
				b.Fatal(err)
			}
			period := make([]float32, 512)
			for b.Loop() {
				d.data = 0
				if err := d.Write(period); err != nil {
					b.Fatal(err)
				}
			}
			frame := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / 256
			b.ReportMetric(frame, "ns/frame")
			b.ReportMetric(frame*44100*1e-6, "ms/s")
		})
	}
}
