package stream

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"runtime"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
)

// said is a host that has said all that it ever will.
type said struct{ *bytes.Reader }

func (said) Write(p []byte) (int, error) { return len(p), nil }
func (said) Close() error                { return nil }

func greeting(t testing.TB, v any) []byte {
	b, err := Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGreetings(t *testing.T) {
	good := Hello{Magic: Magic, Protocol: link.Protocol, Client: string(make([]byte, 100))}
	w, name, err := Answer(said{bytes.NewReader(greeting(t, good))}, 7, 1<<20)
	if err != nil || len(name) != maxClient || w.Channel.Generation() != 7 {
		t.Fatal(len(name), err)
	}
	for want, b := range map[com.Code][]byte{
		com.ErrVersion:  greeting(t, Hello{Magic: Magic, Protocol: link.Protocol + 1}),
		com.ErrProtocol: greeting(t, Hello{Magic: "other", Protocol: link.Protocol}),
		com.ErrGone:     {1, 0},
	} {
		if _, _, err := Answer(said{bytes.NewReader(b)}, 1, 0); com.CodeOf(err) != want {
			t.Errorf("%q: %v, want %v", b, err, want)
		}
	}
	for want, v := range map[com.Code]Welcome{
		com.ErrVersion:  {Magic: Magic, Protocol: link.Protocol + 1},
		com.ErrQuota:    Refusal(com.Errorf(com.ErrQuota, "enough")),
		com.ErrProtocol: {Magic: Magic, Protocol: link.Protocol, Size: 4096},
		com.ErrInvalid:  {Magic: Magic, Protocol: link.Protocol, Large: 1 << 30},
	} {
		if _, err := Greet(said{bytes.NewReader(greeting(t, v))}, "x"); com.CodeOf(err) != want {
			t.Errorf("%+v: %v, want %v", v, err, want)
		}
	}
}

// A stream that ends within a packet ends the window, with the reason.
func TestWindowEnds(t *testing.T) {
	for want, b := range map[com.Code][]byte{com.ErrGone: {24, 0, 1}, com.ErrProtocol: {255, 255, 1, 2}} {
		a, c := net.Pipe()
		w, err := NewWindow(c, 1, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		gone := w.Pump(w.Channel.HostEnd, func(*uint32) {})
		if _, err := a.Write(b); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Fatal(err)
		}
		a.Close()
		<-gone
		if com.CodeOf(w.Err()) != want {
			t.Errorf("% x: %v, want %v", b, w.Err(), want)
		}
	}
}

// Large messages that come without a pause, more than there is room for, are read as
// they come: what is staged is shown to the reader whose room is waited for.
func TestWindowFullOfBulk(t *testing.T) {
	const messages, size = 30, 30_000
	head := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(make([]byte, 16), 0), size)
	head[0], head[3] = link.BulkSize, link.FlagBulk
	var sent []byte
	for i := range messages {
		sent = append(append(sent, head...), bytes.Repeat([]byte{byte(i)}, size)...)
	}
	w, err := NewWindow(said{bytes.NewReader(sent)}, 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	end := w.Channel.CardEnd(w.Ring)
	gone := w.Pump(w.Channel.HostEnd, func(*uint32) {})
	buf, body, got := make([]byte, link.MaxPacket), make([]byte, size), 0
	for over := false; ; {
		n, err := end.Get(buf)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			if s, _ := link.BulkOf(buf[:n]); end.Copy(body, s) != nil || body[0] != byte(got) || body[size-1] != byte(got) {
				t.Fatalf("message %d is %d", got, body[0])
			}
			got++
			continue
		}
		if end.Arm(); over {
			break
		}
		select {
		case <-gone:
			over = true
		default:
			runtime.Gosched()
		}
	}
	if got != messages {
		t.Fatalf("%d messages of %d: %v", got, messages, w.Err())
	}
}

// Nothing that comes through a stream hurts a card.
func FuzzWindow(f *testing.F) {
	hello := greeting(f, Hello{Magic: Magic, Protocol: link.Protocol, Client: "x"})
	bulk := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(make([]byte, 16), 0), 3)
	bulk[0], bulk[3] = link.BulkSize, link.FlagBulk
	f.Add(append(append(hello, bulk...), 1, 2, 3))
	f.Add([]byte{16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if w, _, err := Answer(said{bytes.NewReader(b)}, 1, 1<<20); err == nil {
			w.Close()
		}
		w, err := NewWindow(said{bytes.NewReader(b)}, 1, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		end := w.Channel.CardEnd(w.Ring)
		gone := w.Pump(w.Channel.HostEnd, func(*uint32) {})
		buf, body := make([]byte, link.MaxPacket), make([]byte, 1<<20)
		for over := false; ; {
			n, err := end.Get(buf)
			if err != nil {
				t.Fatal(err)
			}
			if n > 0 {
				if s, ok := link.BulkOf(buf[:n]); ok {
					if err := end.Copy(body, s); err != nil {
						t.Fatal(err)
					}
				}
				continue
			}
			end.Arm()
			if over {
				return
			}
			select {
			case <-gone:
				over = true // what was written before is still there
			default:
				runtime.Gosched()
			}
		}
	})
}
