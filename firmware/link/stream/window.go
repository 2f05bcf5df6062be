package stream

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
)

// DefaultLarge is the size in bytes of a window's large bulk area, of which there
// is one for each direction; a message has at most half of that.
const DefaultLarge = 16 << 20

// config is small but for large messages: nothing is gained by more than the
// buffers on the way.
func config(large int) link.Config {
	if large == 0 {
		large = DefaultLarge
	}
	return link.Config{Slots: 256, Small: 256 << 10, Large: large}
}

// Window is one side's channel of a link without shared memory. Its memory is this
// side's own; what this side writes there goes out through the stream, and what
// comes in is written where this side reads.
type Window struct {
	Channel *link.Channel
	rw      io.ReadWriteCloser
	end     *link.End
	more    chan struct{}
	gone    chan struct{}
	once    sync.Once
	err     error
	large   int
}

// NewWindow returns a window over rw for sides that have greeted each other. The
// error is com.ErrInvalid for a large area that no channel can have.
func NewWindow(rw io.ReadWriteCloser, generation uint64, large int) (*Window, error) {
	cfg := config(large)
	if large < 0 || large > DefaultLarge { // the other side's word for it
		rw.Close()
		return nil, com.Errorf(com.ErrInvalid, "link: a bulk area of %d bytes", large)
	}
	mem, err := machine.NewGoMemory(cfg.Size())
	if err != nil {
		rw.Close()
		return nil, err
	}
	ch, err := link.Format(mem.Bytes(), cfg, generation)
	if err != nil {
		rw.Close()
		return nil, err
	}
	return &Window{Channel: ch, rw: rw, more: make(chan struct{}, 1), gone: make(chan struct{}), large: cfg.Large}, nil
}

// Pump moves packets between the stream and the far end of the channel until either
// side hangs up. far is the end that this side does not use; ring wakes who sleeps
// on its words. The returned channel is closed when the other side is gone.
func (w *Window) Pump(far func(ring func(*uint32)) *link.End, ring func(*uint32)) <-chan struct{} {
	w.end = far(ring)
	go func() { w.stop(w.receive()) }()
	go func() { w.stop(w.transmit()) }()
	return w.gone
}

func (w *Window) stop(err error) {
	w.once.Do(func() {
		w.err = err
		close(w.gone)
		w.rw.Close()
	})
}

// Err returns why the pump stopped, once the channel that Pump returned is closed.
func (w *Window) Err() error {
	select {
	case <-w.gone:
		return w.err
	default:
		return nil
	}
}

// Close hangs up.
func (w *Window) Close() error {
	w.stop(com.ErrClosed)
	return nil
}

// Ring wakes the pump; it is what this side's own end of the channel is to ring.
func (w *Window) Ring(*uint32) {
	select {
	case w.more <- struct{}{}:
	default:
	}
}

// transmit sends what this side wrote.
func (w *Window) transmit() error {
	out := bufio.NewWriterSize(w.rw, 64<<10)
	buf := make([]byte, link.MaxPacket)
	var body []byte
	for {
		n, err := w.end.Get(buf)
		if err != nil {
			return err
		}
		if n == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
			w.end.Arm()
			if w.end.Ready() {
				continue
			}
			select {
			case <-w.more:
				continue
			case <-w.gone:
				return nil
			}
		}
		if _, err := out.Write(buf[:n]); err != nil {
			return err
		}
		span, ok := link.BulkOf(buf[:n])
		if !ok {
			continue
		}
		if span.Len > uint32(w.large) {
			return com.Errorf(com.ErrProtocol, "link: bulk of %d bytes", span.Len)
		}
		if uint32(cap(body)) < span.Len {
			body = make([]byte, span.Len)
		}
		if err := w.end.Copy(body[:span.Len], span); err != nil {
			return err
		}
		if _, err := out.Write(body[:span.Len]); err != nil {
			return err
		}
		if cap(body) > keepBody {
			body = nil
		}
	}
}

// keepBody is the largest buffer in bytes that waits for the next large message.
const keepBody = 1 << 20

// receive writes what comes in where this side reads it.
func (w *Window) receive() error {
	in := bufio.NewReaderSize(w.rw, 64<<10)
	buf := make([]byte, link.MaxPacket)
	for {
		if _, err := io.ReadFull(in, buf[:2]); err != nil {
			return hungUp(err)
		}
		n := int(binary.LittleEndian.Uint16(buf))
		if n < 4 || n > link.MaxPacket {
			return com.Errorf(com.ErrProtocol, "link: packet of %d bytes in the stream", n)
		}
		if _, err := io.ReadFull(in, buf[2:n]); err != nil {
			return hungUp(err)
		}
		for attempt := 0; ; attempt++ {
			ok, err := w.put(in, buf[:n])
			if err != nil {
				return err
			}
			if ok {
				break
			}
			if err := w.wait(attempt); err != nil {
				return err
			}
		}
		if in.Buffered() == 0 {
			w.end.Publish()
		}
	}
}

// hungUp is the end of a stream as the reason why a link ended. One that ends within
// a packet is one, too.
func hungUp(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return com.Errorf(com.ErrGone, "link: the other side hung up")
	}
	return err
}

// put stages one packet, with its bulk if it has any.
func (w *Window) put(in io.Reader, packet []byte) (bool, error) {
	if w.end.Broken() != nil || !w.end.Room((len(packet)+59)/60) {
		return false, w.end.Broken()
	}
	if span, ok := link.BulkOf(packet); ok {
		if int64(span.Len) > int64(w.end.MaxBulk()) {
			return false, com.Errorf(com.ErrProtocol, "link: bulk of %d bytes", span.Len)
		}
		to, mem := w.end.Alloc(int(span.Len))
		if mem == nil {
			return false, w.end.Broken()
		}
		if _, err := io.ReadFull(in, mem); err != nil {
			return false, hungUp(err)
		}
		link.SetBulk(packet, to)
	}
	return w.end.Put(packet), nil
}

// fullPatience is how often the pump looks for room in a ring whose reader does not
// read before it gives up: after about a minute.
const fullPatience = 30000

// wait waits a little for room, less patiently at first.
func (w *Window) wait(attempt int) error {
	if attempt >= fullPatience {
		return com.Errorf(com.ErrTimeout, "link: this side does not read its ring")
	}
	t := time.NewTimer(min(time.Duration(attempt+1)*20*time.Microsecond, 2*time.Millisecond))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-w.gone:
		return com.ErrClosed
	}
}
