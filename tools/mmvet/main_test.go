package main

import "testing"

func TestProtocolOfVetIsRecognised(t *testing.T) {
	for _, c := range []struct {
		args []string
		want bool
	}{
		{nil, true},
		{[]string{"help"}, true},
		{[]string{"-flags"}, true},
		{[]string{"-V=full"}, true},
		{[]string{"/tmp/x/vet.cfg"}, true},
		{[]string{"-json", "x.cfg"}, true},
		{[]string{"./..."}, false},
		{[]string{"-tags", "oto", "./firmware/..."}, false},
	} {
		if got := forVet(c.args); got != c.want {
			t.Errorf("%q: %v", c.args, got)
		}
	}
}
