package stream

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync"

	"github.com/mmlite/mmlite/firmware/com"
)

const (
	// MaxStreams is how many streams a session has at once.
	MaxStreams = 32
	// window is how many bytes of a stream may be under way to this side.
	window = 64 << 10
	// quantum is how many bytes of one stream go into a block while others wait.
	quantum = 4 << 10
	// maxControl is how many bytes of frames without data wait at most.
	maxControl = 64 << 10
)

// Session is the streams over one carrier.
type Session struct {
	carrier Carrier
	host    bool
	window  uint32
	accept  func(*Stream)

	mu      sync.Mutex
	work    sync.Cond // the writer has something to do
	id      uint16
	open    bool // the other side has answered
	answer  chan struct{}
	peer    uint32 // the other side's window
	streams [MaxStreams]*Stream
	next    int    // the stream whose turn it is
	control []byte // frames that wait
	refused error  // what the card said
	err     error
	done    chan struct{}
}

func newSession(c Carrier, host bool, accept func(*Stream)) (*Session, error) {
	if c.Size() < MinBlock || c.Size() > MaxBlock {
		return nil, com.Errorf(com.ErrInvalid, "link: a carrier of blocks of %d bytes, and %d to %d are possible", c.Size(), MinBlock, MaxBlock)
	}
	s := &Session{carrier: c, host: host, window: window, accept: accept, answer: make(chan struct{}), done: make(chan struct{})}
	s.work.L = &s.mu
	return s, nil
}

// Connect begins a session with the card at the other end of c, which belongs to
// the session from then on. Whatever was under way before is dropped. The errors
// are com.ErrVersion, those of the carrier, and that of ctx.
func Connect(ctx context.Context, c Carrier) (*Session, error) {
	s, err := newSession(c, true, nil)
	if err != nil {
		c.Close()
		return nil, err
	}
	s.id = uint16(rand.Uint32())
	s.control = appendWords(s.control, kindHello, 0, sessionProtocol, s.window)
	s.start()
	select {
	case <-s.answer:
		return s, nil
	case <-s.done:
		return nil, s.Err()
	case <-ctx.Done():
		s.fail(ctx.Err())
		return nil, com.Errorf(com.CodeOf(ctx.Err()), "no card answers: %v", ctx.Err())
	}
}

// Serve is the card's side: it hands every stream that the host opens to accept, on
// a goroutine of its own, until the carrier ends. A host that begins anew ends the
// streams of the one before.
func Serve(c Carrier, accept func(*Stream)) error {
	s, err := newSession(c, false, accept)
	if err != nil {
		return err
	}
	s.start()
	<-s.done
	return s.Err()
}

func (s *Session) start() {
	go func() { s.fail(s.receive()) }()
	go func() { s.fail(s.transmit()) }()
}

// Err returns why the session ended, or nil.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Done is closed when the session has ended.
func (s *Session) Done() <-chan struct{} { return s.done }

// Close ends the session and its streams.
func (s *Session) Close() error {
	s.fail(com.Errorf(com.ErrClosed, "link: the session was closed"))
	return nil
}

func (s *Session) fail(err error) {
	s.mu.Lock()
	if s.err != nil {
		s.mu.Unlock()
		return
	}
	s.err = err
	s.drop(err)
	close(s.done)
	s.work.Broadcast()
	s.mu.Unlock()
	s.carrier.Close()
}

// drop ends all streams.
func (s *Session) drop(err error) {
	for i, c := range s.streams {
		if c != nil {
			c.fail(err)
			s.streams[i] = nil
		}
	}
	s.control = s.control[:0]
}

// Open opens a stream. The errors are com.ErrQuota for too many and that of the
// session.
func (s *Session) Open() (*Stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	for i, c := range s.streams {
		if c == nil {
			s.control = appendFrame(s.control, kindOpen, uint8(i), 0)
			s.work.Signal()
			return s.add(uint8(i)), nil
		}
	}
	return nil, com.Errorf(com.ErrQuota, "link: %d programs use the card through this link already", MaxStreams)
}

