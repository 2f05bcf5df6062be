package stream

import (
	"io"
	"sync"

	"github.com/mmlite/mmlite/firmware/com"
)

// Stream is one program's stream of bytes in a session. Read and Write may be used
// by one goroutine each, Close by any.
type Stream struct {
	s       *Session
	channel uint8

	// All below is guarded by the session's lock.
	in      fifo
	out     fifo
	room    uint32 // bytes that the other side still takes
	owed    uint32 // bytes read that the other side was not told of
	readErr error  // why nothing more comes; in is read to its end first
	closing bool   // a close has to be sent
	closed  bool   // one was
	peer    bool   // the other side has closed
	why     error
	changed sync.Cond
}

// sendBuffer is how many bytes of a stream wait for their turn.
const sendBuffer = 64 << 10

// Read implements io.Reader. It returns io.EOF when the other side has closed, and
// com.ErrGone and others with the reason when the stream ended in another way.
func (c *Stream) Read(p []byte) (int, error) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	for c.in.n == 0 {
		if c.readErr != nil {
			return 0, c.readErr
		}
		if len(p) == 0 {
			return 0, nil
		}
		c.changed.Wait()
	}
	n := c.in.get(p)
	c.owed += uint32(n)
	if c.owed >= s.window/4 && !c.peer {
		s.work.Signal()
	}
	return n, nil
}

// Write implements io.Writer. It returns once all of p waits for its turn.
func (c *Stream) Write(p []byte) (int, error) {
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	done := 0
	for done < len(p) {
		for c.out.n >= sendBuffer && c.writable() == nil {
			c.changed.Wait()
		}
		if err := c.writable(); err != nil {
			return done, err
		}
		n := min(len(p)-done, sendBuffer-c.out.n)
		c.out.put(p[done : done+n])
		done += n
		s.work.Signal()
	}
	return done, nil
}

func (c *Stream) writable() error {
	switch {
	case c.closing || c.closed:
		return com.ErrClosed
	case c.peer:
		return c.readErr
	}
	return nil
}

// Close implements io.Closer. What was written before still goes out.
func (c *Stream) Close() error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.shut(nil)
	return nil
}

// shut closes this side, with a reason for the other if there is one.
func (c *Stream) shut(why error) {
	if c.closing || c.closed {
		return
	}
	c.closing, c.why = true, why
	if c.readErr == nil {
		c.readErr = com.ErrClosed
		if why != nil {
			c.readErr = why
		}
	}
	if c.peer { // nobody takes what waits
		c.out = fifo{}
	}
	c.changed.Broadcast()
	c.s.work.Signal()
}

// fail ends the stream with the session.
func (c *Stream) fail(err error) {
	c.closed, c.peer = true, true
	if c.readErr == nil {
		c.readErr = err
	}
	c.out = fifo{}
	c.changed.Broadcast()
}

// data takes bytes that came. They are within the credit, or the stream ends.
func (c *Stream) data(p []byte) {
	if c.closing || c.closed || c.peer {
		return // they were under way
	}
	if c.in.n+int(c.owed)+len(p) > int(c.s.window) {
		c.shut(com.Errorf(com.ErrProtocol, "link: more than the credit of %d bytes", c.s.window))
		return
	}
	c.in.put(p)
	c.changed.Broadcast()
}

// peerClosed takes the other side's close.
func (c *Stream) peerClosed(code com.Code, text string) {
	c.peer = true
	if c.readErr == nil {
		c.readErr = io.EOF
		if code != com.OK {
			c.readErr = com.Errorf(code, "%s", text)
		}
	}
	c.shut(nil)
	c.out = fifo{}
	c.changed.Broadcast()
}
