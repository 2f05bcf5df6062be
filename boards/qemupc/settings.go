//go:build tamago && amd64

package main

import (
	"fmt"
	"strconv"
	"strings"
)

// settings are what the host may choose, in the configuration of QEMU (-fw_cfg):
// opt/mmlite/name, and opt/mmlite/args with words such as rate=48000.
type settings struct {
	name                string
	rate, period, queue int // of the sound device: Hz, frames, periods
	memory              int // of the card, bytes
	debug               bool
	unknown             []string // what was not understood, for people
}

const defaultMemory = 256 << 20

func newSettings(name, args string) settings {
	// QEMU takes sound from its devices in bursts of 10 ms, and is stopped for as long
	// by a computer that has other work: the queue lasts for 90.
	s := settings{name: name, rate: 44100, period: 256, queue: 16, memory: defaultMemory}
	if s.name == "" {
		s.name = "qemupc"
	}
	for _, w := range strings.Fields(args) {
		if err := s.set(w); err != nil {
			s.unknown = append(s.unknown, err.Error())
		}
	}
	return s
}

func (s *settings) set(word string) error {
	key, value, _ := strings.Cut(word, "=")
	number := func(to *int, unit, least, most int) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < least || n > most {
			return fmt.Errorf("%s: %s takes a number from %d to %d", word, key, least, most)
		}
		*to = n * unit
		return nil
	}
	switch key {
	case "rate":
		return number(&s.rate, 1, 8000, 48000)
	case "period":
		return number(&s.period, 1, 16, 8192)
	case "queue":
		return number(&s.queue, 1, 2, 30)
	case "memory":
		value = strings.TrimSuffix(value, "M")
		return number(&s.memory, 1<<20, 16, 2048)
	case "debug":
		s.debug = true
		return nil
	}
	return fmt.Errorf("%s is nothing that can be set", word)
}
