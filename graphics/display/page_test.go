package display

import (
	"context"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/graphics/blit"
)

// The page is seen while nothing else is, and is brought up to date for whoever begins
// to look.
func TestPage(t *testing.T) {
	r := newRig(t, nil)
	picture, _ := plain(width, height, 0x111111)
	page, ok := r.screen.NewLayer(r.screen.NewGroup("page", nil), picture, false)
	if !ok {
		t.Fatal("no layer")
	}
	page.Show(true)
	asked := 0
	r.screen.SetPage(page, func() {
		asked++
		if err := blit.Fill(&picture.Pixels, picture.Pixels.Bounds(), uint32(0x222222+asked), nil); err != nil {
			t.Error(err)
		}
		page.Damage(machine.Rect{X1: width, Y1: height})
	})
	r.run(2 * frame)
	r.sees(150, 100, 0x111111)
	var v graphics.View
	look := func() (first uint32) {
		err := r.p.Call("looks", thread.Attributes{}, func(*thread.Thread) {
			var err error
			if v, err = r.screen.Watch(context.Background()); err != nil {
				t.Error(err)
				return
			}
			if _, _, err = v.Next(context.Background(), nil); err != nil {
				t.Error(err)
			}
			m, err := v.Memory(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			defer m.Release()
			var b [4]byte
			if _, err := m.Get(context.Background(), 0, b[:]); err != nil {
				t.Error(err)
			}
			first = uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
		})
		if err != nil {
			t.Fatal(err)
		}
		return first
	}
	if got := look(); got != 0x222223 || asked != 1 || !r.screen.Watched() {
		t.Errorf("%#x at first sight, asked %d times", got, asked)
	}
	v.Release()
	if r.screen.Watched() || !r.screen.PageSeen() {
		t.Error("watched by nobody")
	}
	small, _ := plain(10, 10, 0xff)
	l := r.layer(r.screen.NewGroup("a", nil), small)
	r.run(2 * frame)
	r.sees(5, 5, 0xff)
	r.sees(150, 100, 0) // it is all or nothing
	if all, err := r.screen.Layers(nil); err != nil || len(all) != 1 || all[0].Device != "a" {
		t.Errorf("%+v, %v", all, err)
	}
	if got := look(); got != 0xff || asked != 1 || r.screen.PageSeen() {
		t.Errorf("%#x behind another layer, asked %d times", got, asked)
	}
	v.Release()
	l.Show(false)
	r.run(2 * frame)
	r.sees(150, 100, 0x222223)
	r.sees(5, 5, 0x222223)
	l.Remove()
	page.Remove()
}
