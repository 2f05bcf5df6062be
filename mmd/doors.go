package mmd

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// doorLease is for how long a host that came through a door may be silent. There is
// no other way for either side to notice that the other died.
const doorLease = 3 * time.Second

// knockPause is how long a knock has to wait after the one before: who knocks without
// end does not keep the card from its work.
const knockPause = 20 * machine.Millisecond

// mendEvery is how often the card looks after what the window says of itself, which
// a host that runs wild may have written over, if nobody knocks.
const mendEvery = 5 * machine.Second

// ServeDoors serves the hosts that come through a window. via says how packets
// travel, for people; ring wakes the host that said to be peer, nil meaning the
// machine's own way. Each door has a thread until the processor stops. The errors
// are those of Spawn.
func (s *Server) ServeDoors(d *link.Doors, via string, ring func(peer uint32, word *uint32)) error {
	for i := range d.Len() {
		_, err := s.cfg.Processor.Spawn(fmt.Sprintf("mmd/door%d", i), thread.Attributes{Activity: s.cfg.Activity("mmd")}, func(t *thread.Thread) {
			s.door(t, d, i, via, ring)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// door serves one host after the other.
func (s *Server) door(t *thread.Thread, d *link.Doors, i int, via string, ring func(uint32, *uint32)) {
	knock := d.Knock(i)
	count := atomic.LoadUint32(d.Answer(i))
	var client *Client
	var next machine.Time // not before
	for {
		look := machine.Forever
		if i == 0 {
			look = t.Processor().Now().Add(mendEvery)
		}
		err := t.WaitWord(knock, count, look)
		if err != nil && com.CodeOf(err) != com.ErrTimeout {
			return
		}
		d.Mend()
		if err != nil {
			continue
		}
		t.SleepUntil(next)
		next = t.Processor().Now().Add(knockPause)
		count = atomic.LoadUint32(knock)
		if client != nil { // the host has left, or is another one
			client.Disconnect()
			freed := make(chan struct{})
			thread.Await(func() { //mm:await for threads that are still in a call, and for sounds that fade
				client.Wait()
				client.Idle(func() { close(freed) })
				<-freed
			})
			client = nil
		}
		name, peer := d.Caller(i)
		bell := s.cfg.Processor.Machine().Ring
		if ring != nil {
			bell = func(word *uint32) { ring(peer, word) }
		}
		if count&1 == 1 {
			var c *link.Channel
			if c, err = d.Open(i); err == nil {
				c.SetLease(doorLease)
				client, err = s.Connect(c, name, via, bell, nil)
			}
		}
		d.Reply(i, count, err)
		bell(d.Answer(i))
	}
}
