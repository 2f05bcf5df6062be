package mmd

import (
	"context"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// source is a client's ring as something a thread can wait for.
type source struct{ c *Client }

func (s source) Look() bool {
	return s.c.end.Ready() || s.c.end.PeerClosed() != com.OK || s.c.gone.Load()
}

func (s source) Arm() (machine.Word, bool) {
	bell, old := s.c.end.Arm()
	return machine.Word{Addr: bell, Old: old}, s.Look()
}

func (s source) Disarm() {}

// driver is a client's end of its connection.
type driver struct{ *Client }

// Wait implements ipc.Driver: a thread of the card called an object of the
// client. Another thread reads the ring meanwhile.
func (c driver) Wait(call *ipc.Call) error {
	t := thread.Current()
	if t == nil || t.Processor() != c.s.cfg.Processor {
		return com.Errorf(com.ErrInvalid, "an object of a client was called from outside the threads that serve it")
	}
	if call.Deadline == 0 {
		call.Deadline = c.Now() + int64(call.Timeout())
	}
	reply := call.Waiter.(*thread.Event)
	if call.Context != nil && call.Context.Done() != nil {
		defer context.AfterFunc(call.Context, reply.Signal)()
	}
	for !call.Done() {
		if call.Context != nil {
			if err := call.Context.Err(); err != nil {
				return com.CodeOf(err)
			}
		}
		if err := reply.Wait(machine.Time(call.Deadline)); err != nil && !call.Done() {
			return com.Errorf(com.CodeOf(err), "client %s did not answer", c.name)
		}
	}
	return nil
}

// Completed implements ipc.Driver.
func (c driver) Completed(call *ipc.Call) {
	call.Waiter.(*thread.Event).Signal()
}

// Made implements ipc.Driver.
func (c driver) Made(call *ipc.Call) { call.Waiter = &thread.Event{} }

// fullPatience is how often a thread tries to find room in the ring of a client
// that does not read before that client is given up, 100 us or more apart.
const fullPatience = 50000

// Full implements ipc.Driver.
func (c driver) Full(attempt int) error {
	if attempt > fullPatience {
		return com.Errorf(com.ErrTimeout, "client %s does not read its ring", c.name)
	}
	if thread.Current() == nil {
		return com.Errorf(com.ErrBusy, "the ring to client %s is full", c.name)
	}
	thread.Sleep(100 * machine.Microsecond)
	return nil
}

// Exported implements ipc.Driver: a card's ring is always read.
func (c driver) Exported() {}

// Now implements ipc.Driver.
func (c driver) Now() int64 { return int64(c.s.cfg.Processor.Now()) }
