package system

import (
	"context"

	"github.com/mmlite/mmlite/firmware/com"
)

// Memory is memory of the card that a client fills or reads at any time: of a sound
// buffer, a surface, a vertex buffer. Where the client's link shares memory it is
// written in place, without a call; elsewhere the client keeps a copy and pushes what
// it has changed.
//
// What is in it is any value for the card: it never finds lengths, indices or
// commands there. The last release gives it back, when nothing on the card uses it
// any more.
//
//mm:contract
type Memory interface {
	com.Unknown

	// Grant says where the memory is. A client on whose link it does not lie, which
	// Channel tells, uses Put and Get.
	Grant(ctx context.Context) (Grant, error)
	// Put stores data from a byte on. ErrInvalid: it does not lie within the memory,
	// and nothing was stored.
	//
	//mm:oneway
	//mm:limit data 1048576
	Put(offset uint32, data []byte) error
	// Get fills buf with what there is from a byte on, and returns how many bytes: n
	// is less than the length of buf only at the end of the memory.
	//
	//mm:out buf
	//mm:limit buf 1048576
	Get(ctx context.Context, offset uint32, buf []byte) (n uint32, err error)
}

// Grant names memory that the card has granted to a client.
type Grant struct {
	ID      uint32 // another one for each grant of a channel; 0 where Put and Get are the only way
	Channel uint32 // the serial of the channel in whose grant area it lies
	Offset  uint32 // of the first byte in that area
	Length  uint32 // bytes
}
