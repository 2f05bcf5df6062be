package namespace

import (
	"context"
	"slices"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// reader stands for an object in a read-only view. It answers for the contracts
// that only tell, and never hands the object itself out.
type reader struct {
	com.Object
	status system.Status
	file   system.File
}

// newReader returns a reader of obj.
func newReader(obj com.Unknown) (com.Unknown, error) {
	r := &reader{}
	var types []*com.Descriptor
	var err error
	if r.status, err = com.Query(obj, system.StatusType); err == nil {
		types = append(types, system.StatusType.For(r))
	} else if com.CodeOf(err) != com.ErrNoInterface {
		return nil, err
	}
	if r.file, err = com.Query(obj, system.FileType); err == nil {
		types = append(types, system.FileType.For(r))
	} else if com.CodeOf(err) != com.ErrNoInterface {
		r.end()
		return nil, err
	}
	r.Init(r, r.end, types...)
	return r, nil
}

func (r *reader) end() {
	if r.status != nil {
		r.status.Release()
	}
	if r.file != nil {
		r.file.Release()
	}
}

// readable leaves of a list of contracts those that only tell.
func readable(contracts []string) []string {
	return slices.DeleteFunc(slices.Clone(contracts), func(c string) bool {
		return c != system.NamespaceType.Name && c != system.StatusType.Name && c != system.FileType.Name
	})
}

func (r *reader) Text(ctx context.Context) (string, error) {
	if r.status == nil {
		return "", com.ErrNoInterface
	}
	return r.status.Text(ctx)
}

func (r *reader) JSON(ctx context.Context) ([]byte, error) {
	if r.status == nil {
		return nil, com.ErrNoInterface
	}
	return r.status.JSON(ctx)
}

func (r *reader) Size(ctx context.Context) (uint64, error) {
	if r.file == nil {
		return 0, com.ErrNoInterface
	}
	return r.file.Size(ctx)
}

func (r *reader) ReadAt(ctx context.Context, off uint64, buf []byte) (uint32, error) {
	if r.file == nil {
		return 0, com.ErrNoInterface
	}
	return r.file.ReadAt(ctx, off, buf)
}
