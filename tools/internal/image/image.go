// Package image reads and writes the files that boards are flashed from: what goes onto
// a board, and a manifest that says what it is.
//
// A file is
//
//	magic      8 bytes, "MMLIMG1\n"
//	length     of the manifest, 4 bytes, little-endian
//	manifest   JSON
//	length     of the signature, 4 bytes: 0, or 96
//	signature  32 bytes of public key, 64 of its ed25519 signature (RFC 8032) of the
//	           manifest as it stands
//	parts      one after the other, as the manifest lists them
//
// The manifest holds the size and the SHA-256 sum of each part, so that the signature
// covers everything.
package image

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"regexp"

	"github.com/mmlite/mmlite/firmware/com"
)

// Limits of an image.
const (
	MaxManifest = 1 << 20
	MaxParts    = 64
	MaxPart     = 256 << 20
	magic       = "MMLIMG1\n"
	format      = 1
)

// Manifest says what is in an image.
type Manifest struct {
	Format     int         `json:"format"`
	Board      string      `json:"board"`
	Version    string      `json:"version"`      // of the firmware
	Go         string      `json:"go,omitempty"` // what it was compiled with
	Components []Component `json:"components,omitempty"`
	Parts      []Part      `json:"parts"`
}

// Component is one that is linked into the firmware.
type Component struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Doc     string `json:"doc,omitempty"`
}

// Part is one piece of an image.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // in hexadecimal digits
	// Load is the address at which the part is to lie in the board's memory, and
	// Entry where its code begins.
	Load  uint64 `json:"load,omitempty"`
	Entry uint64 `json:"entry,omitempty"`
}

// Image is a whole image in memory.
type Image struct {
	Manifest Manifest
	Data     [][]byte // of each part
	// Signature is nil if nobody has signed it.
	Signature *Signature

	raw []byte // the manifest as it was read, which the signature is of
}

