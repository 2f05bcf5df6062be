package song

import (
	"encoding/binary"

	"github.com/mmlite/mmlite/firmware/com"
)

// check walks over a Standard MIDI File (the RP-001 specification, version 1.1)
// and sees that every length lies within the file, before a reader that believes
// lengths reserves memory for them. It says at which byte the damage is.
func check(file []byte) error {
	bad := func(at int, what string) error {
		return com.Errorf(com.ErrCorrupt, "damaged MIDI file: %s at byte %d", what, at)
	}
	if len(file) < 14 || binary.BigEndian.Uint32(file[4:]) < 6 {
		return bad(4, "the header is too short")
	}
	at := 0
	for tracks := 0; at < len(file); {
		if len(file)-at < 8 {
			if tracks > 0 {
				return nil // a few bytes too many hurt nobody
			}
			return bad(at, "a chunk is cut off")
		}
		n := uint64(binary.BigEndian.Uint32(file[at+4:]))
		if n > uint64(len(file)-at-8) {
			return bad(at, "a chunk reaches beyond the end")
		}
		body := file[at+8 : at+8+int(n)]
		if string(file[at:at+4]) == "MTrk" {
			if off, what := checkTrack(body); what != "" {
				return bad(at+8+off, what)
			}
			tracks++
		}
		at += 8 + int(n)
	}
	return nil
}

// checkTrack returns where and how a track is damaged.
func checkTrack(b []byte) (at int, what string) {
	number := func() (n int, ok bool) { // a variable-length quantity of at most four bytes
		for range 4 {
			if at >= len(b) {
				return 0, false
			}
			c := b[at]
			at++
			n = n<<7 | int(c&0x7F)
			if c < 0x80 {
				return n, true
			}
		}
		return 0, false
	}
	running := byte(0)
	for at < len(b) {
		if _, ok := number(); !ok {
			return at, "a time is cut off or too long"
		}
		if at >= len(b) {
			return at, "an event is missing"
		}
		status := b[at]
		if status >= 0x80 {
			at++
		} else if status = running; status == 0 {
			return at, "an event has no status"
		}
		switch {
		case status >= 0xF0:
			if status == 0xFF {
				if at >= len(b) {
					return at, "a meta event is cut off"
				}
				end := b[at] == 0x2F
				at++
				n, ok := number()
				if !ok || n > len(b)-at {
					return at, "a meta event reaches beyond its track"
				}
				if at += n; end {
					return at, "" // what may follow the end is not read
				}
				continue
			}
			if status != 0xF0 && status != 0xF7 {
				return at, "an event that files do not have"
			}
			n, ok := number()
			if !ok || n > len(b)-at {
				return at, "a system exclusive message reaches beyond its track"
			}
			at += n
			running = 0
		default:
			running = status
			n := 2
			if kind := status & 0xF0; kind == 0xC0 || kind == 0xD0 {
				n = 1
			}
			if n > len(b)-at {
				return at, "an event is cut off"
			}
			at += n
		}
	}
	return at, ""
}
