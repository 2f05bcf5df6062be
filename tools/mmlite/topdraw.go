package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"
)

// draw makes a page of what happened between two looks, of at most rows lines of
// columns characters; 0 means as many as it takes. The threads that used most come
// first, and are what is cut. What has gone wrong is red on a screen that has
// colours.
func draw(before, now *snapshot, rows, columns int, colours bool) []byte {
	var b bytes.Buffer
	dt := now.at.Sub(before.at).Seconds()
	drawHead(&b, before, now, dt)
	drawProcessors(&b, before, now)
	drawActivities(&b, before, now, dt)
	drawPorts(&b, now)
	drawStreams(&b, now)
	drawThreads(&b, before, now, dt)
	lines := bytes.Split(b.Bytes(), []byte("\n"))
	if rows > 0 && len(lines) >= rows {
		lines = lines[:rows-1]
	}
	for i := range lines {
		lines[i] = cutLine(lines[i], columns)
	}
	page := bytes.Join(lines, []byte("\n"))
	on, off := " ", " "
	if colours {
		on, off = " \x1b[31m", "\x1b[0m "
	}
	return bytes.ReplaceAll(bytes.ReplaceAll(page, []byte{redOn}, []byte(on)), []byte{redOff}, []byte(off))
}

// cutLine shortens a line, which a terminal would go on with in its next row, to
// so many characters; 0 leaves it as it is. Text that is red ends with the line.
func cutLine(line []byte, columns int) []byte {
	if columns <= 0 || utf8.RuneCount(line) <= columns {
		return line
	}
	line = []byte(string([]rune(string(line))[:columns]))
	if bytes.LastIndexByte(line, redOn) > bytes.LastIndexByte(line, redOff) {
		line[len(line)-1] = redOff // a space in the place of the last character
	}
	return line
}

// redOn and redOff stand for what makes text red, and for a space each: so tables
// stay straight.
const (
	redOn  = '\x01'
	redOff = '\x02'
)

// fault writes a number that should be 0, with a space on either side.
func fault(n uint64) string {
	if n == 0 {
		return " 0 "
	}
	return fmt.Sprintf("%c%d%c", redOn, n, redOff)
}

// percent is a share of one processor.
func percent(seconds, dt float64) string {
	if dt <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", max(0, 100*seconds/dt))
}

func drawHead(b *bytes.Buffer, before, now *snapshot, dt float64) {
	i := now.Card
	fmt.Fprintf(b, "card %s (%s %s)", i.Name, i.Board, i.Version)
	if len(now.Processors) > 0 {
		fmt.Fprintf(b, ", up %v", time.Duration(now.Processors[0].Up)*time.Second)
	}
	b.WriteString("\n")
	if a := now.Audio; a != nil {
		state := "playing"
		if a.Resting {
			state = "resting"
		}
		fmt.Fprintf(b, "sound: %s, %d Hz, %s", a.Device, a.Rate, state)
		if a.Offline {
			b.WriteString(", as fast as it goes")
		} else {
			fmt.Fprintf(b, ", %.1f ms buffered", a.LatencyMs)
		}
		fmt.Fprintf(b, ", underruns%slate periods%s\n", fault(a.Underruns), fault(a.LatePeriods))
	}
	then := map[string]uint64{}
	for _, c := range before.Link {
		then[c.Name] = c.Calls
	}
	fmt.Fprintf(b, "link:")
	for n, c := range now.Link {
		rate := 0.0
		if old, ok := then[c.Name]; ok && dt > 0 {
			rate = float64(c.Calls-min(old, c.Calls)) / dt
		}
		sep := ""
		if n > 0 {
			sep = ","
		}
		fmt.Fprintf(b, "%s %s %.0f calls/s (%d objects)", sep, c.Name, rate, c.Objects)
	}
	if len(now.Link) == 0 {
		b.WriteString(" nobody")
	}
	b.WriteString("\n\n")
}

