package monitor

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/coder/websocket"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/hostdriver"
)

// painter is a program that fills rectangles of the card's screen.
type painter struct {
	*testing.T
	ctx    context.Context
	card   *hostdriver.Card
	device graphics.Device
	front  graphics.Surface
	number uint32
}

func (r *rig) painter() *painter {
	r.mu.Lock()
	card := r.card
	r.mu.Unlock()
	p := &painter{T: r.T, ctx: r.ctx, card: card}
	g, err := hostdriver.Bind(r.ctx, card, "/graphics", graphics.GraphicsType)
	p.ok(err)
	defer g.Release()
	p.device, err = g.Open(r.ctx, graphics.DeviceOptions{Name: "painter"})
	p.ok(err)
	p.front, err = p.device.CreateSurface(r.ctx, graphics.SurfaceOptions{Caps: graphics.CapPrimary, Format: graphics.XRGB8888})
	p.ok(err)
	i, err := p.front.Info(r.ctx)
	p.ok(err)
	p.number = i.Number
	r.Cleanup(func() {
		p.front.Release()
		p.device.Release()
	})
	return p
}

func (p *painter) ok(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// fill paints, and returns when that is to be seen.
func (p *painter) fill(r graphics.Rect, color uint32) {
	p.Helper()
	p.ok(p.device.Blit(graphics.Blit{Dst: p.number, DstRect: r, Flags: graphics.BlitFill, Color: color}))
	p.ok(p.card.Flush(p.ctx))
	s, err := hostdriver.Bind(p.ctx, p.card, "/screen", graphics.ScreenType)
	p.ok(err)
	defer s.Release()
	for range 2 {
		_, err = s.WaitBlank(p.ctx)
		p.ok(err)
	}
}

// shown is what a page would show.
type shown struct {
	*testing.T
	w, h   int
	pixels []uint32 // red in the lowest byte
	number uint32
	area   int // of the last message
}

// draw does what the page does with a message.
func (s *shown) draw(b []byte) {
	s.Helper()
	s.number = binary.LittleEndian.Uint32(b)
	w, h := int(binary.LittleEndian.Uint16(b[12:])), int(binary.LittleEndian.Uint16(b[14:]))
	if s.pixels == nil {
		s.w, s.h, s.pixels = w, h, make([]uint32, w*h)
	}
	n := binary.LittleEndian.Uint32(b[16:])
	s.area = 0
	b = b[pictureHead:]
	for ; n > 0; n-- {
		x, y := int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:]))
		w, h := int(binary.LittleEndian.Uint16(b[4:])), int(binary.LittleEndian.Uint16(b[6:]))
		b = b[rectHead:]
		for i := range w * h {
			s.pixels[(y+i/w)*s.w+x+i%w] = binary.LittleEndian.Uint32(b[4*i:])
		}
		b = b[4*w*h:]
		s.area += w * h
	}
	if len(b) != 0 {
		s.Errorf("%d bytes are left of message %d", len(b), s.number)
	}
}

// until reads and answers messages until a pixel has a colour.
func (s *shown) until(r *rig, c *websocket.Conn, x, y int, color uint32) {
	s.Helper()
	for s.pixels == nil || s.pixels[y*s.w+x] != color {
		b := r.read(c)
		s.draw(b)
		r.write(c, b[:4]...)
	}
}

// What is painted on the card is shown, what has changed and little more; a page that
// stops reading gets two pictures, and then all that it has missed as one.
func TestScreenIsShown(t *testing.T) {
	for name, options := range map[string][]hostdriver.Option{"shared memory": nil, "socket": {hostdriver.NoSharedMemory()}} {
		t.Run(name, func(t *testing.T) {
			r := start(t, options...)
			p := r.painter()
			c := r.open("screen")
			s := &shown{T: t}
			p.fill(graphics.Rect{X1: 640, Y1: 480}, 0x112233)
			s.until(r, c, 639, 479, 0xFF332211)
			p.fill(graphics.Rect{X0: 100, Y0: 100, X1: 110, Y1: 110}, 0x00FF00)
			s.until(r, c, 105, 105, 0xFF00FF00)
			if s.area > 64*64 {
				t.Errorf("for 10 by 10 pixels came %d", s.area)
			}
			last := s.number
			for i := range int32(6) { // two of these are sent, and the rest wait
				p.fill(graphics.Rect{X0: 64 * i, Y0: 200, X1: 64*i + 10, Y1: 210}, 0xFF0000)
			}
			var held [][]byte
			for range screenAhead {
				b := r.read(c)
				s.draw(b)
				held = append(held, b[:4])
			}
			if s.number != last+screenAhead {
				t.Fatalf("message %d came after %d", s.number, last)
			}
			for _, b := range held {
				r.write(c, b...)
			}
			s.until(r, c, 64*5+5, 205, 0xFF0000FF)
			if s.number > last+screenAhead+2 {
				t.Errorf("what a page has missed came as message %d after %d", s.number, last)
			}
			for i := range 6 {
				if got := s.pixels[205*s.w+64*i+5]; got != 0xFF0000FF {
					t.Errorf("rectangle %d is %#x", i, got)
				}
			}
		})
	}
}

// With the pictures come the layers, if they are asked for.
func TestLayersAreShown(t *testing.T) {
	r := start(t)
	p := r.painter()
	c := r.open("layers")
	for {
		b := r.read(c)
		r.write(c, b[:4]...)
		n := binary.LittleEndian.Uint32(b[16:])
		rest := b[pictureHead:]
		for ; n > 0; n-- {
			rest = rest[rectHead+4*int(binary.LittleEndian.Uint16(rest[4:]))*int(binary.LittleEndian.Uint16(rest[6:])):]
		}
		var list []graphics.ScreenLayer
		if err := json.Unmarshal(rest, &list); err != nil {
			t.Fatalf("%s: %v", rest, err)
		}
		if len(list) == 1 && list[0].Device == "painter" && list[0].Width == 640 && list[0].Matrix.XX == 1 && list[0].Primary {
			return
		}
		p.fill(graphics.Rect{X1: 100, Y1: 100}, binary.LittleEndian.Uint32(b)) // so that another picture comes
	}
}

// What is typed on the page comes to a program, and is let go when the page goes.
func TestKeysComeToTheCard(t *testing.T) {
	r := start(t)
	control := r.open("control")
	r.read(control)
	r.mu.Lock()
	card := r.card
	r.mu.Unlock()
	in, err := hostdriver.Bind(r.ctx, card, "/input", input.InputType)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Release()
	q, err := in.Open(r.ctx, input.QueueOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Release()
	r.write(control, msgInput, byte(input.Key), 1, 0x2C, 0, 0, 0, 0, 0, 0, 0, byte(input.Pointer), 0, 0, 0, 0, 0, 7, 0, 0xFF, 0xFF)
	want := []input.Event{{Kind: input.Key, Down: true, Code: 0x2C}, {Kind: input.Pointer, X: 7, Y: -1}, {Kind: input.Key, Code: 0x2C}}
	for n := 0; n < len(want); {
		events, _, err := q.Next(r.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.At = 0; n == len(want) || e != want[n] {
				t.Fatalf("event %d is %+v", n, e)
			}
			if n++; n == 2 {
				control.CloseNow()
			}
		}
	}
}
