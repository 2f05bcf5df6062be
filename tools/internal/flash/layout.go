// Package flash lays out what a board boots from, writes it to an SD card or a file,
// and reads it back.
package flash

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/firmware/com"
)

// Sector is the unit of cards, in bytes.
const Sector = 512

// Piece is a run of bytes at a place.
type Piece struct {
	At   int64 // bytes from the beginning, a multiple of Sector
	Data []byte
	What string // for people
}

// Layout is what a card is to hold. What no piece covers stays as it is.
type Layout struct {
	Size   int64 // bytes that the card has at least
	Pieces []Piece
}

// Total is how many bytes there are to write.
func (l *Layout) Total() (n int64) {
	for _, p := range l.Pieces {
		n += int64(len(p.Data))
	}
	return n
}

// Partition types (an assigned number each; there is no standard).
const (
	typeFAT32 = 0x0C // FAT32, addressed by sector
	typeData  = 0xDA // data that no file system describes
)

// bootRecord is a sector with a partition table of one entry (UEFI specification 2.10,
// 5.2.1 and 5.2.2), in sectors.
func bootRecord(kind byte, first, count uint32) []byte {
	b := make([]byte, Sector)
	e := b[446:]
	copy(e[1:4], []byte{0xFE, 0xFF, 0xFF}) // no heads and cylinders any more
	e[4] = kind
	copy(e[5:8], []byte{0xFE, 0xFF, 0xFF})
	binary.LittleEndian.PutUint32(e[8:], first)
	binary.LittleEndian.PutUint32(e[12:], count)
	b[510], b[511] = 0x55, 0xAA
	return b
}

// whole pads b with zeros to whole sectors.
func whole(b []byte) []byte {
	if n := len(b) % Sector; n != 0 {
		b = append(b[:len(b):len(b)], make([]byte, Sector-n)...)
	}
	return b
}

// check holds a layout to what Write needs.
func (l *Layout) check() error {
	for _, p := range l.Pieces {
		if p.At < 0 || p.At%Sector != 0 || len(p.Data)%Sector != 0 || p.At+int64(len(p.Data)) > l.Size {
			return com.Errorf(com.ErrInvalid, "%s: %d bytes at %d of %d", p.What, len(p.Data), p.At, l.Size)
		}
	}
	return nil
}
