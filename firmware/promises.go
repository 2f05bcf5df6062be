package firmware

import (
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/trace"
)

// SchedulerStatus is /status/scheduler.
type SchedulerStatus struct {
	Promises    []PromiseStatus  `json:"promises"`
	Punctuality []PunctualStatus `json:"punctuality"`
}

// PromiseStatus is what an activity was promised on a processor and what came of
// it. Times are in microseconds.
type PromiseStatus struct {
	Processor string  `json:"processor"`
	Activity  string  `json:"activity"`
	Percent   float64 `json:"promised_percent"` // of the processor
	AmountUs  float64 `json:"amount_us"`
	PeriodUs  float64 `json:"period_us"`
	LastUs    float64 `json:"last_us"` // what it had of Amount in the last whole period
	Accepted  uint64  `json:"accepted"`
	Refused   uint64  `json:"refused"`
	Missed    uint64  `json:"missed"`
}

// PunctualStatus is how well a processor keeps time: wakeup, overrun, slack and
// late as in system.Histogram, in microseconds.
type PunctualStatus struct {
	Processor string  `json:"processor"`
	What      string  `json:"what"`
	Count     uint64  `json:"count"`
	P50       float64 `json:"p50_us"`
	P90       float64 `json:"p90_us"`
	P99       float64 `json:"p99_us"`
	Max       float64 `json:"max_us"`
}

func (c *Card) schedulerStatus() any {
	s := SchedulerStatus{Promises: []PromiseStatus{}, Punctuality: []PunctualStatus{}}
	for _, r := range c.promises() {
		p := PromiseStatus{
			Processor: r.Processor, Activity: r.Activity, AmountUs: us(machine.FromStd(r.Amount)), PeriodUs: us(machine.FromStd(r.Period)),
			LastUs: us(machine.FromStd(r.Last)), Accepted: r.Accepted, Refused: r.Refused, Missed: r.Missed,
		}
		if r.Period > 0 {
			p.Percent = 100 * r.Amount.Seconds() / r.Period.Seconds()
		}
		s.Promises = append(s.Promises, p)
	}
	for _, p := range c.processors() {
		st, err := p.Status()
		if err != nil {
			continue // it has stopped
		}
		add := func(what string, h *trace.Histogram) {
			if q := h.Summary(); q.Count > 0 {
				s.Punctuality = append(s.Punctuality, PunctualStatus{p.Name(), what, q.Count, us(q.P50), us(q.P90), us(q.P99), us(q.Max)})
			}
		}
		add("wakeup", &st.Wakeup)
		add("overrun", &st.Overrun)
		add("slack", &st.Slack)
		add("late", &st.Late)
	}
	return s
}

func us(d machine.Duration) float64 { return float64(d) / float64(machine.Microsecond) }
