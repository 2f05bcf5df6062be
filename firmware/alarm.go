package firmware

import "sync/atomic"

// alarmLines is how many alarms are kept.
const alarmLines = 16

// alarms are the lines of a log that say what went wrong.
type alarms struct {
	count atomic.Uint64
	kept  [alarmLines]atomic.Pointer[logLine]
	told  atomic.Pointer[func()]
}

// Alarmf is Printf for what went wrong while the card goes on: a component has died,
// a host has broken off. The last alarms are in /status/alarms, too, and boards with a
// console of their own show them there.
func (l *Log) Alarmf(format string, args ...any) {
	text := l.line(format, args)
	n := l.alarms.count.Add(1) - 1
	l.alarms.kept[n%alarmLines].Store(&logLine{n, text})
	if told := l.alarms.told.Load(); told != nil {
		(*told)()
	}
}

// OnAlarm has fn called after every alarm from now on, by whoever raises it. It must
// not block.
func (l *Log) OnAlarm(fn func()) { l.alarms.told.Store(&fn) }

// AlarmStatus is /status/alarms.
type AlarmStatus struct {
	Count uint64   `json:"count"`
	Last  []string `json:"last"` // the latest ones, in order
}

// Alarms returns the alarms from number since on that are still kept, and how many
// there were in all.
func (l *Log) Alarms(since uint64) (s AlarmStatus) {
	s.Count = l.alarms.count.Load()
	if s.Count > alarmLines {
		since = max(since, s.Count-alarmLines)
	}
	for n := since; n < s.Count; n++ {
		if line := l.alarms.kept[n%alarmLines].Load(); line != nil && line.number == n {
			s.Last = append(s.Last, line.text)
		}
	}
	return s
}