var (
	nameRule    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)
	versionRule = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$`)
)

// Add puts a part at the end of an image; the signature, if any, is no longer one.
func (i *Image) Add(p Part, data []byte) {
	sum := sha256.Sum256(data)
	p.Size, p.SHA256 = int64(len(data)), hex.EncodeToString(sum[:])
	i.Manifest.Parts = append(i.Manifest.Parts, p)
	i.Data = append(i.Data, data)
	i.Signature, i.raw = nil, nil
}

// Part returns the part called name, or com.ErrNotFound.
func (i *Image) Part(name string) (Part, []byte, error) {
	for n, p := range i.Manifest.Parts {
		if p.Name == name {
			return p, i.Data[n], nil
		}
	}
	return Part{}, nil, com.Errorf(com.ErrNotFound, "the image for board %s has no part %q", i.Manifest.Board, name)
}

// bytes returns the manifest as it is, or is to be, in the file.
func (i *Image) bytes() ([]byte, error) {
	if i.raw != nil {
		return i.raw, nil
	}
	i.Manifest.Format = format
	if err := i.Manifest.check(); err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(i.Manifest, "", "  ")
	if err != nil {
		return nil, err
	}
	i.raw = append(b, '\n')
	if len(i.raw) > MaxManifest {
		return nil, com.Errorf(com.ErrInvalid, "image: a manifest of %d bytes, and %d are allowed", len(i.raw), MaxManifest)
	}
	return i.raw, nil
}

func (m *Manifest) check() error {
	switch {
	case m.Format != format:
		return com.Errorf(com.ErrVersion, "image: format %d; this program reads %d", m.Format, format)
	case !nameRule.MatchString(m.Board):
		return com.Errorf(com.ErrCorrupt, "image: board %.40q", m.Board)
	case !versionRule.MatchString(m.Version):
		return com.Errorf(com.ErrCorrupt, "image: version %.80q", m.Version)
	case len(m.Parts) == 0 || len(m.Parts) > MaxParts:
		return com.Errorf(com.ErrCorrupt, "image: %d parts, want 1 to %d", len(m.Parts), MaxParts)
	}
	seen := map[string]bool{}
	for _, p := range m.Parts {
		if !nameRule.MatchString(p.Name) || seen[p.Name] {
			return com.Errorf(com.ErrCorrupt, "image: a part called %.40q", p.Name)
		}
		seen[p.Name] = true
		if p.Size < 0 || p.Size > MaxPart {
			return com.Errorf(com.ErrCorrupt, "image: part %s of %d bytes, at most %d are allowed", p.Name, p.Size, MaxPart)
		}
		if b, err := hex.DecodeString(p.SHA256); err != nil || len(b) != sha256.Size {
			return com.Errorf(com.ErrCorrupt, "image: part %s has no SHA-256 sum", p.Name)
		}
	}
	return nil
}

// WriteTo writes the file.
func (i *Image) WriteTo(w io.Writer) (int64, error) {
	m, err := i.bytes()
	if err != nil {
		return 0, err
	}
	head := append([]byte(magic), make([]byte, 4)...)
	binary.LittleEndian.PutUint32(head[8:], uint32(len(m)))
	head = append(head, m...)
	var sig []byte
	if i.Signature != nil {
		sig = append(append(sig, i.Signature.Key...), i.Signature.Sum...)
	}
	head = binary.LittleEndian.AppendUint32(head, uint32(len(sig)))
	var total int64
	for _, b := range append([][]byte{append(head, sig...)}, i.Data...) {
		n, err := w.Write(b)
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// Read reads an image and checks it: that all of it is there, and that the sums are
// right. It does not say whether a signature is one; see Verify. The errors are
// com.ErrCorrupt, com.ErrVersion, or r's own.
func Read(r io.Reader) (*Image, error) {
	head := make([]byte, len(magic)+4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, cut(err)
	}
	if string(head[:8]) != magic {
		return nil, com.Errorf(com.ErrCorrupt, "this is no image of a board: make one with mmlite image build")
	}
	i := &Image{}
	var err error
	if i.raw, err = take(r, int64(binary.LittleEndian.Uint32(head[8:])), 2, MaxManifest, "manifest"); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(i.raw))
	if err := d.Decode(&i.Manifest); err != nil {
		return nil, com.Errorf(com.ErrCorrupt, "image: manifest: %v", err)
	}
	if err := i.Manifest.check(); err != nil {
		return nil, err
	}
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, cut(err)
	}
	if n := binary.LittleEndian.Uint32(size[:]); n != 0 {
		sig, err := take(r, int64(n), signatureSize, signatureSize, "signature")
		if err != nil {
			return nil, err
		}
		i.Signature = &Signature{sig[:keySize:keySize], sig[keySize:]}
	}
	for _, p := range i.Manifest.Parts {
		b, err := take(r, p.Size, 0, MaxPart, "part "+p.Name)
		if err != nil {
			return nil, err
		}
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != p.SHA256 {
			return nil, com.Errorf(com.ErrCorrupt, "image: part %s is damaged: its SHA-256 sum is another one", p.Name)
		}
		i.Data = append(i.Data, b)
	}
	if n, _ := io.ReadFull(r, size[:1]); n != 0 {
		return nil, com.Errorf(com.ErrCorrupt, "image: there is more after the end")
	}
	return i, nil
}

// take reads n bytes, growing as they come: a length alone costs no memory.
func take(r io.Reader, n, least, most int64, what string) ([]byte, error) {
	if n < least || n > most {
		return nil, com.Errorf(com.ErrCorrupt, "image: %s of %d bytes, want %d to %d", what, n, least, most)
	}
	var b bytes.Buffer
	if got, err := io.Copy(&b, io.LimitReader(r, n)); err != nil {
		return nil, err
	} else if got < n {
		return nil, cut(io.ErrUnexpectedEOF)
	}
	return b.Bytes(), nil
}

func cut(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return com.Errorf(com.ErrCorrupt, "image: it ends too early")
	}
	return fmt.Errorf("image: %w", err)
}

// ManifestText returns the manifest as it is in the file.
func (i *Image) ManifestText() ([]byte, error) { return i.bytes() }
