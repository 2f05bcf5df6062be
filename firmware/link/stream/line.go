package stream

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// Line is a Carrier over a line that may lose, damage and invent bytes, but does not
// change their order: a UART. Packets are stuffed, numbered and have a CRC; the
// receiver asks for the first that is missing, and the sender goes back to it
// (go-back-N, window 8). The host's first packet begins anew.
type Line struct {
	rw   io.ReadWriteCloser
	host bool

	mu    sync.Mutex
	work  sync.Cond // the sending goroutine has something to do
	room  sync.Cond // Send may go on
	ready sync.Cond // Receive may go on

	nonce   uint32
	up      bool // both sides have begun
	synDue  bool // a host's syn, or a card's answer to one
	restart bool // Receive has to tell
	err     error

	// What goes out: packets base to next wait for their acknowledgement, and sent is
	// the one to be sent next.
	base, next, sent uint8
	out              [lineWindow][]byte
	again            [lineWindow]bool // it was sent more than once
	sentAt           [lineWindow]time.Time
	rtt              time.Duration
	timer            *time.Timer
	tries            int
	rest             time.Duration

	// What comes in.
	want     uint8 // the next packet
	ackDue   bool
	nakDue   bool
	nakFor   int // the packet that was asked for, -1 none
	in       [lineWindow][]byte
	inAt     int
	inN      int
	damaged  uint64
	repeated uint64
}

const (
	lineWindow = 8
	// lineBlock is the largest block: not so long that others wait for it at 115,200
	// bits a second, which take 0.1 s for it.
	lineBlock = 1024
	lineHead  = 3
	lineSum   = 4
	// linePacket is the longest packet, stuffed.
	linePacket = lineHead + lineBlock + lineSum + (lineHead+lineBlock+lineSum)/254 + 2

	firstRest = 300 * time.Millisecond
	leastRest = 30 * time.Millisecond
	mostRest  = 2 * time.Second
	// maxTries is after how many attempts in a row without an answer a side gives up.
	maxTries = 16
)

