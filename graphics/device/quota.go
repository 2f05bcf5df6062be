package device

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/share"
)

// The most there may be of things on one card.
const (
	maxDevices  = 256
	maxSurfaces = 4096 // surfaces of a chain and levels of a texture count one by one
	maxPalettes = 1024
	maxLayers   = 1024
	maxBytes    = 1 << 30
)

// Limits bound what one client may have. 0 means as much as there may be at all.
type Limits struct {
	Devices, Surfaces, Palettes, Layers int
	Bytes                               int64 // of surfaces and buffers
	// Share is what memory comes from, so that the client can write it in place; nil
	// means card memory.
	Share *share.Area
}

func (l Limits) filled() Limits {
	fill := func(v *int, most int) {
		if *v <= 0 || *v > most {
			*v = most
		}
	}
	fill(&l.Devices, maxDevices)
	fill(&l.Surfaces, maxSurfaces)
	fill(&l.Palettes, maxPalettes)
	fill(&l.Layers, maxLayers)
	if l.Bytes <= 0 || l.Bytes > maxBytes {
		l.Bytes = maxBytes
	}
	return l
}

// quota counts what is used of limits, and of those of the parent.
type quota struct {
	limits                              Limits
	devices, surfaces, palettes, layers atomic.Int32
	bytes                               atomic.Int64
	parent                              *quota
}

// kind is what is counted.
type kind uint8

const (
	devices kind = iota
	surfaces
	palettes
	layers
)

func (k kind) String() string { return [...]string{"devices", "surfaces", "palettes", "layers"}[k] }

func (q *quota) of(k kind) (used *atomic.Int32, most int) {
	switch k {
	case devices:
		return &q.devices, q.limits.Devices
	case surfaces:
		return &q.surfaces, q.limits.Surfaces
	case palettes:
		return &q.palettes, q.limits.Palettes
	}
	return &q.layers, q.limits.Layers
}

// take counts n of a kind, with so many bytes, or says what there is too little of.
func (q *quota) take(k kind, n int, bytes int64) error {
	used, most := q.of(k)
	if got := used.Add(int32(n)); int(got) > most {
		used.Add(int32(-n))
		return com.Errorf(com.ErrQuota, "%d %v more than %d, and %d are allowed", n, k, int(got)-n, most)
	}
	if got := q.bytes.Add(bytes); got > q.limits.Bytes {
		q.bytes.Add(-bytes)
		used.Add(int32(-n))
		return com.Errorf(com.ErrQuota, "%d bytes of graphics memory: %d of %d are taken", bytes, got-bytes, q.limits.Bytes)
	}
	if q.parent == nil {
		return nil
	}
	err := q.parent.take(k, n, bytes)
	if err != nil {
		q.bytes.Add(-bytes)
		used.Add(int32(-n))
	}
	return err
}

func (q *quota) give(k kind, n int, bytes int64) {
	for ; q != nil; q = q.parent {
		used, _ := q.of(k)
		used.Add(int32(-n))
		q.bytes.Add(-bytes)
	}
}
