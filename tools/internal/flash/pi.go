package flash

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/tools/internal/image"
)

const (
	piFirst   = 8192      // sector of the partition
	piSectors = 64 << 11  // of it
	mostBlob  = 32 << 20  // bytes of a file of the firmware
	zeroed    = 64 * 1024 // bytes at the beginning, where other tables may have been
	piVolume  = "MMLITE"  // name of the file system
	piKernel  = "kernel7.img"
	manifest  = "mmlite.txt"
	kernel    = "kernel" // name of the part
)

// PiFirmware is what a Raspberry Pi needs beside the image, in a folder that its owner
// provides.
var PiFirmware = []string{"bootcode.bin", "start.elf", "fixup.dat"}

// PiFirmwareSource says where those come from.
const PiFirmwareSource = "https://github.com/raspberrypi/firmware/tree/master/boot"

// Config is the config.txt of a Raspberry Pi for a kernel
// (https://www.raspberrypi.com/documentation/computers/config_txt.html).
func Config(k image.Part) string {
	return strings.Join([]string{
		"# Written by mmlite flash.",
		"kernel=" + piKernel,
		fmt.Sprintf("kernel_address=0x%x", k.Load),
		"arm_64bit=0",
		"disable_commandline_tags=1",
		"# The graphics processor's share of the memory, in MB.",
		"gpu_mem=64",
		"# The link: UART0 on pins 14 and 15, whose clock allows up to 3000000 baud.",
		"enable_uart=1",
		"init_uart_clock=48000000",
		"core_freq=250",
		"disable_overscan=1",
		"",
	}, "\n")
}

// Pi is the card of a Raspberry Pi: a partition table and a FAT32 file system with the
// files of firmware, config.txt, the kernel and the manifest.
func Pi(i *image.Image, firmware []File) (*Layout, error) {
	k, data, err := i.Part(kernel)
	if err != nil {
		return nil, err
	}
	m, err := i.ManifestText()
	if err != nil {
		return nil, err
	}
	files := append([]File(nil), firmware...)
	files = append(files, File{"config.txt", []byte(Config(k))}, File{piKernel, data}, File{manifest, m})
	pieces, count, err := FAT32(piFirst, piSectors, piVolume, files)
	if err != nil {
		return nil, err
	}
	table := make([]byte, zeroed)
	copy(table, bootRecord(typeFAT32, piFirst, count))
	l := &Layout{Size: int64(piFirst+count) * Sector}
	l.Pieces = append(l.Pieces, Piece{0, table, "partition table"})
	l.Pieces = append(l.Pieces, pieces...)
	return l, l.check()
}

// ReadFirmware reads the files that a Raspberry Pi needs from a folder. The error is
// com.ErrNotFound, saying where they come from, if one is missing.
func ReadFirmware(dir string) ([]File, error) {
	advice := fmt.Sprintf("a Raspberry Pi starts by files that its makers give away and that do not come with mmlite: get %s from %s, and name their folder with --firmware",
		strings.Join(PiFirmware, ", "), PiFirmwareSource)
	if dir == "" {
		return nil, com.Errorf(com.ErrNotFound, "%s", advice)
	}
	var files []File
	for _, name := range PiFirmware {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			if os.IsNotExist(err) {
				return nil, com.Errorf(com.ErrNotFound, "%s is not in %s: %s", name, dir, advice)
			}
			return nil, err
		}
		b, err := io.ReadAll(io.LimitReader(f, mostBlob+1))
		f.Close()
		if err != nil {
			return nil, err
		}
		if len(b) == 0 || len(b) > mostBlob {
			return nil, com.Errorf(com.ErrCorrupt, "%s in %s has %d bytes: that is not the file of %s", name, dir, len(b), PiFirmwareSource)
		}
		files = append(files, File{name, b})
	}
	return files, nil
}
