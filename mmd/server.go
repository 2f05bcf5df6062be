package mmd

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Config is what a server is made of.
type Config struct {
	// Processor runs the threads that serve clients.
	Processor *thread.Processor
	// Root is the card's namespace, of which every client sees all.
	Root system.Namespace
	// Stubs are the contracts linked into the image.
	Stubs []*ipc.Stub
	// Info describes the card; Link and Uptime are filled in.
	Info func() system.Info
	// Log returns lines of the card's log from a number on; see system.System.
	Log func(since uint64) (lines []string, next uint64)
	// Logf writes to the card's log. It must not block.
	Logf func(format string, args ...any)
	// Alarmf, which may be nil, takes the place of Logf for what goes wrong: a client
	// that breaks off, or a call that panics.
	Alarmf func(format string, args ...any)
	// Activity returns the activity that a client's calls are charged to.
	Activity func(name string) *sched.Activity
	// Forget is told that no thread will be charged to an activity any more; it
	// may be nil.
	Forget func(*sched.Activity)
	// Reserve, which may be nil, reserves time of Processor; see Adjust.
	Reserve Reserver
	// Stirred, which may be nil, is called on a thread of Processor when packets of
	// a client have come after a while without.
	Stirred func()
	// Welcome, which may be nil, puts what is a new client's own into its view. area
	// is what the card can share with that client.
	Welcome func(own *namespace.Dir, area *share.Area) error
	// MaxClients limits how many clients there are at once; 0 means 32.
	MaxClients int
}

// Server is the card's end of all its links.
type Server struct {
	cfg     Config
	born    machine.Time
	clients atomic.Int64
	calls   atomic.Uint64 // of clients that are gone
	number  atomic.Uint64

	mu  sync.Mutex // held for a few instructions only; see list
	all []*Client
}

// New returns a server without clients.
func New(cfg Config) *Server {
	if cfg.MaxClients == 0 {
		cfg.MaxClients = 32
	}
	if cfg.Alarmf == nil {
		cfg.Alarmf = cfg.Logf
	}
	return &Server{cfg: cfg, born: cfg.Processor.Now()}
}

// Connect serves a new client over channel, whose window the host has seen or is
// about to see. via says how packets travel, for people; ring wakes the host, nil
// meaning the machine's own way. gone, which may be nil,
// is called once when the client is no more, on a thread of the card or on the
// goroutine that called Disconnect. Connect may be called from any goroutine.
func (s *Server) Connect(channel *link.Channel, name, via string, ring func(*uint32), gone func(error)) (*Client, error) {
	if n := s.clients.Add(1); n > int64(s.cfg.MaxClients) {
		s.clients.Add(-1)
		return nil, com.Errorf(com.ErrQuota, "the card has %d clients already", s.cfg.MaxClients)
	}
	if name == "" {
		name = "client"
	}
	name = fmt.Sprintf("%s#%d", com.Printable(name), s.number.Add(1))
	if ring == nil {
		ring = s.cfg.Processor.Machine().Ring
	}
	c := &Client{s: s, name: name, via: via, onGone: gone, since: s.cfg.Processor.Now()}
	c.end = channel.CardEnd(ring)
	c.activity = s.cfg.Activity("client/" + name)
	c.conn = ipc.NewConn(c.end, driver{c}, ipc.Options{
		Single:     true,
		Stubs:      s.cfg.Stubs,
		MaxObjects: maxObjects,
		Panicked: func(where string, reason any, stack []byte) {
			s.cfg.Alarmf("panic in %s, called by %s: %v\n%s", where, name, reason, stack)
		},
	})
	if err := s.admit(c, channel); err != nil {
		return nil, s.refuse(c, err)
	}
	s.cfg.Logf("client %s connected through %s", name, via)
	return c, nil
}

