package hosted

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
)

// A window without shared memory is a channel in this process's own memory whose
// far end is moved by goroutines: what this side writes goes out through the
// socket, what comes in is written where this side reads. The packets are the
// same, and so is everything above.

// socketConfig is small: nothing is gained by more than the socket buffers.
var socketConfig = link.Config{Slots: 256, Small: 256 << 10, Large: 16 << 20}

func socketWindow(c *net.UnixConn, generation uint64) (*Window, error) {
	mem, err := machine.NewGoMemory(socketConfig.Size())
	if err != nil {
		return nil, err
	}
	ch, err := link.Format(mem.Bytes(), socketConfig, generation)
	if err != nil {
		return nil, err
	}
	return &Window{Channel: ch, Conn: c, pump: &pump{conn: c, more: make(chan struct{}, 1)}}, nil
}

// Pump moves packets between the socket and the far end of a window that shares
// no memory, until either side hangs up. far is the end that this process does
// not use; ring wakes who sleeps on its words. The returned channel is closed
// when the other side is gone.
func (w *Window) Pump(far func(ring func(*uint32)) *link.End, ring func(*uint32)) <-chan struct{} {
	gone := make(chan struct{})
	p := w.pump
	p.end = far(ring)
	var once sync.Once
	stop := func() { once.Do(func() { close(gone); w.Conn.Close() }) }
	go func() { defer stop(); p.receive() }()
	go func() { defer stop(); p.transmit(gone) }()
	return gone
}

// pump is the far end.
type pump struct {
	conn *net.UnixConn
	end  *link.End
	more chan struct{}
}

// Ring wakes the pump; it is what this side's own end of the channel is to ring.
func (w *Window) Ring(*uint32) {
	p := w.pump
	select {
	case p.more <- struct{}{}:
	default:
	}
}

// transmit sends what this side wrote.
func (p *pump) transmit(gone <-chan struct{}) {
	out := bufio.NewWriterSize(p.conn, 64<<10)
	buf := make([]byte, link.MaxPacket)
	var body []byte
	for {
		n, err := p.end.Get(buf)
		if err != nil {
			return
		}
		if n == 0 {
			if out.Flush() != nil {
				return
			}
			p.end.Arm()
			if p.end.Ready() {
				continue
			}
			select {
			case <-p.more:
				continue
			case <-gone:
				return
			}
		}
		if _, err := out.Write(buf[:n]); err != nil {
			return
		}
		if span, ok := link.BulkOf(buf[:n]); ok {
			if span.Len > uint32(socketConfig.Large) {
				return
			}
			if uint32(cap(body)) < span.Len {
				body = make([]byte, span.Len)
			}
			if p.end.Copy(body[:span.Len], span) != nil {
				return
			}
			if _, err := out.Write(body[:span.Len]); err != nil {
				return
			}
		}
	}
}

// receive writes what comes in where this side reads it.
func (p *pump) receive() {
	in := bufio.NewReaderSize(p.conn, 64<<10)
	buf := make([]byte, link.MaxPacket)
	for {
		if _, err := io.ReadFull(in, buf[:2]); err != nil {
			return
		}
		n := int(binary.LittleEndian.Uint16(buf))
		if n < 4 || n > link.MaxPacket {
			return
		}
		if _, err := io.ReadFull(in, buf[2:n]); err != nil {
			return
		}
		for attempt := 0; ; attempt++ {
			ok, err := p.put(in, buf[:n])
			if err != nil {
				return
			}
			if ok {
				break
			}
			if !wait(attempt) {
				return
			}
		}
		if in.Buffered() == 0 {
			p.end.Publish()
		}
	}
}

// put stages one packet, with its bulk if it has any.
func (p *pump) put(in io.Reader, packet []byte) (bool, error) {
	if p.end.Broken() != nil || !p.end.Room((len(packet)+59)/60) {
		return false, p.end.Broken()
	}
	span, ok := link.BulkOf(packet)
	if ok {
		if int64(span.Len) > int64(p.end.MaxBulk()) {
			return false, com.Errorf(com.ErrProtocol, "bulk of %d bytes", span.Len)
		}
		to, mem := p.end.Alloc(int(span.Len))
		if mem == nil {
			return false, p.end.Broken()
		}
		if _, err := io.ReadFull(in, mem); err != nil {
			return false, err
		}
		link.SetBulk(packet, to)
	}
	return p.end.Put(packet), nil
}

// wait waits a little for room, less patiently at first. It reports false after
// about a minute.
func wait(attempt int) bool {
	time.Sleep(min(time.Duration(attempt+1)*20*time.Microsecond, 2*time.Millisecond))
	return attempt < 30000
}