func (s *Session) add(channel uint8) *Stream {
	c := &Stream{s: s, channel: channel, room: s.peer}
	c.changed.L = &s.mu
	s.streams[channel] = c
	return c
}

// receive takes blocks until the carrier ends.
func (s *Session) receive() error {
	buf := make([]byte, s.carrier.Size())
	for {
		n, err := s.carrier.Receive(buf)
		if err == ErrRestart && !s.host {
			s.mu.Lock()
			s.open = false
			s.drop(ErrRestart)
			s.mu.Unlock()
			continue
		}
		if err != nil {
			return err
		}
		s.mu.Lock()
		err = parseBlock(buf[:n], s.mine, s.take)
		s.mu.Unlock()
		switch {
		case err == nil:
		case !s.host:
			s.refuse(err)
		case s.started():
			return err
		}
		// What comes before the card's answer may be the rest of another session.
	}
}

func (s *Session) started() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open || com.CodeOf(s.refused) != com.OK
}

// refuse has a card end what is under way, tell the host why, and wait for one that
// keeps the rules.
func (s *Session) refuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = false
	s.drop(err)
	s.control = appendWords(s.control, kindWelcome, 0, uint32(com.CodeOf(err)), s.window, sessionProtocol)
	s.work.Signal()
}

// mine reports whether a block is of this session. A host's hello begins one.
func (s *Session) mine(id uint16, first frame) bool {
	if s.host || first.kind != kindHello {
		return id == s.id && (s.open || first.kind == kindWelcome)
	}
	s.drop(ErrRestart)
	s.id, s.open = id, true
	return true
}

// take takes one frame.
func (s *Session) take(f frame) error {
	switch f.kind {
	case kindHello:
		return s.hello(f)
	case kindWelcome:
		return s.welcome(f)
	case kindOpen:
		return s.opened(f)
	}
	var c *Stream
	if f.channel < MaxStreams {
		c = s.streams[f.channel]
	}
	if c == nil {
		return nil // it has ended, and this was under way
	}
	switch f.kind {
	case kindData:
		c.data(f.body)
	case kindCredit:
		n := uint64(c.room) + uint64(f.word(0))
		if n > uint64(s.peer) {
			c.shut(com.Errorf(com.ErrProtocol, "link: more credit than there is"))
			break
		}
		c.room = uint32(n)
		s.work.Signal()
	case kindClose:
		text := ""
		if len(f.body) > 4 {
			text = string(f.body[4:])
		}
		c.peerClosed(com.Code(f.word(0)), text)
		s.end(c)
	}
	return nil // kinds to come are passed over
}

func (s *Session) hello(f frame) error {
	if s.host {
		return com.Errorf(com.ErrProtocol, "link: what answers is no card")
	}
	code := com.OK
	if f.word(0) != sessionProtocol {
		code, s.open = com.ErrVersion, false
	}
	if len(s.control) > maxControl-frameHead-12 {
		return com.Errorf(com.ErrProtocol, "link: a host that begins again and again, and does not read")
	}
	s.peer = min(f.word(1), MaxWindow)
	s.control = appendWords(s.control, kindWelcome, 0, uint32(code), s.window, sessionProtocol)
	s.work.Signal()
	return nil
}

// MaxWindow is the largest window in bytes that either side believes the other.
const MaxWindow = 1 << 20

func (s *Session) welcome(f frame) error {
	if !s.host {
		return nil
	}
	switch code := com.Code(f.word(0)); {
	case code == com.ErrVersion:
		s.refused = com.Errorf(code, "link: the card speaks version %d of sessions, this program %d: update the older one", f.word(2), sessionProtocol)
		return s.refused
	case code != com.OK:
		s.refused = com.Errorf(code, "link: the card ended the session")
		return s.refused
	case s.open:
		return nil
	}
	s.peer, s.open = min(f.word(1), MaxWindow), true
	close(s.answer)
	return nil
}

