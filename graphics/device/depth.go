package device

import (
	"encoding/binary"
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/render"
)

// deep is what renderers keep of a depth buffer: float32, and stencil. The surface's
// memory has whole numbers of its format, and is brought up to date when somebody
// looks at it.
type deep struct {
	z     *render.Depth
	seen  uint64 // changes of the surface when it was last read
	drawn bool   // its memory is older
	bytes int
}

// deepen makes sure that a depth buffer has what renderers draw on. The device is
// locked.
func (s *Surface) deepen() error {
	if s.c.depth != nil {
		return nil
	}
	n := render.DepthBytes(s.shape.width, s.shape.height)
	if err := s.d.quota.take(surfaces, 0, int64(n)); err != nil {
		return err
	}
	make := render.NewDepth
	if s.c.format == graphics.Depth24 {
		make = render.NewDepthStencil
	}
	z, err := make(s.shape.width, s.shape.height)
	if err != nil {
		s.d.quota.give(surfaces, 0, int64(n))
		return com.Errorf(com.ErrInvalid, "%v", err)
	}
	s.d.bytes.Add(int64(n))
	s.c.depth = &deep{z: z, bytes: n, seen: ^uint64(0)}
	return nil
}

// refresh is the depth as it is now: read from memory, if that was written.
func (p *deep) refresh(s *Surface) *render.Depth {
	if n := s.changes.Load(); n != p.seen {
		p.seen = n
		p.load(s)
	}
	return p.z
}

func (p *deep) load(s *Surface) {
	for y := range s.shape.height {
		row := s.view.Pix[y*s.shape.pitch:]
		for x := range s.shape.width {
			if s.c.format == graphics.Depth16 {
				p.z.Set(x, y, float32(binary.LittleEndian.Uint16(row[2*x:]))/math.MaxUint16, 0)
				continue
			}
			v := binary.LittleEndian.Uint32(row[4*x:])
			p.z.Set(x, y, float32(float64(v>>8)/(1<<24-1)), uint8(v))
		}
		thread.Checkpoint()
	}
	p.drawn = false
}

// store brings the surface's memory up to date.
func (p *deep) store(s *Surface) {
	if !p.drawn {
		return
	}
	p.drawn = false
	for y := range s.shape.height {
		row := s.view.Pix[y*s.shape.pitch:]
		for x := range s.shape.width {
			z, stencil := p.z.Get(x, y)
			v := float64(min(max(z, 0), 1))
			if s.c.format == graphics.Depth16 {
				binary.LittleEndian.PutUint16(row[2*x:], uint16(v*math.MaxUint16+.5))
			} else {
				binary.LittleEndian.PutUint32(row[4*x:], uint32(v*(1<<24-1)+.5)<<8|uint32(stencil))
			}
		}
		thread.Checkpoint()
	}
}
