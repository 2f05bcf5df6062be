package namespace

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// Status is an object that tells one value as text and as JSON, both made from
// what one call of its function returned.
type Status struct {
	com.Object
	read func(ctx context.Context) (any, error)
}

var _ system.Status = (*Status)(nil)

// NewStatus returns a status object with one reference, the caller's. Read
// returns the value of the moment: numbers, strings, structs and slices of
// structs, with names from their json tags. It may be called from anywhere, also
// by several at once; what it returns is not changed.
func NewStatus(read func(ctx context.Context) (any, error)) *Status {
	s := &Status{read: read}
	s.Init(s, nil, system.StatusType.For(s))
	return s
}

// Text implements system.Status: a slice becomes a table with a line of titles,
// a struct a line for each field.
func (s *Status) Text(ctx context.Context) (string, error) {
	v, err := s.read(ctx)
	if err != nil {
		return "", err
	}
	return Text(v), nil
}

// JSON implements system.Status.
func (s *Status) JSON(ctx context.Context) ([]byte, error) {
	v, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("status as JSON: %w", err)
	}
	return b, nil
}
