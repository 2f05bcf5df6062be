package flash

import (
	"bytes"
	"encoding/binary"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/tools/internal/image"
)

// What the boot ROM of an i.MX6UL reads from a card (i.MX 6ULL Applications Processor
// Reference Manual, rev. 1, chapter 8.7 "Program image").
const (
	ivtAt      = 1024 // bytes into the card
	ivtSize    = 32
	bootAt     = ivtAt + ivtSize
	dcdAt      = bootAt + 12
	codeAt     = 4096 // the first page is the ROM's
	imxVersion = 0x40
	tagIVT     = 0xD1
	tagDCD     = 0xD2
	// MaxDCD is the size of the largest table that the ROM takes.
	MaxDCD = 1768
	dcd    = "dcd" // name of the part
)

// IMX is the card of an i.MX6UL board: from 1 KiB on an image vector table, the table
// by which the ROM sets up the memory, and the program, whose first page is given up
// for them.
func IMX(i *image.Image) (*Layout, error) {
	k, data, err := i.Part(kernel)
	if err != nil {
		return nil, err
	}
	_, table, err := i.Part(dcd)
	if err != nil {
		return nil, err
	}
	if err := CheckDCD(table); err != nil {
		return nil, err
	}
	if len(data) <= codeAt || k.Load%codeAt != 0 || k.Load+uint64(len(data)) > 1<<32 ||
		k.Entry < k.Load+codeAt || k.Entry >= k.Load+uint64(len(data)) {
		return nil, com.Errorf(com.ErrCorrupt, "the kernel lies at %#x and begins at %#x, and its first page has to be free", k.Load, k.Entry)
	}
	card := whole(bytes.Clone(data))
	clear(card[:codeAt])
	copy(card, bootRecord(typeData, ivtAt/Sector, uint32(len(card)-ivtAt)/Sector))
	le, at := binary.LittleEndian, uint32(k.Load)
	ivt := card[ivtAt:]
	ivt[0], ivt[1], ivt[2], ivt[3] = tagIVT, 0, ivtSize, imxVersion
	le.PutUint32(ivt[4:], uint32(k.Entry))
	le.PutUint32(ivt[12:], at+dcdAt)
	le.PutUint32(ivt[16:], at+bootAt)
	le.PutUint32(ivt[20:], at+ivtAt)
	boot := card[bootAt:]
	le.PutUint32(boot, at)
	le.PutUint32(boot[4:], uint32(len(card)))
	copy(card[dcdAt:codeAt], table)
	l := &Layout{Size: int64(len(card)), Pieces: []Piece{{0, card, "boot image"}}}
	return l, l.check()
}

// CheckDCD returns com.ErrCorrupt for what the ROM would refuse (section 8.7.2).
func CheckDCD(b []byte) error {
	bad := func(why string) error { return com.Errorf(com.ErrCorrupt, "device configuration: %s", why) }
	be := binary.BigEndian
	if len(b) < 4 || len(b) > MaxDCD || b[0] != tagDCD || int(be.Uint16(b[1:])) != len(b) || b[3]&0xF0 != imxVersion {
		return bad("it has no header, or is larger than the ROM takes")
	}
	for rest := b[4:]; len(rest) > 0; {
		if len(rest) < 4 {
			return bad("a command is cut off")
		}
		n := int(be.Uint16(rest[1:]))
		if n < 4 || n > len(rest) {
			return bad("a command does not end")
		}
		switch rest[0] {
		case 0xCC: // write data
			if n%8 != 4 {
				return bad("a write is cut off")
			}
		case 0xCF, 0xC0: // check data, nothing
		default:
			return bad("a command is unknown")
		}
		rest = rest[n:]
	}
	return nil
}
