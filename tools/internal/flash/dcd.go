package flash

import (
	"bufio"
	"encoding/binary"
	"io"
	"strconv"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
)

// MakeDCD makes the table by which the ROM sets up a board's memory of a text in the
// form that U-Boot's mkimage takes (doc/imx/mkimage/imximage.txt): lines "DATA WIDTH
// ADDRESS VALUE". Lines that configure other things are skipped, others refused with
// com.ErrCorrupt and their number.
func MakeDCD(text io.Reader) ([]byte, error) {
	b := []byte{tagDCD, 0, 0, imxVersion}
	var open int // where the write command that is open begins; 0 if none is
	var width int64
	lines := bufio.NewScanner(io.LimitReader(text, 1<<20))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "IMAGE_VERSION", "BOOT_FROM", "BOOT_OFFSET", "CSF":
			continue
		case "DATA":
		default:
			return nil, com.Errorf(com.ErrCorrupt, "line %d: %.40q is unknown", n, words[0])
		}
		if len(words) != 4 {
			return nil, com.Errorf(com.ErrCorrupt, "line %d: want DATA, a width, an address and a value", n)
		}
		w, err := strconv.ParseUint(words[1], 10, 8)
		if err != nil || w != 1 && w != 2 && w != 4 {
			return nil, com.Errorf(com.ErrCorrupt, "line %d: a width of %.40q bytes", n, words[1])
		}
		var pair [2]uint64
		for i, s := range words[2:] {
			if pair[i], err = strconv.ParseUint(s, 0, 32); err != nil {
				return nil, com.Errorf(com.ErrCorrupt, "line %d: %.40q is no number of 32 bits", n, s)
			}
		}
		if int64(w) != width {
			width, open = int64(w), len(b)
			b = append(b, 0xCC, 0, 0, byte(w))
		}
		b = binary.BigEndian.AppendUint32(b, uint32(pair[0]))
		b = binary.BigEndian.AppendUint32(b, uint32(pair[1]))
		if len(b) > MaxDCD {
			return nil, com.Errorf(com.ErrCorrupt, "line %d: the ROM takes %d bytes of device configuration", n, MaxDCD)
		}
		binary.BigEndian.PutUint16(b[open+1:], uint16(len(b)-open))
	}
	if err := lines.Err(); err != nil {
		return nil, com.Errorf(com.ErrCorrupt, "device configuration: %v", err)
	}
	binary.BigEndian.PutUint16(b[1:], uint16(len(b)))
	return b, nil
}