// Kinds of packets: kind uint8, number uint8, and the number of the next packet that
// the sender wants, then the block, then CRC-32C of all that, little endian.
const (
	lineSyn    = 0x51 // a nonce: the host begins
	lineSynAck = 0x52 // the same: the card has begun
	lineData   = 0x53
	lineAck    = 0x54
	lineNak    = 0x55 // the packet that is wanted was lost
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// NewLine returns the card's side of a line, which waits for a host, or the host's,
// which begins. rw belongs to the line; closing it ends a Read under way.
func NewLine(rw io.ReadWriteCloser, host bool) *Line {
	l := &Line{rw: rw, host: host, rest: firstRest, nakFor: -1}
	l.work.L, l.room.L, l.ready.L = &l.mu, &l.mu, &l.mu
	l.timer = time.AfterFunc(time.Hour, l.late)
	l.timer.Stop()
	if host {
		l.nonce, l.synDue = rand.Uint32(), true
	}
	go l.read()
	go l.write()
	return l
}

// Size implements Carrier.
func (l *Line) Size() int { return lineBlock }

// Close implements Carrier.
func (l *Line) Close() error {
	l.fail(com.Errorf(com.ErrClosed, "link: the line was closed"))
	return nil
}

// Damaged returns how many packets came damaged, and how many were sent again.
func (l *Line) Damaged() (packets, again uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.damaged, l.repeated
}

func (l *Line) fail(err error) {
	l.mu.Lock()
	if l.err != nil {
		l.mu.Unlock()
		return
	}
	l.err = err
	l.timer.Stop()
	l.wakeAll()
	l.mu.Unlock()
	l.rw.Close()
}

func (l *Line) wakeAll() {
	l.work.Broadcast()
	l.room.Broadcast()
	l.ready.Broadcast()
}

// Send implements Carrier. A card waits for a host.
func (l *Line) Send(block []byte) error {
	if len(block) > lineBlock {
		return com.Errorf(com.ErrInvalid, "link: a block of %d bytes for a line", len(block))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	nonce := l.nonce
	for l.err == nil && (!l.up || l.next-l.base >= lineWindow) {
		l.room.Wait()
		if l.nonce != nonce {
			return ErrRestart
		}
	}
	if l.err != nil {
		return l.err
	}
	i := l.next % lineWindow
	l.out[i] = append(l.out[i][:0], block...)
	l.again[i] = false
	l.next++
	l.work.Signal()
	return nil
}

// Receive implements Carrier.
func (l *Line) Receive(block []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.inN == 0 && !l.restart && l.err == nil {
		l.ready.Wait()
	}
	if l.restart {
		l.restart = false
		return 0, ErrRestart
	}
	if l.inN == 0 {
		return 0, l.err
	}
	n := copy(block, l.in[l.inAt%lineWindow])
	l.inAt++
	l.inN--
	return n, nil
}

// begin sets a card up for a host, or a host for its card.
func (l *Line) begin() {
	l.base, l.next, l.sent, l.want = 0, 0, 0, 0
	l.ackDue, l.nakDue, l.nakFor = false, false, -1
	l.inN, l.tries, l.rest, l.rtt = 0, 0, firstRest, 0
	l.up = true
	l.timer.Stop()
	l.wakeAll()
}

// late runs when nothing has been heard of what was sent for a while.
func (l *Line) late() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil || l.up && l.base == l.next {
		return
	}
	if l.tries++; l.tries > maxTries {
		l.giveUp()
		return
	}
	l.rest = min(2*l.rest, mostRest)
	if !l.up {
		l.synDue = l.host
	}
	l.goBack()
	l.work.Signal()
}

// giveUp ends a host's line, and has a card wait for another host.
func (l *Line) giveUp() {
	if l.host {
		err := com.Errorf(com.ErrTimeout, "link: nothing answers on the line")
		go l.fail(err)
		return
	}
	l.up, l.restart = false, true
	l.base, l.next, l.sent = 0, 0, 0
	l.wakeAll()
}

// goBack has everything that was not acknowledged be sent again.
func (l *Line) goBack() {
	for n := l.base; n != l.sent; n++ {
		l.again[n%lineWindow] = true
		l.repeated++
	}
	l.sent = l.base
}

// write sends what is due.
func (l *Line) write() {
	raw := make([]byte, 0, lineHead+lineBlock+lineSum)
	wire := make([]byte, 0, linePacket+1)
	for {
		l.mu.Lock()
		for l.err == nil && !l.due() {
			l.work.Wait()
		}
		if l.err != nil {
			l.mu.Unlock()
			return
		}
		raw = l.compose(raw[:0])
		l.mu.Unlock()
		raw = binary.LittleEndian.AppendUint32(raw, crc32.Checksum(raw, castagnoli))
		// A zero before the packet ends whatever the line has invented.
		wire = appendCOBS(append(wire[:0], 0), raw)
		if _, err := l.rw.Write(wire); err != nil {
			l.fail(com.Errorf(com.ErrGone, "link: %v", err))
			return
		}
		l.mu.Lock()
		if l.err == nil && (l.base != l.next || !l.up && l.host) {
			l.timer.Reset(l.rest)
		}
		l.mu.Unlock()
	}
}

func (l *Line) due() bool {
	return l.synDue || l.up && (l.sent != l.next || l.ackDue || l.nakDue)
}

// compose makes the next packet but for its sum.
func (l *Line) compose(b []byte) []byte {
	if l.synDue {
		l.synDue = false
		kind := byte(lineSynAck)
		if l.host {
			kind = lineSyn
		}
		return binary.LittleEndian.AppendUint32(append(b, kind, 0, 0), l.nonce)
	}
	if l.nakDue || l.sent == l.next {
		kind := byte(lineAck)
		if l.nakDue {
			kind = lineNak
		}
		l.ackDue, l.nakDue = false, false
		return append(b, kind, 0, l.want)
	}
	i := l.sent % lineWindow
	b = append(append(b, lineData, l.sent, l.want), l.out[i]...)
	l.sentAt[i] = time.Now()
	l.sent++
	l.ackDue = false
	return b
}

// read takes what comes until the line ends.
func (l *Line) read() {
	buf := make([]byte, 4096)
	packet := make([]byte, 0, linePacket)
	skip := false // a packet that is too long
	for {
		n, err := l.rw.Read(buf)
		for _, v := range buf[:n] {
			switch {
			case v != 0 && len(packet) < linePacket:
				packet = append(packet, v)
			case v != 0:
				skip = true
			default:
				if len(packet) > 0 {
					l.packet(packet, skip)
				}
				packet, skip = packet[:0], false
			}
		}
		if err != nil {
			l.fail(com.Errorf(com.ErrGone, "link: the line: %v", err))
			return
		}
	}
}

// packet takes one packet, as it came.
func (l *Line) packet(p []byte, bad bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok := unstuff(p)
	if bad || !ok || len(p) < lineHead+lineSum || len(p) > lineHead+lineBlock+lineSum ||
		crc32.Checksum(p[:len(p)-lineSum], castagnoli) != binary.LittleEndian.Uint32(p[len(p)-lineSum:]) {
		l.damaged++
		l.ask()
		return
	}
	kind, number, wanted, body := p[0], p[1], p[2], p[lineHead:len(p)-lineSum]
	switch kind {
	case lineSyn, lineSynAck:
		if len(body) == 4 {
			l.syn(kind, binary.LittleEndian.Uint32(body))
		}
		return
	}
	if !l.up {
		return
	}
	l.acknowledged(wanted, kind == lineNak)
	if kind == lineData {
		l.take(number, body)
	}
}

// ask asks once for the packet that is wanted.
func (l *Line) ask() {
	if l.up && l.nakFor != int(l.want) {
		l.nakFor, l.nakDue = int(l.want), true
		l.work.Signal()
	}
}

func (l *Line) syn(kind byte, nonce uint32) {
	switch {
	case kind == lineSyn && !l.host:
		if nonce != l.nonce || !l.up {
			l.nonce = nonce
			l.restart = true
			l.begin()
		}
		l.synDue = true
		l.work.Signal()
	case kind == lineSynAck && l.host && nonce == l.nonce && !l.up:
		l.begin()
	}
}

// acknowledged takes the number of the packet that the other side wants next.
func (l *Line) acknowledged(wanted uint8, lost bool) {
	if n := wanted - l.base; n > l.next-l.base {
		return // of another time
	} else if n > 0 {
		i := (wanted - 1) % lineWindow
		if !l.again[i] && l.sent-l.base >= n {
			d := time.Since(l.sentAt[i])
			l.rtt += (d - l.rtt) / 4
			if l.rtt < d/4 {
				l.rtt = d
			}
		}
		if l.sent-l.base < n {
			l.sent = wanted
		}
		l.base, l.tries = wanted, 0
		l.rest = min(max(4*l.rtt, leastRest), mostRest)
		if l.base == l.next {
			l.timer.Stop()
		} else {
			l.timer.Reset(l.rest)
		}
		l.room.Signal()
	}
	if lost && l.base != l.next {
		l.goBack()
		l.work.Signal()
	}
}

// take takes a block.
func (l *Line) take(number uint8, body []byte) {
	switch {
	case number == l.want && l.inN < lineWindow:
		i := (l.inAt + l.inN) % lineWindow
		l.in[i] = append(l.in[i][:0], body...)
		l.inN++
		l.want++
		l.nakFor = -1
		l.ackDue = true
		l.ready.Signal()
	case number-l.want < lineWindow && number != l.want:
		l.ask()
	default:
		l.ackDue = true // it is known, or there is no room
	}
	l.work.Signal()
}
