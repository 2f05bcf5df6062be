package mmd

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/estimate"
)

// Processor time for a client's calls comes out of a reservation of its own,
// where the policy of the processor has any, so that no other client and no
// work of the card's own keeps it waiting for longer than a period. The amount
// follows what its calls take.
const (
	// callPeriod is how long a client waits at most for a processor that others
	// want, too. BenchmarkCallsBesideWork in package firmware shows what it is for.
	callPeriod = 2 * machine.Millisecond
	// callLeast is the least that is reserved: a few hundred small calls.
	callLeast = 100 * machine.Microsecond
	// callShare is how much all clients may have of each period together.
	callShare = callPeriod / 2
	// callRetry is how long after a refusal more is asked for again.
	callRetry = machine.Second
	// callBlink is the shortest time over which use is measured.
	callBlink = 5 * machine.Millisecond
)

// Reserver is what a Server asks for processor time, as firmware.Card.Reserve.
type Reserver func(a *sched.Activity, amount, period machine.Duration) (sched.Grant, error)

// pledge is what a client has reserved, and what it needs.
type pledge struct {
	need *estimate.Estimator
	have machine.Duration
	used machine.Duration // by its activity, when last looked at
	at   machine.Time
	// again is when to ask next after a refusal.
	again machine.Time
}

// Adjust reserves for each client what its calls have taken lately. A thread of
// the server's processor calls it while calls come, some milliseconds or more
// apart.
func (s *Server) Adjust() {
	if s.cfg.Reserve == nil {
		return
	}
	now := s.cfg.Processor.Now()
	clients := s.clientList()
	most := callShare
	if n := len(clients); n > 0 {
		most /= machine.Duration(n)
	}
	for _, c := range clients {
		c.adjust(now, max(most, callLeast))
	}
}

// Relax gives back what is reserved for clients, once there are no calls.
func (s *Server) Relax() {
	if s.cfg.Reserve == nil {
		return
	}
	for _, c := range s.clientList() {
		c.unreserve()
	}
}

func (c *Client) adjust(now machine.Time, most machine.Duration) {
	section := c.s.cfg.Processor.Section()
	defer section.Leave(section.Enter())
	x := &c.pledge
	used := c.activity.Used()
	if x.need == nil {
		x.need = estimate.New(estimate.Config{First: callLeast, Floor: callLeast, Ceiling: callShare})
		x.used, x.at = used, now
	}
	if now.Sub(x.at) < callBlink && x.have != 0 {
		return
	}
	if over := now.Sub(x.at); over > 0 {
		per := float64((used-x.used)*callPeriod) / float64(over)
		x.need.Add(min(machine.Duration(per), callPeriod))
	}
	x.used, x.at = used, now
	want, change := x.need.Resize(x.have)
	if want = min(want, most); (!change && x.have <= most) || want == x.have || now < x.again || c.conn.Err() != nil {
		return
	}
	g, err := c.s.cfg.Reserve(c.activity, want, callPeriod)
	switch com.CodeOf(err) {
	case com.OK:
		x.have = want
	case com.ErrNotSupported:
		x.have = want // the card asks again under a policy that has reservations
	case com.ErrQuota, com.ErrBusy:
		x.again = now.Add(callRetry)
		// What would fit is better than nothing.
		if g.Amount >= callLeast && g.Amount > x.have {
			if _, err := c.s.cfg.Reserve(c.activity, g.Amount, callPeriod); err == nil {
				x.have = g.Amount
			}
		}
	}
}

// unreserve gives back what is reserved for c.
func (c *Client) unreserve() {
	section := c.s.cfg.Processor.Section()
	defer section.Leave(section.Enter())
	x := &c.pledge
	if x.have == 0 {
		return
	}
	x.have = 0
	if _, err := c.s.cfg.Reserve(c.activity, 0, 0); err != nil && com.CodeOf(err) != com.ErrClosed {
		c.s.cfg.Logf("client %s: giving back its reservation: %v", c.name, err)
	}
}

func (s *Server) clientList() []*Client {
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	return append([]*Client(nil), s.all...)
}
