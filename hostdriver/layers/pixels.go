package layers

import (
	"context"
	"errors"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
)

// Pixels is a part of a picture as this program sees it.
type Pixels struct {
	Pix   []byte // from the first pixel on, in the surface's format
	Pitch int    // bytes from a row to the next
}

// errCard says what is missing.
var errCard = errors.New("layers: Scene.Card says where pixels are, and is not set")

// Write has fill write the upper left part of what Surface shows, which is then seen.
// It is for layers without Draw.
func (l *Layer) Write(ctx context.Context, width, height uint32, fill func(p Pixels)) error {
	return l.write(ctx, l.surface, width, height, fill)
}

// Write has fill write the picture that is to be drawn. The time it takes counts as
// the layer's cost.
func (d *Drawing) Write(ctx context.Context, fill func(p Pixels)) error {
	return d.Layer.write(ctx, d.Surface, d.Width, d.Height, fill)
}

func (l *Layer) write(ctx context.Context, s graphics.Surface, width, height uint32, fill func(p Pixels)) error {
	if err := l.mapped(ctx, s); err != nil {
		return err
	}
	r := graphics.Rect{X1: int32(width), Y1: int32(height)}
	at, err := s.Lock(ctx, r, false)
	if err != nil {
		return err
	}
	mem := l.span.Bytes()
	end := uint64(at.Offset) + uint64(at.Length)
	if end > uint64(len(mem)) || at.Pitch == 0 {
		_ = s.Unlock(graphics.Rect{}) // the card is wrong already
		return errors.New("layers: the card says that pixels lie outside of their memory")
	}
	fill(Pixels{Pix: mem[at.Offset:end:end], Pitch: int(at.Pitch)})
	if err := l.span.Push(int(at.Offset), int(at.Length)); err != nil {
		return err
	}
	return s.Unlock(r)
}

// mapped makes the memory of the layer's pictures be seen here.
func (l *Layer) mapped(ctx context.Context, s graphics.Surface) error {
	if l.span != nil {
		return nil
	}
	if l.scene.Card == nil {
		return errCard
	}
	m, err := s.Memory(ctx)
	if err != nil {
		return err
	}
	defer m.Release()
	l.span, err = hostdriver.Map(ctx, l.scene.Card, m)
	return err
}
