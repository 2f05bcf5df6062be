package browsertest

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
)

// scene is a program that draws on the card's screen.
type scene struct {
	t          *testing.T
	device     graphics.Device
	front      graphics.Surface
	back       graphics.Surface
	land       graphics.Surface
	width      int32
	height     int32
	stop, done chan struct{}
}

const balls = 24

// newScene opens a device, and makes the land that moves past behind the balls:
// twice as wide as the screen, and of no two pixels alike.
func newScene(t *testing.T, card *hostdriver.Card) *scene {
	ctx := context.Background()
	s := &scene{t: t}
	g := must(hostdriver.Bind(ctx, card, "/graphics", graphics.GraphicsType))(t)
	defer g.Release()
	info := must(g.Info(ctx))(t)
	s.width, s.height = int32(info.Width), int32(info.Height)
	s.device = must(g.Open(ctx, graphics.DeviceOptions{Name: "moving scene"}))(t)
	s.front = must(s.device.CreateSurface(ctx, graphics.SurfaceOptions{Caps: graphics.CapPrimary, Format: graphics.XRGB8888, BackBuffers: 1}))(t)
	s.back = must(s.front.Attached(ctx, 1))(t)
	s.land = must(s.device.CreateSurface(ctx, graphics.SurfaceOptions{Width: 2 * info.Width, Height: info.Height, Format: graphics.XRGB8888}))(t)
	locked := must(s.land.Lock(ctx, graphics.Rect{}, false))(t)
	memory := must(s.land.Memory(ctx))(t)
	span := must(hostdriver.Map(ctx, card, memory))(t)
	for y := range int(s.height) {
		row := span.Bytes()[int(locked.Offset)+y*int(locked.Pitch):]
		for x := range int(2 * s.width) {
			hill := byte(100 + 60*((x/40+y/40)%2))
			row[4*x], row[4*x+1], row[4*x+2] = hill+byte(y/8), byte(x/3)^byte(y/2), byte(y/2)+byte(x%7)
		}
	}
	check(t, span.Push(int(locked.Offset), int(locked.Length)))
	check(t, s.land.Unlock(graphics.Rect{}))
	check(t, card.Flush(ctx))
	check(t, span.Release())
	memory.Release()
	return s
}

// move draws until halt, a frame at each vertical blank.
func (s *scene) move() {
	s.stop, s.done = make(chan struct{}), make(chan struct{})
	number := func(x graphics.Surface) uint32 { return must(x.Info(context.Background()))(s.t).Number }
	back, land := number(s.back), number(s.land)
	random := rand.New(rand.NewPCG(1, 2))
	var at, speed [balls][2]int32
	for i := range at {
		at[i] = [2]int32{random.Int32N(s.width - 32), random.Int32N(s.height - 32)}
		speed[i] = [2]int32{1 + random.Int32N(5), 1 + random.Int32N(5)}
	}
	go func() {
		defer close(s.done)
		for frame := int32(0); ; frame++ {
			select {
			case <-s.stop:
				return
			default:
			}
			x := 3 * frame % s.width
			blits := []graphics.Blit{{
				Dst: back, Src: land, DstRect: graphics.Rect{X1: s.width, Y1: s.height}, SrcRect: graphics.Rect{X0: x, X1: x + s.width, Y1: s.height},
			}}
			for i := range at {
				for k, limit := range [2]int32{s.width - 32, s.height - 32} {
					if at[i][k] += speed[i][k]; at[i][k] < 0 || at[i][k] > limit {
						speed[i][k] = -speed[i][k]
						at[i][k] += 2 * speed[i][k]
					}
				}
				blits = append(blits, graphics.Blit{
					Dst: back, DstRect: graphics.Rect{X0: at[i][0], Y0: at[i][1], X1: at[i][0] + 32, Y1: at[i][1] + 32},
					Flags: graphics.BlitFill, Color: 0xFFFFFF >> (i % 16) * 3 / 2 & 0xFFFFFF,
				})
			}
			for _, b := range blits {
				if err := s.device.Blit(b); err != nil {
					s.t.Error(err)
					return
				}
			}
			if err := s.front.Flip(context.Background(), 1); err != nil {
				s.t.Error(err)
				return
			}
		}
	}()
}

func (s *scene) halt() {
	close(s.stop)
	<-s.done
}

// still shows four colours, one in each quarter of the screen.
func (s *scene) still(colors [4]uint32) {
	ctx := context.Background()
	number := must(s.back.Info(ctx))(s.t).Number
	for i, c := range colors {
		x, y := int32(i%2)*s.width/2, int32(i/2)*s.height/2
		check(s.t, s.device.Blit(graphics.Blit{
			Dst: number, DstRect: graphics.Rect{X0: x, Y0: y, X1: x + s.width/2, Y1: y + s.height/2}, Flags: graphics.BlitFill, Color: c,
		}))
	}
	check(s.t, s.front.Flip(ctx, 1))
}

func (s *scene) close() {
	for _, o := range []com.Unknown{s.land, s.back, s.front, s.device} {
		o.Release()
	}
}

// must returns what a call returned, and ends the test if it failed.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		check(t, err)
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
