package media

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/mixer/output"
)

// A card without anything to do does what is left for quiet times, once, and then
// nothing at all until something happens.
func TestCardRests(t *testing.T) {
	var card *firmware.Card
	m := New(func() (output.Device, error) { return output.NewPaced(card.Machine, 44100, 256, 3) })
	var err error
	card, err = firmware.New(firmware.Config{Name: "test", Machine: host.New(), Image: m.Image(), Memory: 16 << 20, RealTime: true})
	if err != nil {
		t.Fatal(err)
	}
	err = card.Run(context.Background(), func() error {
		defer card.Stop()
		if err := card.Boot(nil); err != nil {
			return err
		}
		if _, err := m.Serve(card); err != nil {
			return err
		}
		// Something that nobody uses any more, for the first quiet time.
		echo, err := firmware.Bind(context.Background(), card, "/echo", system.EchoType)
		if err != nil {
			return err
		}
		echo.Release()
		for times := uint64(1); times <= 2; times++ {
			for end := time.Now().Add(time.Minute); card.QuietStatus().Times < times || !m.page.resting.Load(); runtime.Gosched() {
				if time.Now().After(end) {
					return errors.New("the card does not come to rest")
				}
			}
			if q := card.QuietStatus(); q.Times != times {
				t.Errorf("at rest for the %dth time: %+v", times, q)
			}
			if err := card.Spare.Call("stir", thread.Attributes{}, func(*thread.Thread) { m.page.stirred() }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