// admit makes what a client has on the card, and starts the thread that serves it.
func (s *Server) admit(c *Client, channel *link.Channel) (err error) {
	if c.area, err = share.New(channel); err != nil {
		return err
	}
	if c.view, err = namespace.NewOverlay(s.cfg.Root, 0); err != nil {
		return err
	}
	if s.cfg.Welcome != nil {
		if err := s.cfg.Welcome(c.view.Own(), c.area); err != nil {
			return err
		}
	}
	root := newRoot(c)
	err = c.conn.Export(root, system.SystemStub)
	root.Release()
	if err != nil {
		return err
	}
	c.conn.Guard(s.cfg.Processor.Section())
	c.servers = 1
	s.mu.Lock() //mm:blocking held for a few instructions
	s.all = append(s.all, c)
	s.mu.Unlock()
	lease := machine.FromStd(channel.LeaseTime())
	return c.start("mmd/"+c.name, func(t *thread.Thread) {
		c.served = true
		if lease > 0 {
			// A client that nobody would miss is not kept.
			if err := c.start("mmd/"+c.name+"/lease", func(t *thread.Thread) { c.watchLease(t, lease) }); err != nil {
				c.conn.Fail(com.CodeOf(err), err)
			}
		}
		c.serve(t)
	})
}

// refuse takes back what admit made before it failed with err, which it returns. No
// thread serves c, so there is nobody to share a section with.
func (s *Server) refuse(c *Client, err error) error {
	c.refused = true
	s.remove(c)
	s.clients.Add(-1)
	if s.cfg.Forget != nil {
		s.cfg.Forget(c.activity)
	}
	c.conn.Guard(nil)
	c.conn.Fail(com.CodeOf(err), err)
	if c.view != nil {
		c.view.Release()
	}
	if c.area != nil {
		c.area.Close(func() {}) // whoever asked knows by the error that the channel is his again
	}
	return err
}

// remove takes c off the list, and reports whether it was there.
func (s *Server) remove(c *Client) bool {
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	for i, o := range s.all {
		if o == c {
			s.all = append(s.all[:i:i], s.all[i+1:]...)
			return true
		}
	}
	return false
}

// forget drops a client that has made so many calls.
func (s *Server) forget(c *Client, calls uint64, err error) {
	if s.remove(c) {
		s.clients.Add(-1)
		s.calls.Add(calls)
		if s.cfg.Forget != nil {
			s.cfg.Forget(c.activity)
		}
	}
	say := s.cfg.Alarmf
	if c.end.PeerClosed() == com.ErrClosed {
		say = s.cfg.Logf // it said good-bye
	}
	say("client %s: %v", c.name, err)
}

// ClientStatus describes a client, for /status/link.
type ClientStatus struct {
	Name      string  `json:"name"`
	Link      string  `json:"link"`
	Seconds   float64 `json:"seconds"`
	Calls     uint64  `json:"calls"`
	Objects   int     `json:"objects"`   // that it holds
	Callbacks int     `json:"callbacks"` // of its objects that the card holds
	Threads   int     `json:"threads"`
}

// Status describes all clients. It runs on a thread of the server's processor.
func (s *Server) Status() []ClientStatus {
	now := s.cfg.Processor.Now()
	all := s.clientList()
	list := make([]ClientStatus, 0, len(all))
	for _, c := range all {
		section := s.cfg.Processor.Section().Enter()
		st := c.conn.Stats()
		list = append(list, ClientStatus{c.name, c.via, now.Sub(c.since).Seconds(), st.Served, st.Exports, st.Imports, c.servers})
		s.cfg.Processor.Section().Leave(section)
	}
	return list
}

// Calls returns how many calls all clients have made. It runs on a thread of the
// server's processor.
func (s *Server) Calls() uint64 {
	section := s.cfg.Processor.Section()
	defer section.Leave(section.Enter()) // before the lock: who has that must not wait for a turn
	n := s.calls.Load()
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	for _, c := range s.all {
		n += c.conn.Stats().Served
	}
	return n
}

// StatusPage writes values into every client's status page. What they are is in
// package system.
func (s *Server) StatusPage(values []uint64) {
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	for _, c := range s.all {
		link.PutStatus(c.end.Channel().Status(), values)
	}
}