func drawProcessors(b *bytes.Buffer, before, now *snapshot) {
	w := tabwriter.NewWriter(b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "BUSY %\tPROCESSOR\tPOLICY\tPROMISES\tMISSED\tWAKE-UPS us\tOVERRUNS us\tSYSTEM")
	for _, p := range now.Processors {
		busy := "-"
		for _, o := range before.Processors {
			if o.Processor == p.Processor && p.Up > o.Up {
				busy = percent(p.Up-o.Up-(p.Idle-o.Idle), p.Up-o.Up)
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", busy, p.Processor, p.Policy, p.Promises, fault(p.Missed),
			now.punctual(p.Processor, "wakeup"), now.punctual(p.Processor, "overrun"), p.RealTime)
	}
	_ = w.Flush() // a buffer takes everything
	for _, p := range now.Processors {
		if p.Advice != "" {
			fmt.Fprintf(b, "%s: %s\n", p.Processor, p.Advice)
		}
	}
	b.WriteString("\n")
}

// punctual says how late something was, half of the times, nearly all, and at
// worst.
func (s *snapshot) punctual(processor, what string) string {
	if s.Scheduler != nil {
		for _, h := range s.Scheduler.Punctuality {
			if h.Processor == processor && h.What == what {
				return fmt.Sprintf("%.0f, 99%% %.0f, max %.0f", h.P50, h.P99, h.Max)
			}
		}
	}
	return "-"
}

// promised adds up what an activity was promised on all processors.
func (s *snapshot) promised(activity string) (sum promiseState, any bool) {
	if s.Scheduler == nil {
		return sum, false
	}
	for _, p := range s.Scheduler.Promises {
		if p.Activity == activity {
			any = true
			sum.Percent += p.Percent
			if p.PeriodUs > 0 {
				sum.LastUs += 100 * p.LastUs / p.PeriodUs
			}
			sum.Accepted += p.Accepted
			sum.Refused += p.Refused
			sum.Missed += p.Missed
		}
	}
	return sum, any
}

func drawActivities(b *bytes.Buffer, before, now *snapshot, dt float64) {
	then := map[string]float64{}
	for _, a := range before.Activities {
		then[a.Activity] = a.Seconds
	}
	w := tabwriter.NewWriter(b, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "LOAD %\tPROMISED %\tHAD %\tACCEPTED\tREFUSED\tMISSED \tCPU s\t  ACTIVITY")
	total := 0.0
	for _, a := range now.Activities {
		total += a.Seconds - then[a.Activity]
		promised, had, accepted, refused, missed := "", "", "", "", ""
		if p, any := now.promised(a.Activity); any {
			if p.Percent > 0 {
				promised, had = fmt.Sprintf("%.2f", p.Percent), fmt.Sprintf("%.2f", p.LastUs)
			}
			accepted, refused, missed = fmt.Sprint(p.Accepted), fmt.Sprint(p.Refused), fault(p.Missed)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%.3f\t  %s\n", percent(a.Seconds-then[a.Activity], dt),
			promised, had, accepted, refused, missed, a.Seconds, a.Activity)
	}
	fmt.Fprintf(w, "%s\t\t\t\t\t\t\t  all, of one processor\n", percent(total, dt))
	_ = w.Flush() // a buffer takes everything
	b.WriteString("\n")
}

func drawStreams(b *bytes.Buffer, now *snapshot) {
	if now.Audio == nil || len(now.Audio.Streams) == 0 {
		return
	}
	for _, s := range now.Audio.Streams {
		state := "stopped"
		if s.Playing {
			state = "playing"
		}
		fmt.Fprintf(b, "stream %s at %s: %s, %d Hz, %d channels, %s, %s, %.1f ms waiting, heard after %.1f ms, trim %.0f ppm, dry%slate frames%s\n",
			s.Name, clockText(s.Played, uint32(max(s.Rate, 1))), state, s.Rate, s.Channels, s.Format, s.Quality,
			s.BufferMs, s.LatencyMs, s.TrimPPM, fault(s.Underruns), fault(s.Late))
	}
	b.WriteString("\n")
}

func drawPorts(b *bytes.Buffer, now *snapshot) {
	if now.Synth == nil {
		return
	}
	for _, p := range now.Synth.Ports {
		at := ""
		if now.Audio != nil && now.Audio.Rate > 0 {
			at = clockText(p.Heard, uint32(now.Audio.Rate))
		}
		fmt.Fprintf(b, "port %s at %s: %d voices (most %d, of %d), %s, %d queued, late%sstolen %d, missed%s\n",
			p.Name, at, p.Voices, p.PeakVoices, p.Quota, p.Bank, p.Queued, fault(p.Late), p.Stolen, fault(p.Missed))
		var heard []string
		for _, c := range p.Channels {
			if c.Voices > 0 {
				heard = append(heard, fmt.Sprintf("%d %s (%d)", c.Channel, c.Instrument, c.Voices))
			}
		}
		if len(heard) > 0 {
			fmt.Fprintf(b, "  %s\n", strings.Join(heard, ", "))
		}
	}
	if len(now.Synth.Ports) > 0 {
		b.WriteString("\n")
	}
}

func drawThreads(b *bytes.Buffer, before, now *snapshot, dt float64) {
	// Threads of one name are shown together: which of them is which, names do
	// not tell.
	type line struct {
		threadState
		count int
		used  float64
		runs  float64
	}
	at := map[string]*line{}
	var list []*line
	for _, t := range now.Threads {
		key := t.Processor + "/" + t.Thread
		l := at[key]
		if l == nil {
			l = &line{threadState: t}
			at[key] = l
			list = append(list, l)
		}
		l.count++
		l.used += t.Seconds
		l.runs += float64(t.Switches)
		if l.count > 1 {
			l.Overruns += t.Overruns
			l.Missed += t.Missed
		}
		l.Stretch = max(l.Stretch, t.Stretch)
		if t.State == "running" {
			l.State, l.WaitsFor = t.State, t.WaitsFor
		}
	}
	for _, t := range before.Threads {
		if l := at[t.Processor+"/"+t.Thread]; l != nil {
			l.used -= t.Seconds
			l.runs -= float64(t.Switches)
		}
	}
	slices.SortStableFunc(list, func(a, b *line) int { return cmp.Compare(b.used, a.used) })
	w := tabwriter.NewWriter(b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "LOAD %\tSWITCHES/s\tLONGEST us\tOVERRUNS\tMISSED\tTHREAD\tPROCESSOR\tSTATE\tWAITS FOR")
	for _, t := range list {
		runs := "-"
		if dt > 0 {
			runs = fmt.Sprintf("%.0f", max(0, t.runs)/dt)
		}
		name := t.Thread
		if t.count > 1 {
			name += fmt.Sprintf(" (%d threads)", t.count)
		}
		fmt.Fprintf(w, "%s\t%s\t%.0f\t%d\t%s\t%s\t%s\t%s\t%s\n", percent(t.used, dt), runs, t.Stretch, t.Overruns, fault(t.Missed), name, t.Processor, t.State, t.WaitsFor)
	}
	_ = w.Flush() // a buffer takes everything
}
