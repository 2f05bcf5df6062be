package dsound

// maxLocks is how many parts of a buffer can be locked at a time.
const maxLocks = 16

// locked is a part of a buffer that a program writes.
type locked struct{ at, bytes uint32 }

// LockFlags say which part to lock.
type LockFlags uint32

// The flags of Lock.
const (
	FromWriteCursor LockFlags = 1 // at counts from the write cursor
	EntireBuffer    LockFlags = 2 // bytes is not looked at
)

// Lock returns the memory of bytes bytes from byte at on, in two spans where they go
// beyond the end: the second, which may be nil, begins at the buffer's beginning. The
// caller writes into them, and no more than that: what it reads there is what was
// written before. Unlock with the numbers of bytes written is due.
//
// Nothing is copied or allocated. The card plays what is in the memory meanwhile.
//
// ErrBufferLost: Restore it and fill it again. ErrInvalidCall: sixteen parts are
// locked. The spans stay valid until Release, whatever becomes of the card.
func (b *Buffer) Lock(at, bytes uint32, flags LockFlags) (first, second []byte, err error) {
	size := b.desc.Bytes
	if flags&^(FromWriteCursor|EntireBuffer) != 0 {
		return nil, nil, failed(ErrInvalidParam, "lock flags %#x", uint32(flags))
	}
	if flags&EntireBuffer != 0 {
		bytes = size
	}
	if flags&FromWriteCursor != 0 {
		_, write, err := b.CurrentPosition()
		if err != nil {
			return nil, nil, err
		}
		at = uint32((uint64(at) + uint64(write)) % uint64(size))
	}
	if at >= size || bytes == 0 || bytes > size {
		return nil, nil, failed(ErrInvalidParam, "%d bytes at %d of a buffer of %d", bytes, at, size)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.lost(); err != nil {
		return nil, nil, err
	}
	for i := range b.locks {
		if b.locks[i].bytes != 0 {
			continue
		}
		b.locks[i] = locked{at, bytes}
		mem := b.span.Bytes()[:size:size]
		n := min(bytes, size-at)
		first = mem[at : at+n : at+n]
		if n < bytes {
			second = mem[: bytes-n : bytes-n]
		}
		return first, second, nil
	}
	return nil, nil, failed(ErrInvalidCall, "%d parts are locked", maxLocks)
}

// Unlock says that the spans of a Lock, given back as they came, have been written.
// They may be shortened to what was. Where the link shares no memory this sends it.
func (b *Buffer) Unlock(first, second []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.released {
		return failed(ErrUninitialized, "the buffer was released")
	}
	if b.remote == nil {
		return failed(ErrBufferLost, "it was not restored")
	}
	if cap(first) == 0 {
		return failed(ErrInvalidParam, "that is no span of a lock")
	}
	mem := b.span.Bytes()
	for i := range b.locks {
		l := &b.locks[i]
		if l.bytes == 0 || &mem[l.at] != &first[:1][0] {
			continue
		}
		n := min(l.bytes, b.desc.Bytes-l.at)
		if uint32(len(first)) > n || uint32(len(second)) > l.bytes-n {
			return failed(ErrInvalidParam, "%d and %d bytes of a lock of %d and %d", len(first), len(second), n, l.bytes-n)
		}
		at := l.at
		*l = locked{}
		if err := b.lost(); err != nil {
			return err
		}
		if b.span.Shared() {
			return nil
		}
		err := b.span.Push(int(at), len(first))
		if err == nil {
			err = b.span.Push(0, len(second))
		}
		return translate(err)
	}
	return failed(ErrInvalidCall, "that part is not locked")
}
