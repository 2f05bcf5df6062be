package midiin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
)

// open opens a device so that closing it ends a read.
func open(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
}

const sequencerDevice = "/dev/snd/seq"

// Structures of the sequencer's interface.
type (
	seqAddr struct{ client, port uint8 }

	clientInfo struct {
		client, kind int32
		name         [64]byte
		_            [44]byte // filters
		ports, lost  int32
		card, pid    int32
		_            uint32 // MIDI version
		_            [52]byte
	}

	portInfo struct {
		addr       seqAddr
		name       [64]byte
		capability uint32
		kind       uint32
		channels   int32
		_          [4]int32
		_          uintptr
		flags      uint32
		_          uint8
		_          [59]byte
	}

	subscription struct {
		sender, dest seqAddr
		_            [3]uint32
		_            [64]byte
	}
)

// Requests, by their number and the size of what they take.
const (
	seqClientID    = 2<<30 | 4<<16 | 'S'<<8 | 0x01
	getClientInfo  = 3<<30 | unsafe.Sizeof(clientInfo{})<<16 | 'S'<<8 | 0x10
	setClientInfo  = 1<<30 | unsafe.Sizeof(clientInfo{})<<16 | 'S'<<8 | 0x11
	createPort     = 3<<30 | unsafe.Sizeof(portInfo{})<<16 | 'S'<<8 | 0x20
	subscribePort  = 1<<30 | unsafe.Sizeof(subscription{})<<16 | 'S'<<8 | 0x30
	queryNext      = 3<<30 | unsafe.Sizeof(clientInfo{})<<16 | 'S'<<8 | 0x51
	queryNextPort  = 3<<30 | unsafe.Sizeof(portInfo{})<<16 | 'S'<<8 | 0x52
	capRead        = 1 << 0
	capWrite       = 1 << 1
	capSubsRead    = 1 << 5
	capSubsWrite   = 1 << 6
	kindMIDI       = 1<<1 | 1<<2 | 1<<10 | 1<<17 | 1<<20 // generic, General MIDI, a synthesizer, software
	ourPort        = 0
	firstUserOrAny = -1
)

func request(f *os.File, number uintptr, arg unsafe.Pointer) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var errno unix.Errno
	err = c.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall(unix.SYS_IOCTL, fd, number, uintptr(arg))
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return err
}

// alsa is a client of the sequencer with one port that others write to.
type alsa struct {
	file   *os.File
	client int32
	sender string // that it is connected to
}

func openSequencer(sender string) (Source, error) {
	f, err := os.OpenFile(sequencerDevice, os.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, com.Errorf(com.ErrNotFound, "no ALSA sequencer: %v (is the module snd-seq loaded, and may you open %s?)", err, sequencerDevice)
	}
	a := &alsa{file: f}
	if err := a.setUp(sender); err != nil {
		f.Close()
		return nil, err
	}
	return a, nil
}

func (a *alsa) setUp(sender string) error {
	if err := request(a.file, seqClientID, unsafe.Pointer(&a.client)); err != nil {
		return fmt.Errorf("ALSA sequencer: %w", err)
	}
	c := clientInfo{client: a.client}
	if err := request(a.file, getClientInfo, unsafe.Pointer(&c)); err != nil {
		return fmt.Errorf("ALSA sequencer: %w", err)
	}
	c.name = [64]byte{}
	copy(c.name[:], "MMLite")
	if err := request(a.file, setClientInfo, unsafe.Pointer(&c)); err != nil {
		return fmt.Errorf("ALSA sequencer: %w", err)
	}
	p := portInfo{addr: seqAddr{client: uint8(a.client)}, capability: capWrite | capSubsWrite, kind: kindMIDI, channels: 16}
	copy(p.name[:], "MMLite card")
	if err := request(a.file, createPort, unsafe.Pointer(&p)); err != nil {
		return fmt.Errorf("ALSA sequencer: no port: %w", err)
	}
	if sender == "" {
		return nil
	}
	from, name, err := a.find(sender)
	if err != nil {
		return err
	}
	a.sender = name
	s := subscription{sender: from, dest: seqAddr{uint8(a.client), p.addr.port}}
	if err := request(a.file, subscribePort, unsafe.Pointer(&s)); err != nil {
		return fmt.Errorf("ALSA sequencer: connecting to %s: %w", name, err)
	}
	return nil
}

// sender is a port that may be read.
type sender struct {
	addr seqAddr
	name string
}

// senders lists the ports of others that may be read.
func senders(f *os.File) (all []sender) {
	for c := (clientInfo{client: firstUserOrAny}); request(f, queryNext, unsafe.Pointer(&c)) == nil; {
		p := portInfo{addr: seqAddr{uint8(c.client), 255}}
		for request(f, queryNextPort, unsafe.Pointer(&p)) == nil {
			if p.capability&(capRead|capSubsRead) == capRead|capSubsRead && c.client != 0 {
				all = append(all, sender{p.addr, text(c.name[:]) + ", " + text(p.name[:])})
			}
		}
	}
	return all
}

func text(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b)
}

// find finds a sender by CLIENT:PORT or a part of its name.
func (a *alsa) find(what string) (seqAddr, string, error) {
	all := senders(a.file)
	client, port, ok := strings.Cut(what, ":")
	c, err1 := strconv.ParseUint(client, 10, 8)
	p, err2 := strconv.ParseUint(port, 10, 8)
	for _, s := range all {
		if ok && err1 == nil && err2 == nil {
			if s.addr == (seqAddr{uint8(c), uint8(p)}) {
				return s.addr, s.name, nil
			}
		} else if strings.Contains(strings.ToLower(s.name), strings.ToLower(what)) {
			return s.addr, s.name, nil
		}
	}
	return seqAddr{}, "", com.Errorf(com.ErrNotFound, "the ALSA sequencer has no sender %q; mmlite midi --list shows what there is", what)
}

func (a *alsa) Name() string {
	name := fmt.Sprintf("ALSA sequencer, client %d", a.client)
	if a.sender != "" {
		return name + ", connected to " + a.sender
	}
	return fmt.Sprintf("%s (connect to it with aconnect SENDER %d:%d)", name, a.client, ourPort)
}

func (a *alsa) Run(ctx context.Context, emit func([]byte), gone func()) error {
	stop := context.AfterFunc(ctx, func() { a.file.Close() })
	defer func() {
		if stop() {
			a.file.Close()
		}
	}()
	q := sequencer{gone: gone}
	buf, have := make([]byte, 64<<10), 0
	for {
		n, err := a.file.Read(buf[have:])
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, unix.ENOSPC): // events came faster than they were read
			gone()
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("ALSA sequencer: %w", err)
		}
		have += n
		used := q.take(buf[:have], emit)
		have = copy(buf, buf[used:have])
		if have == len(buf) { // an event larger than all of it
			have = 0
		}
	}
}

func listSequencer() (all []Listed) {
	f, err := os.OpenFile(sequencerDevice, os.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	all = append(all, Listed{"alsa", "a port of the ALSA sequencer that other programs connect to"})
	for _, s := range senders(f) {
		all = append(all, Listed{fmt.Sprintf("alsa:%d:%d", s.addr.client, s.addr.port), s.name})
	}
	return all
}
