package mmd

import (
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Client is one host program as the card sees it. Its fields belong to the
// threads of the processor that serves it, within sections.
type Client struct {
	s        *Server
	name     string
	via      string // how its packets travel
	end      *link.End
	conn     *ipc.Conn
	activity *sched.Activity
	view     *namespace.Overlay // the card's namespace, and /host
	pledge   pledge             // of the processor's time
	area     *share.Area        // memory and cursors it shares with the card
	since    machine.Time
	gone     atomic.Bool
	refused  bool           // Connect failed; see refuse
	served   bool           // the first thread has begun
	live     sync.WaitGroup // threads that serve it
	over     thread.Event   // the connection has ended
	onGone   func(error)

	// One thread reads the ring and serves what it reads at once: the leader.
	// If it comes to wait, one of the followers takes its place.
	leader    *server
	followers []*server
	servers   int
}

// server is a thread that serves a client.
type server struct {
	t    *thread.Thread
	in   *ipc.Incoming
	turn thread.Event
}

// Limits of one client.
const (
	maxServers = 64 // calls that may wait on the card at once
	maxRest    = 4  // threads kept for the next time
	maxObjects = 16384
)

// serve is the life of a thread that serves c.
func (c *Client) serve(t *thread.Thread) {
	s := &server{t: t, in: c.conn.NewIncoming()}
	// What the threads of a client share is theirs within sections. Objects are
	// called outside of them, so one that hogs the processor is left behind.
	t.Enter()
	c.leader = s
	defer c.leave(s)
	handOver := func() { c.handOver(s) }
	src, stirred := source{c}, c.s.cfg.Stirred
	t.OnBlock(handOver)
	for n := 0; c.conn.Err() == nil; n++ {
		call, handled, err := c.conn.Next(s.in)
		switch {
		case call: // to be served even if the connection has just ended: its object is busy with it
		case err != nil || c.conn.Err() != nil:
			return
		case !handled:
			if c.gone.Load() {
				c.conn.Fail(com.ErrGone, com.Errorf(com.ErrGone, "the client went away"))
				return
			}
			if why := c.end.PeerClosed(); why != com.OK && !c.end.Ready() {
				c.conn.Fail(com.ErrClosed, nil)
				return
			}
			t.OnBlock(nil)
			if t.Wait(src, machine.Forever) != nil {
				return
			}
			if stirred != nil {
				stirred()
			}
			t.OnBlock(handOver)
			continue
		default:
			continue
		}
		c.conn.Serve(s.in)
		if c.leader != s {
			if !c.rest(s) {
				return
			}
			t.OnBlock(handOver)
		}
		if n%8 == 0 {
			t.Checkpoint()
		}
	}
}

// handOver gives the ring to another thread because s is about to wait, or goes
// without a checkpoint for so long that others run beside it.
func (c *Client) handOver(s *server) {
	if c.leader != s || c.conn.Err() != nil {
		return
	}
	c.leader = nil
	if n := len(c.followers); n > 0 {
		f := c.followers[n-1]
		c.followers = c.followers[:n-1]
		c.leader = f
		f.turn.Signal()
		return
	}
	if c.servers >= maxServers {
		return // nobody reads until one of them is done: the client has to wait
	}
	c.spawn()
}

func (c *Client) spawn() {
	if c.start("mmd/"+c.name, c.serve) == nil {
		c.servers++
	}
}

// start makes a thread for c, which Wait waits for.
func (c *Client) start(name string, fn func(*thread.Thread)) error {
	c.live.Add(1)
	_, err := c.s.cfg.Processor.Spawn(name, thread.Attributes{
		Activity: c.activity,
		Exit: func(_ *thread.Thread, f *thread.Failure) {
			if f != nil && f.Err != com.ErrCanceled {
				c.s.cfg.Alarmf("%v\n%s", f, f.Stack)
			}
			if f != nil && !c.served { // nobody was there to notice
				c.conn.Fail(com.CodeOf(f.Err), f)
			}
			c.live.Done()
		},
	}, fn)
	if err != nil {
		c.live.Done()
	}
	return err
}

// Wait returns when no thread serves the client any more. It is for goroutines,
// after Gone was called. The window can be given back once Idle says so.
func (c *Client) Wait() { c.live.Wait() }

// Idle has fn called when no component of the card uses memory of the client's
// window any more: at once, or on the thread that lets go last. It is called once,
// after Wait.
func (c *Client) Idle(fn func()) { c.area.Close(fn) }

// rest keeps s for the next time its client needs a leader. It reports false if
// s is to end.
func (c *Client) rest(s *server) bool {
	if c.leader == nil {
		c.leader = s
		return c.conn.Err() == nil
	}
	if len(c.followers) >= maxRest || c.conn.Err() != nil {
		return false
	}
	c.followers = append(c.followers, s)
	return s.turn.Wait(machine.Forever) == nil && c.conn.Err() == nil
}

// leave takes the accounts of a thread that ends.
func (c *Client) leave(s *server) {
	defer s.t.Leave(s.t.Enter())
	c.servers--
	if c.leader == s {
		c.leader = nil
		if c.conn.Err() == nil { // it was ended from outside: the client has nobody left
			c.conn.Fail(com.ErrGone, com.Errorf(com.ErrGone, "the card ended the thread that served this client"))
		}
	}
}

// Failed implements ipc.Driver: the connection is over.
func (c driver) Failed(err error) {
	if c.refused {
		return
	}
	c.over.Signal()
	section := c.s.cfg.Processor.Section().Enter()
	for _, f := range c.followers {
		f.turn.Signal()
	}
	c.followers = nil
	c.s.cfg.Processor.Section().Leave(section)
	_ = c.view.Own().Remove(hostName) // nothing may be there
	c.view.Release()
	c.unreserve()
	c.s.forget(c.Client, c.conn.Stats().Served, err)
	if c.onGone != nil {
		c.onGone(err)
	}
}

// watchLease ends the client when its host has not renewed the lease for d: the
// only sign of life through a window that nothing else watches. It renews the
// card's as well.
func (c *Client) watchLease(t *thread.Thread, d machine.Duration) {
	for last, n := c.end.Lease(), 1; c.conn.Err() == nil; n++ {
		c.end.Beat()
		if c.over.WaitOn(t, t.Processor().Now().Add(d/3)) == nil {
			return
		}
		if n%3 != 0 {
			continue
		}
		now := c.end.Lease()
		if now == last {
			c.conn.Fail(com.ErrGone, com.Errorf(com.ErrGone, "client %s has not renewed its lease for %v", c.name, d))
			return
		}
		last = now
	}
}

// Disconnect ends the client from any goroutine, when its transport finds that
// it is gone: its objects are released, its calls are cancelled. The channel's
// memory may be given back once Gone has been called.
func (c *Client) Disconnect() {
	c.gone.Store(true)
	err := c.start("mmd/"+c.name+"/end", func(*thread.Thread) {
		c.conn.Fail(com.ErrGone, com.Errorf(com.ErrGone, "client %s went away", c.name))
	})
	if err != nil && c.onGone != nil { // the card itself is stopping
		c.onGone(com.ErrGone)
	}
}
