package main

import (
	"testing"

	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
)

func TestPolicyChoice(t *testing.T) {
	for text, want := range map[policyChoice]firmware.Policies{
		"":                                     {},
		"realtime=edf":                         {RealTime: "edf"},
		"spare=null":                           {Spare: "null"},
		"realtime=constraint,spare=roundrobin": {RealTime: "constraint", Spare: "roundrobin"},
		" spare = edf , realtime = null ":      {RealTime: "null", Spare: "edf"},
	} {
		if got, err := text.parse(); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, bad := range []policyChoice{"constraint", "realtime=", "=edf", "spare", "other=edf", "realtime=fair", "spare=null,spare=edf", ",", "realtime=edf,"} {
		if _, err := bad.parse(); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
