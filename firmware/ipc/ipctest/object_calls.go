package ipctest

import (
	"context"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// Fail implements Calls.
func (o *Object) Fail(code com.Code, text string) error {
	switch {
	case code == com.OK:
		return nil
	case text == "":
		return code
	}
	return &com.Error{Code: code, Text: text}
}

// FailWith implements Calls.
func (o *Object) FailWith(code com.Code) (uint32, Node, error) {
	return 7, nil, o.Fail(code, "")
}

// Wait implements Calls.
func (o *Object) Wait(ctx context.Context) error { return o.wait(ctx) }

// Deadline implements Calls.
func (o *Object) Deadline(ctx context.Context) (time.Duration, bool, error) {
	t, has := ctx.Deadline()
	if !has {
		return 0, false, nil
	}
	return time.Until(t), true, nil
}

// Post implements Calls.
func (o *Object) Post(v uint64) error {
	o.calls.Add(1)
	o.sum.Add(v)
	return nil
}

// PostData implements Calls.
func (o *Object) PostData(data []byte, text string, list []Inner) error {
	n := len(data) + len(text)
	for _, i := range list {
		n += len(i.Name)
	}
	o.calls.Add(1)
	o.bytes.Add(uint64(n))
	return nil
}

// PostFail implements Calls.
func (o *Object) PostFail(code com.Code) error {
	o.calls.Add(1)
	return o.Fail(code, "")
}

// Posted implements Calls.
func (o *Object) Posted() (calls, sum, bytes uint64, err error) {
	return o.calls.Swap(0), o.sum.Swap(0), o.bytes.Swap(0), nil
}

// CallBack implements Calls.
func (o *Object) CallBack(ctx context.Context, back Callback, n uint32) (uint64, error) {
	if back == nil {
		return 0, com.Errorf(com.ErrInvalid, "no callback")
	}
	sum := uint64(0)
	for i := range uint64(n) {
		v, err := back.Call(ctx, i)
		if err != nil {
			return 0, err
		}
		sum += v
	}
	return sum, nil
}
