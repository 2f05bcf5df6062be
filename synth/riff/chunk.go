// Package riff walks the chunks of a Resource Interchange File Format file that lies in memory, or of
// which the parts that matter do.
//
// The layout is that of "Multimedia Programming Interface and Data Specifications 1.0" (IBM and
// Microsoft, 1991), chapter 2, as SoundFont 2.04 (section 3) and Downloadable Sounds use it: a
// chunk is an identifier of four characters, a little-endian length and a body padded to an even
// length; the bodies of RIFF and LIST chunks start with a form identifier and hold further chunks.
//
// Nothing is copied: bodies alias the file, or those parts of it that were read (see Skim). The walker forgives what files in the wild get wrong
// (a missing pad byte, a length that reaches past the list around it) and says so in notes; it
// never reads outside the file, and it caps the depth and the number of chunks.
package riff

import "strconv"

// FourCC identifies a chunk or the form of a list.
type FourCC [4]byte

// String returns the four characters, quoted and escaped where they cannot be printed.
func (id FourCC) String() string {
	for _, c := range id {
		if c < 0x20 || c > 0x7e {
			return strconv.QuoteToASCII(string(id[:]))
		}
	}
	return string(id[:])
}

// plausible reports whether id looks like an identifier rather than like data.
func (id FourCC) plausible() bool {
	for _, c := range id {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return id[0] != ' '
}

var (
	idRIFF = FourCC{'R', 'I', 'F', 'F'}
	idLIST = FourCC{'L', 'I', 'S', 'T'}
)

// Chunk is one chunk of a File.
type Chunk struct {
	// ID is the identifier in the chunk's header.
	ID FourCC
	// Form is the type of a RIFF or LIST chunk, zero in others.
	Form FourCC
	// Offset is where the header starts, in bytes from the start of the file.
	Offset int
	// Body is what the chunk holds, for a list what follows its form. It aliases the file, and its
	// capacity ends where it ends. Of a file that was skimmed it is what was kept.
	Body []byte
	// Start is where Body starts, in bytes from the start of the file.
	Start int
	// Size is the length of Body when it is whole.
	Size int
	// Short says that the file ended before the chunk did.
	Short bool

	depth int
}

// Name returns the form of a list, the identifier of any other chunk: what notes call it.
func (c Chunk) Name() string {
	if c.IsList() {
		return c.Form.String()
	}
	return c.ID.String()
}

// IsList reports whether the chunk holds chunks.
func (c Chunk) IsList() bool { return c.ID == idLIST || c.ID == idRIFF }

// List reports whether the chunk is a LIST of this form of four characters.
func (c Chunk) List(form string) bool { return c.ID == idLIST && string(c.Form[:]) == form }
