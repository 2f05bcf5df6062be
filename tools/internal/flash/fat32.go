package flash

import (
	"encoding/binary"
	"regexp"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
)

// File is one to go into the root folder of a file system.
type File struct {
	Name string // as in KERNEL7.IMG: eight and three characters at most, case does not matter
	Data []byte
}

// A FAT32 file system (Microsoft, "FAT32 File System Specification", version 1.03) as
// the firmware of a Raspberry Pi reads it: one sector a cluster, two tables, short
// names, files one after the other.
const (
	fatReserved = 32 // sectors before the tables
	fatLeast    = 65525 + 16
	fatEnd      = 0x0FFFFFFF
	fatMedia    = 0xF8
	fatBackup   = 6
	fatDate     = 0x5A21 // 1 January 2025: the same files give the same bytes
	maxFiles    = Sector/32 - 2
	fatSlack    = 4096 // sectors left free at least
	dirEntry    = 32
	attrArchive = 0x20
	attrVolume  = 0x08
)

var fatName = regexp.MustCompile(`^[A-Z0-9_-]{1,8}(\.[A-Z0-9_-]{1,3})?$`)

// shortName is a name in the form that a folder holds.
func shortName(s string) (n [11]byte, err error) {
	s = strings.ToUpper(s)
	if !fatName.MatchString(s) {
		return n, com.Errorf(com.ErrInvalid, "%q is no name of eight and three characters", s)
	}
	stem, ext, _ := strings.Cut(s, ".")
	copy(n[:], "           ")
	copy(n[:8], stem)
	copy(n[8:], ext)
	return n, nil
}

// FAT32 returns a file system of at least sectors sectors with files in its root
// folder, as pieces from first on. It has as many sectors as the files need if that is
// more; count is how many. The error is com.ErrInvalid for names that do not fit, twice
// the same one, or too many or too large files.
func FAT32(first, sectors uint32, label string, files []File) (pieces []Piece, count uint32, err error) {
	if len(files) > maxFiles {
		return nil, 0, com.Errorf(com.ErrInvalid, "%d files, and there is room for %d", len(files), maxFiles)
	}
	data := uint32(1) // of the root folder
	for _, f := range files {
		if len(f.Data) > 1<<30 || data > 1<<22 {
			return nil, 0, com.Errorf(com.ErrInvalid, "%s has %d bytes: too many for a card to boot from", f.Name, len(f.Data))
		}
		data += clusters(f.Data)
	}
	n := max(fatLeast, data+fatSlack) // clusters
	table := func(n uint32) uint32 { return (4*(n+2) + Sector - 1) / Sector }
	if asked := fatReserved + 2*table(n) + n; sectors > asked {
		// What the tables take of what is more is less than 1/64 of it.
		n += (sectors - asked) - (sectors-asked)/64 - 2
	}
	size := table(n)
	count = fatReserved + 2*size + n

	fat := make([]byte, size*Sector)
	le := binary.LittleEndian
	le.PutUint32(fat, 0x0FFFFF00|fatMedia)
	le.PutUint32(fat[4:], fatEnd)
	le.PutUint32(fat[8:], fatEnd) // the root folder
	root := make([]byte, Sector)
	volume, err := shortName(label)
	if err != nil {
		return nil, 0, err
	}
	entry(root, volume, attrVolume, 0, 0)
	content := make([]byte, 0, int(data)*Sector)
	next, seen := uint32(3), map[[11]byte]bool{}
	for i, f := range files {
		name, err := shortName(f.Name)
		if err == nil && seen[name] {
			err = com.Errorf(com.ErrInvalid, "two files are called %s", f.Name)
		}
		if err != nil {
			return nil, 0, err
		}
		seen[name] = true
		k := clusters(f.Data)
		at := next
		if k == 0 {
			at = 0
		}
		entry(root[(i+1)*dirEntry:], name, attrArchive, at, uint32(len(f.Data)))
		for ; k > 0; k, next = k-1, next+1 {
			link := next + 1
			if k == 1 {
				link = fatEnd
			}
			le.PutUint32(fat[4*next:], link)
		}
		content = append(content, f.Data...)
		content = whole(content)
	}
	at := func(sector uint32) int64 { return int64(first+sector) * Sector }
	return []Piece{
		{at(0), fatHead(first, count, size, n, next, volume), "file system"},
		{at(fatReserved), fat, "first table of the files"},
		{at(fatReserved + size), fat, "second table of the files"},
		{at(fatReserved + 2*size), append(root, content...), "files"},
	}, count, nil
}

func clusters(b []byte) uint32 { return uint32((len(b) + Sector - 1) / Sector) }

// entry writes an entry of a folder (section "FAT Directory Structure").
func entry(b []byte, name [11]byte, attr byte, cluster, size uint32) {
	le := binary.LittleEndian
	copy(b, name[:])
	b[11] = attr
	le.PutUint16(b[16:], fatDate) // created
	le.PutUint16(b[18:], fatDate) // read
	le.PutUint16(b[20:], uint16(cluster>>16))
	le.PutUint16(b[24:], fatDate) // written
	le.PutUint16(b[26:], uint16(cluster))
	le.PutUint32(b[28:], size)
}

// fatHead is the reserved sectors: the boot sector, the count of what is free, and a
// copy of both (sections "Boot Sector and BPB", "FAT32 FSInfo Sector Structure").
func fatHead(first, count, table, n, next uint32, volume [11]byte) []byte {
	b := make([]byte, fatReserved*Sector)
	le := binary.LittleEndian
	copy(b, []byte{0xEB, 0x58, 0x90})
	copy(b[3:], "MMLITE  ")
	le.PutUint16(b[11:], Sector)
	b[13] = 1 // sectors a cluster
	le.PutUint16(b[14:], fatReserved)
	b[16] = 2 // tables
	b[21] = fatMedia
	le.PutUint16(b[24:], 63)  // sectors a track, of no meaning
	le.PutUint16(b[26:], 255) // heads, likewise
	le.PutUint32(b[28:], first)
	le.PutUint32(b[32:], count)
	le.PutUint32(b[36:], table)
	le.PutUint32(b[44:], 2) // the root folder
	le.PutUint16(b[48:], 1) // the sector of FSInfo
	le.PutUint16(b[50:], fatBackup)
	b[64], b[66] = 0x80, 0x29
	le.PutUint32(b[67:], 0x4D4D4C31) // serial number
	copy(b[71:82], volume[:])
	copy(b[82:90], "FAT32   ")
	b[510], b[511] = 0x55, 0xAA
	info := b[Sector:]
	le.PutUint32(info, 0x41615252)
	le.PutUint32(info[484:], 0x61417272)
	le.PutUint32(info[488:], n-(next-2)) // free clusters
	le.PutUint32(info[492:], next)
	info[510], info[511] = 0x55, 0xAA
	copy(b[fatBackup*Sector:], b[:2*Sector])
	return b
}