func (s *Session) opened(f frame) error {
	if s.host || f.channel >= MaxStreams {
		return com.Errorf(com.ErrProtocol, "link: stream %d was opened", f.channel)
	}
	if s.streams[f.channel] != nil {
		return com.Errorf(com.ErrProtocol, "link: stream %d was opened twice", f.channel)
	}
	go s.accept(s.add(f.channel))
	return nil
}

// end forgets a stream that both sides have closed.
func (s *Session) end(c *Stream) {
	if c.closed && c.peer && s.streams[c.channel] == c {
		s.streams[c.channel] = nil
	}
}

// transmit sends what waits until the session ends.
func (s *Session) transmit() error {
	buf := make([]byte, 0, s.carrier.Size())
	for {
		s.mu.Lock()
		block := s.compose(buf)
		for block == nil && s.err == nil {
			s.work.Wait()
			block = s.compose(buf)
		}
		if s.err != nil {
			s.mu.Unlock()
			return s.err
		}
		s.mu.Unlock()
		if err := s.carrier.Send(block); err != nil {
			if err == ErrRestart && !s.host {
				continue // Receive is told as well
			}
			return err
		}
	}
}

// compose makes the next block in b, or returns nil if nothing waits. Frames without
// data come first, then the streams by turns.
func (s *Session) compose(b []byte) []byte {
	b = beginBlock(b, s.id)
	limit := cap(b) - 1 // for padding
	b = s.composeControl(b, limit)
	if !s.open {
		return finish(b)
	}
	turn := s.next
	for i := range MaxStreams {
		n := (turn + i) % MaxStreams
		c := s.streams[n]
		if c == nil {
			continue
		}
		if limit-len(b) < frameHead+maxClose {
			s.next = n // it is this one's turn in the next block
			break
		}
		b = s.composeStream(b, c, limit)
		s.next = (n + 1) % MaxStreams
	}
	return finish(b)
}

func finish(b []byte) []byte {
	if len(b) == blockHead {
		return nil
	}
	return endBlock(b)
}

// composeControl moves whole frames that wait into the block.
func (s *Session) composeControl(b []byte, limit int) []byte {
	at := 0
	for at < len(s.control) {
		n := frameHead + int(binary.LittleEndian.Uint16(s.control[at+2:]))
		if len(b)+n > limit {
			break
		}
		b = append(b, s.control[at:at+n]...)
		at += n
	}
	s.control = s.control[:copy(s.control, s.control[at:])]
	return b
}

// maxClose is the longest frame of a stream but for data.
const maxClose = 96

// composeStream adds what one stream has to say.
func (s *Session) composeStream(b []byte, c *Stream, limit int) []byte {
	if c.owed >= s.window/4 && !c.peer && !c.closing {
		b = appendWords(b, kindCredit, c.channel, c.owed)
		c.owed = 0
	}
	if n := min(c.out.n, int(c.room), quantum, limit-len(b)-frameHead); n > 0 {
		b = appendFrame(b, kindData, c.channel, n)
		at := len(b)
		b = b[:at+n]
		c.out.get(b[at:])
		c.room -= uint32(n)
		c.changed.Broadcast()
	}
	if c.closing && !c.closed && (c.out.n == 0 || c.why != nil) && limit-len(b) >= maxClose {
		b = s.composeClose(b, c)
	}
	return b
}

func (s *Session) composeClose(b []byte, c *Stream) []byte {
	code, text := com.OK, ""
	if c.why != nil {
		code, text = com.CodeOf(c.why), com.TextOf(c.why)
		text = text[:min(len(text), maxClose-frameHead-4)]
	}
	b = appendFrame(b, kindClose, c.channel, 4+len(text))
	b = binary.LittleEndian.AppendUint32(b, uint32(code))
	b = append(b, text...)
	c.closed = true
	s.end(c)
	return b
}
