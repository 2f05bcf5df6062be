package firmware

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/machine/sim"
)

func TestAlarms(t *testing.T) {
	l := &Log{clock: sim.New(1)}
	told := 0
	l.OnAlarm(func() { told++ })
	l.Printf("nothing special")
	if a := l.Alarms(0); a.Count != 0 || len(a.Last) != 0 || told != 0 {
		t.Errorf("before any: %+v", a)
	}
	for i := range 20 {
		l.Alarmf("number %d", i)
	}
	a := l.Alarms(0)
	if a.Count != 20 || len(a.Last) != alarmLines || told != 20 {
		t.Errorf("%d alarms, %d kept, told %d times", a.Count, len(a.Last), told)
	}
	for i, text := range a.Last {
		if want := fmt.Sprintf("number %d", 20-alarmLines+i); !strings.HasSuffix(text, want) {
			t.Errorf("%q in the place of %q", text, want)
		}
	}
	if a := l.Alarms(18); len(a.Last) != 2 {
		t.Errorf("since the 18th: %+v", a)
	}
	if a := l.Alarms(99); len(a.Last) != 0 {
		t.Errorf("of the future: %+v", a)
	}
	if lines, _ := l.Since(0); len(lines) != 21 {
		t.Errorf("%d lines of the log", len(lines))
	}
}
