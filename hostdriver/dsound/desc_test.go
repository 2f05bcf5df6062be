package dsound

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

func TestLevels(t *testing.T) {
	for v, want := range map[int32]float64{0: 1, -600: 0.5012, -2000: 0.1, -9999: 1.00115e-5, -10000: 0} {
		if g := float64(gain(v)); math.Abs(g-want) > want*1e-3 {
			t.Errorf("%d: %v, want %v", v, g, want)
		}
	}
	// The far side, by the law of the contract, is turned down by as much as asked.
	for _, pan := range []int32{0, 1, 600, 2000, 6000} {
		for _, sign := range []int32{1, -1} {
			b := float64(balance(sign * pan))
			if far := 1 - math.Abs(b); math.Abs(20*math.Log10(far)+float64(pan)/100) > 0.01 || b*float64(sign) < 0 {
				t.Errorf("pan %d: %v", sign*pan, b)
			}
		}
	}
	if balance(PanLeft) != -1 || balance(PanRight) != 1 {
		t.Error("the ends are not silent on the far side")
	}
}

func TestDescriptionsThatAreRefused(t *testing.T) {
	good := BufferDesc{Bytes: 400, Format: Format{Rate: 22050, Channels: 2, Sample: audio.S16}}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*BufferDesc)
		want   *Error
	}{
		"primary":       {func(d *BufferDesc) { d.Flags = PrimaryBuffer }, ErrInvalidParam},
		"unknown flag":  {func(d *BufferDesc) { d.Flags = 0x10 }, ErrUnsupported},
		"no channels":   {func(d *BufferDesc) { d.Format.Channels = 0 }, ErrBadFormat},
		"nine channels": {func(d *BufferDesc) { d.Format.Channels = 9; d.Bytes = 18 }, ErrBadFormat},
		"no format":     {func(d *BufferDesc) { d.Format.Sample = 99 }, ErrBadFormat},
		"slow":          {func(d *BufferDesc) { d.Format.Rate = 99 }, ErrBadFormat},
		"fast":          {func(d *BufferDesc) { d.Format.Rate = 200001 }, ErrBadFormat},
		"small":         {func(d *BufferDesc) { d.Bytes = 0 }, ErrInvalidParam},
		"huge":          {func(d *BufferDesc) { d.Bytes = MaxBytes + 1 }, ErrInvalidParam},
		"part of frame": {func(d *BufferDesc) { d.Bytes = 402 }, ErrInvalidParam},
	} {
		d := good
		c.change(&d)
		if err := d.check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestResultCodes(t *testing.T) {
	for from, want := range map[error]error{
		com.ErrGone: ErrBufferLost, com.ErrQuota: ErrOutOfMemory, com.ErrInvalid: ErrInvalidParam, com.ErrNotSupported: ErrUnsupported,
		com.ErrBusy: ErrInvalidCall, com.ErrPanic: ErrGeneric, com.ErrTimeout: com.ErrTimeout, context.Canceled: context.Canceled,
	} {
		got := translate(com.Errorf(com.CodeOf(from), "why"))
		if from == context.Canceled {
			got = translate(from)
		}
		if !errors.Is(got, want) {
			t.Errorf("%v becomes %v", from, got)
		}
	}
	if translate(nil) != nil {
		t.Error("no error becomes one")
	}
	seen := map[uint32]string{}
	for _, e := range []*Error{ErrAllocated, ErrControlUnavail, ErrInvalidParam, ErrInvalidCall, ErrGeneric, ErrPrioLevelNeeded, ErrOutOfMemory,
		ErrBadFormat, ErrUnsupported, ErrNoDriver, ErrAlreadyInitialized, ErrNoAggregation, ErrBufferLost, ErrOtherAppHasPrio, ErrUninitialized,
		ErrNoInterface, ErrAccessDenied, ErrBufferTooSmall, ErrObjectNotFound} {
		if seen[e.Code] != "" || e.Code&0x80000000 == 0 {
			t.Errorf("%s has the code of %s", e.Name, seen[e.Code])
		}
		seen[e.Code] = e.Name
	}
}
