package image

import (
	"bytes"
	"crypto/ed25519"
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

func sample() *Image {
	i := &Image{Manifest: Manifest{Board: "raspberrypi", Version: "0.1.0", Components: []Component{{Name: "synth", Version: "0.1.0"}}}}
	i.Add(Part{Name: "kernel", Load: 0x10f000, Entry: 0x1b6b24}, bytes.Repeat([]byte("kernel"), 1000))
	i.Add(Part{Name: "dcd"}, []byte{1, 2, 3})
	return i
}

func encode(t testing.TB, i *Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if n, err := i.WriteTo(&b); err != nil || n != int64(b.Len()) {
		t.Fatal(n, err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, signed := range []bool{false, true} {
		i := sample()
		if signed {
			if err := i.Sign(key); err != nil {
				t.Fatal(err)
			}
		}
		b := encode(t, i)
		got, err := Read(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		p, data, err := got.Part("kernel")
		if err != nil || p.Entry != 0x1b6b24 || !bytes.Equal(data, i.Data[0]) || len(got.Manifest.Components) != 1 {
			t.Errorf("%+v %v", p, err)
		}
		if _, _, err := got.Part("nothing"); !errors.Is(err, com.ErrNotFound) {
			t.Error(err)
		}
		if !bytes.Equal(encode(t, got), b) {
			t.Error("what was read is written differently")
		}
		if err := got.Verify(nil); err != nil {
			t.Error(err)
		}
		err = got.Verify(key.Public().(ed25519.PublicKey))
		if signed && err != nil || !signed && !errors.Is(err, com.ErrPermission) {
			t.Errorf("signed %v: %v", signed, err)
		}
		if err := got.Verify(make(ed25519.PublicKey, keySize)); !errors.Is(err, com.ErrPermission) {
			t.Errorf("another's key: %v", err)
		}
	}
}

// TestEveryByteCounts: whatever byte of a signed image is changed, it is noticed.
func TestEveryByteCounts(t *testing.T) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	i := &Image{Manifest: Manifest{Board: "b", Version: "1"}}
	i.Add(Part{Name: "kernel"}, []byte("0123456789"))
	if err := i.Sign(key); err != nil {
		t.Fatal(err)
	}
	b := encode(t, i)
	trusted := key.Public().(ed25519.PublicKey)
	for at := range b {
		c := bytes.Clone(b)
		c[at] ^= 0x01
		got, err := Read(bytes.NewReader(c))
		if err == nil {
			err = got.Verify(trusted)
		}
		if err == nil {
			t.Errorf("byte %d of %d may be anything", at, len(b))
		}
		if _, err := Read(bytes.NewReader(b[:at])); !errors.Is(err, com.ErrCorrupt) {
			t.Errorf("cut at %d: %v", at, err)
		}
	}
	if _, err := Read(bytes.NewReader(append(bytes.Clone(b), 0))); !errors.Is(err, com.ErrCorrupt) {
		t.Errorf("more at the end: %v", err)
	}
}

func TestRefusesManifests(t *testing.T) {
	for name, change := range map[string]func(*Image){
		"no board":     func(i *Image) { i.Manifest.Board = "" },
		"a path":       func(i *Image) { i.Manifest.Board = "../x" },
		"no version":   func(i *Image) { i.Manifest.Version = "" },
		"no parts":     func(i *Image) { i.Manifest.Parts = nil },
		"twice a name": func(i *Image) { i.Manifest.Parts[1].Name = "kernel" },
		"a huge part":  func(i *Image) { i.Manifest.Parts[0].Size = MaxPart + 1 },
		"no sum":       func(i *Image) { i.Manifest.Parts[0].SHA256 = "12" },
	} {
		i := sample()
		change(i)
		if _, err := i.WriteTo(&bytes.Buffer{}); !errors.Is(err, com.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "sign")
	key, err := NewKeyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewKeyFile(path); !errors.Is(err, com.ErrExists) {
		t.Errorf("a key was overwritten: %v", err)
	}
	again, err := ReadKeyFile(path)
	if err != nil || !again.Equal(key) {
		t.Errorf("%v", err)
	}
	text := KeyText(key.Public().(ed25519.PublicKey))
	if k, err := ParseKey(text + "\n"); err != nil || !k.Equal(key.Public()) {
		t.Errorf("%s: %v", text, err)
	}
	for _, bad := range []string{"", "x", text[:40], text + text} {
		if _, err := ParseKey(bad); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadKeyFile(path); !errors.Is(err, com.ErrPermission) {
			t.Errorf("others may read it: %v", err)
		}
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path, []byte("no key\nAAAA\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKeyFile(path); !errors.Is(err, com.ErrCorrupt) {
		t.Error(err)
	}
}

// program is an ELF file of two pieces, the second with four bytes and eight zeros.
func program() []byte {
	le := binary.LittleEndian
	b := make([]byte, 0x34+2*32)
	copy(b, "\x7fELF\x01\x01\x01")
	le.PutUint16(b[16:], uint16(elf.ET_EXEC))
	le.PutUint16(b[18:], uint16(elf.EM_ARM))
	le.PutUint32(b[20:], 1)
	le.PutUint32(b[24:], 0x10100) // entry
	le.PutUint32(b[28:], 0x34)
	le.PutUint16(b[40:], 0x34)
	le.PutUint16(b[42:], 32)
	le.PutUint16(b[44:], 2)
	le.PutUint16(b[46:], 40)
	head := func(b []byte, offset, address, file, memory uint32) {
		for i, v := range []uint32{uint32(elf.PT_LOAD), offset, address, address, file, memory, 5, 4096} {
			le.PutUint32(b[4*i:], v)
		}
	}
	head(b[0x34:], 0, 0x10000, 0x104, 0x104)
	head(b[0x54:], 0x104, 0x12000, 4, 12)
	b = append(b, make([]byte, 0x104-len(b))...)
	copy(b[0x100:], "code")
	return append(b, "data"...)
}

func TestFlatten(t *testing.T) {
	f, err := Flatten(program())
	if err != nil {
		t.Fatal(err)
	}
	if f.Load != 0x10000 || f.Entry != 0x10100 || len(f.Bytes) != 0x2004 || f.Room != 8 || string(f.Bytes[0x100:0x104]) != "code" ||
		string(f.Bytes[0x2000:]) != "data" {
		t.Errorf("%#x %#x %d", f.Load, f.Entry, len(f.Bytes))
	}
	if err := f.Jump(); err != nil {
		t.Fatal(err)
	}
	// 0x10000 + 8 + 4*0x3E = 0x10100
	if got := binary.LittleEndian.Uint32(f.Bytes); got != 0xEA00003E {
		t.Errorf("%#x", got)
	}
	if err := f.Jump(); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("a second jump: %v", err)
	}
	overlap := program()
	binary.LittleEndian.PutUint32(overlap[0x54+12:], 0x10010)
	far := program()
	binary.LittleEndian.PutUint32(far[0x54+12:], 0xF0000000)
	outside := program()
	binary.LittleEndian.PutUint32(outside[24:], 0x20000)
	other := program()
	binary.LittleEndian.PutUint16(other[18:], uint16(elf.EM_386))
	for i, b := range [][]byte{nil, program()[:0x106], overlap, far, outside, other} {
		if _, err := Flatten(b); !errors.Is(err, com.ErrCorrupt) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(encode(f, sample()))
	i := sample()
	if err := i.Sign(ed25519.NewKeyFromSeed(make([]byte, 32))); err != nil {
		f.Fatal(err)
	}
	f.Add(encode(f, i))
	f.Add([]byte(magic + "\x02\x00\x00\x00{}\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		i, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		_ = i.Verify(nil)
		if !bytes.Equal(encode(t, i), b) {
			t.Error("what was read is written differently")
		}
	})
}

func FuzzFlatten(f *testing.F) {
	f.Add(program())
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Flatten(b)
		if err != nil {
			return
		}
		if len(p.Bytes) > 2*maxSpan || p.Entry < p.Load || p.Entry-p.Load >= uint64(len(p.Bytes)) {
			t.Errorf("%d bytes at %#x, entry %#x", len(p.Bytes), p.Load, p.Entry)
		}
	})
}
