package mmd

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// doorLease is for how long a host that came through a door may be silent. There is
// no other way for either side to notice that the other died.
const doorLease = 3 * time.Second

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
	for {
		if t.WaitWord(knock, count, machine.Forever) != nil {
			return
		}
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
		var err error
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
