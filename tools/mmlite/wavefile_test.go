package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

// chunk16 is a chunk of a RIFF file.
func chunk16(id string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(data)))
	b = append(b, data...)
	return append(b, make([]byte, len(data)&1)...)
}

func formatChunk(tag, channels uint16, rate uint32, bits uint16, more ...byte) []byte {
	frame := channels * bits / 8
	b := binary.LittleEndian.AppendUint16(nil, tag)
	b = binary.LittleEndian.AppendUint16(b, channels)
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, rate*uint32(frame))
	b = binary.LittleEndian.AppendUint16(b, frame)
	b = binary.LittleEndian.AppendUint16(b, bits)
	return chunk16("fmt ", append(b, more...))
}

func waveFile(chunks ...[]byte) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WAVE")
	for _, c := range chunks {
		b = append(b, c...)
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

func TestReadingWaveFiles(t *testing.T) {
	data := chunk16("data", []byte("123456789abc"))
	extensible := append([]byte{22, 0, 24, 0, 3, 0, 0, 0, 1, 0}, make([]byte, 14)...)
	streaming := append(chunk16("data", nil)[:4], 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3)
	for _, c := range []struct {
		file   []byte
		format audio.SampleFormat
		frame  int
		frames uint64
		bytes  string
	}{
		{waveFile(formatChunk(1, 2, 44100, 16), data), audio.S16, 4, 3, "123456789abc"},
		{waveFile(chunk16("LIST", []byte("odd")), formatChunk(1, 1, 8000, 8), chunk16("x", []byte{1})[:0], data, chunk16("id3 ", []byte("more"))), audio.U8, 1, 12, "123456789abc"},
		{waveFile(formatChunk(3, 1, 96000, 32, 0, 0, 0), chunk16("fact", []byte("1234")), data), audio.F32, 4, 3, "123456789abc"},
		{waveFile(formatChunk(1, 1, 1, 32), data), audio.S32, 4, 3, "123456789abc"},
		{waveFile(formatChunk(0xFFFE, 3, 48000, 24, extensible...), data), audio.S24, 9, 1, "123456789"},
		{waveFile(formatChunk(1, 1, 44100, 16), streaming), audio.S16, 2, 0, "\x01\x02"},
		{waveFile(formatChunk(1, 2, 44100, 16), data[:16]), audio.S16, 4, 3, "12345678"}, // cut short
	} {
		w, err := readWave(bytes.NewReader(c.file))
		if err != nil {
			t.Errorf("%q: %v", c.file, err)
			continue
		}
		var got []byte
		buf := make([]byte, 10)
		for {
			n, err := w.next(buf)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			got = append(got, buf[:n]...)
		}
		if w.format != c.format || w.frame != c.frame || w.frames != c.frames || string(got) != c.bytes {
			t.Errorf("%q: %+v, %q", c.file, w, got)
		}
	}
	for _, c := range []struct {
		file []byte
		code com.Code
	}{
		{nil, com.ErrProtocol},
		{[]byte("RIFF1234AVI LIST"), com.ErrProtocol},
		{waveFile(), com.ErrCorrupt},
		{waveFile(data), com.ErrCorrupt},
		{waveFile(formatChunk(1, 2, 44100, 16)), com.ErrCorrupt},
		{waveFile(chunk16("fmt ", []byte("short")), data), com.ErrCorrupt},
		{waveFile(formatChunk(1, 2, 44100, 16)[:20]), com.ErrCorrupt},
		{waveFile(formatChunk(1, 2, 0, 16), data), com.ErrCorrupt},
		{waveFile(formatChunk(1, 0, 44100, 16), data), com.ErrNotSupported},
		{waveFile(formatChunk(1, 9, 44100, 16), data), com.ErrNotSupported},
		{waveFile(formatChunk(2, 2, 44100, 4), data), com.ErrNotSupported},
		{waveFile(formatChunk(3, 2, 44100, 64), data), com.ErrNotSupported},
		{append(waveFile(formatChunk(1, 1, 44100, 16)), "LIST\xFF\xFF\xFF\xFFx"...), com.ErrCorrupt},
	} {
		if _, err := readWave(bytes.NewReader(c.file)); com.CodeOf(err) != c.code {
			t.Errorf("%q: %v", c.file, err)
		}
	}
}

func FuzzReadWave(f *testing.F) {
	f.Add(waveFile(formatChunk(1, 2, 44100, 16), chunk16("data", []byte("12345678"))))
	f.Fuzz(func(t *testing.T, file []byte) {
		w, err := readWave(bytes.NewReader(file))
		if err != nil {
			return
		}
		if w.channels < 1 || w.channels > 8 || w.rate == 0 || w.frame < 1 || w.frame > 32 {
			t.Fatalf("%+v", w)
		}
		buf := make([]byte, 100)
		for total := 0; ; {
			n, err := w.next(buf)
			if err != nil || n%w.frame != 0 || total > len(file) {
				t.Fatalf("%d bytes after %d, %v", n, total, err)
			}
			if n == 0 {
				return
			}
			total += n
		}
	})
}

// A WAV file goes through a card of another rate into another WAV file, the same
// each time, and songs before and after it sound too.
func TestPlayingAWaveFile(t *testing.T) {
	dir := shortFolder(t)
	samples := make([]byte, 0, 4*24000)
	for i := range 24000 {
		v := uint16(int16(16384 * math.Sin(2*math.Pi*1000*float64(i)/48000)))
		samples = binary.LittleEndian.AppendUint16(samples, v)
		samples = binary.LittleEndian.AppendUint16(samples, -v)
	}
	tone := filepath.Join(dir, "tone.wav")
	if err := os.WriteFile(tone, waveFile(formatChunk(1, 2, 48000, 16), chunk16("data", samples)), 0o600); err != nil {
		t.Fatal(err)
	}
	play := func(name string, files ...string) (report, []byte) {
		t.Helper()
		path := filepath.Join(dir, name)
		out, errs, err := mmlite(t, dir, append([]string{"play", "--json", "--out", path}, files...)...)
		if err != nil {
			t.Fatalf("%v\n%s", err, errs)
		}
		var r report
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return r, b
	}
	r, b := play("a.wav", tone)
	if len(r.Songs) != 1 || math.Abs(r.AudioSeconds-0.5) > 0.05 || r.DryStreams != 0 {
		t.Errorf("%+v", r)
	}
	w, err := readWave(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(w.data)
	if err != nil || w.rate != 44100 || w.format != audio.S16 {
		t.Fatalf("%+v, %v", w, err)
	}
	power, crossings, low := 0.0, 0, true
	for i := 0; i+4 <= len(data); i += 4 {
		l, r := int16(binary.LittleEndian.Uint16(data[i:])), int16(binary.LittleEndian.Uint16(data[i+2:]))
		if d := int(l) + int(r); d < -2 || d > 2 {
			t.Fatalf("frame %d: %d and %d", i/4, l, r)
		}
		power += float64(l) * float64(l)
		switch {
		case l < -3000:
			low = true
		case l > 3000 && low:
			crossings, low = crossings+1, false
		}
	}
	if want := 22050 * 16384.0 * 16384 / 2; math.Abs(power-want) > 0.01*want || crossings < 498 || crossings > 501 {
		t.Errorf("a power of %g, want %g; %d periods, want 500", power, want, crossings)
	}
	song := filepath.Join(dir, "song.mid")
	if err := os.WriteFile(song, []byte("MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk\x00\x00\x00\x0c\x00\x90\x3c\x64\x60\x80\x3c\x00\x00\xff\x2f\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, b = play("b.wav", song, tone, song, tone)
	_, again := play("c.wav", song, tone, song, tone)
	if !bytes.Equal(b, again) {
		t.Error("the same files do not sound the same")
	}
	if strings.Join(r.Songs, " ") != "song tone song tone" || r.AudioSeconds < 3 || r.PeakVoices == 0 {
		t.Errorf("%+v", r)
	}
	if _, errs, err := mmlite(t, dir, "play", "--out", filepath.Join(dir, "d.wav"), filepath.Join(dir, "settings.go")); err == nil {
		t.Errorf("a file that is not there: %s", errs)
	}
}

// A client that is killed while its file plays leaves nothing on the card.
func TestAKilledClientsStreamGoes(t *testing.T) {
	dir := shortFolder(t)
	runCard(t, dir, "--name", "den")
	tone := filepath.Join(dir, "tone.wav")
	if err := os.WriteFile(tone, waveFile(formatChunk(1, 1, 8000, 16), chunk16("data", make([]byte, 16000*60))), 0o600); err != nil {
		t.Fatal(err)
	}
	client := command(t, dir, "play", "--card", "hosted:den", tone)
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	streams := func(want int) bool {
		for range 200 { // each look is a process and a call
			out, errs, err := mmlite(t, dir, "cat", "--json", "--card", "hosted:den", "/status/audio")
			if err != nil {
				t.Fatalf("%v\n%s", err, errs)
			}
			var s struct {
				Streams []struct {
					Playing bool `json:"playing"`
				} `json:"streams"`
			}
			if err := json.Unmarshal([]byte(out), &s); err != nil {
				t.Fatal(err)
			}
			if len(s.Streams) == want && (want == 0 || s.Streams[0].Playing) {
				return true
			}
		}
		return false
	}
	playing := streams(1)
	if err := client.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = client.Wait() // it was killed
	if !playing || !streams(0) {
		t.Errorf("the file played: %v; its stream is still there", playing)
	}
}
