package main

import (
	"testing"
	"time"
)

func TestBootValidates(t *testing.T) {
	good := bootCmd{Memory: 256, WindowSize: 64, Rate: 44100, Patience: time.Minute}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	if got := good.args(); got != "rate=44100 memory=256M" {
		t.Error(got)
	}
	for name, spoil := range map[string]func(*bootCmd){
		"memory": func(b *bootCmd) { b.Memory = 1024 },
		"little": func(b *bootCmd) { b.Memory = 0 },
		"window": func(b *bootCmd) { b.WindowSize = 48 },
		"huge":   func(b *bootCmd) { b.WindowSize = 1024 },
		"rate":   func(b *bootCmd) { b.Rate = 96000 },
		"period": func(b *bootCmd) { b.Period = 3 },
		"queue":  func(b *bootCmd) { b.Queue = 31 },
	} {
		b := good
		if spoil(&b); b.Validate() == nil {
			t.Errorf("%s: %+v", name, b)
		}
	}
	good.Period, good.Queue = 128, 6
	if got := good.args(); got != "rate=44100 memory=256M period=128 queue=6" {
		t.Error(got)
	}
}
