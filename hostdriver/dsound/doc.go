// Package dsound gives a host program sound buffers in the manner of DirectSound
// (Microsoft DirectX 5 to 8, IDirectSound and IDirectSoundBuffer), played by a card.
//
//	device, err := dsound.Open(ctx, card)
//	b, err := device.CreateBuffer(ctx, dsound.BufferDesc{Bytes: n, Format: f, Flags: dsound.CtrlVolume})
//	a, rest, err := b.Lock(0, n, 0) // two spans where the part wraps around
//	copy(a, samples)
//	err = b.Unlock(a, rest)
//	err = b.Play(ctx, dsound.Looping)
//
// Samples lie in memory that card and program share, where the link has that: Lock
// and Unlock cost no call and no copy there. Elsewhere Unlock pushes what was written.
// Where a buffer plays is read from the card's status page, without a call.
//
// What differs from DirectSound is this. Samples may also be 24 and 32 bit integers
// and 32 bit floats, of 1 to 8 channels. Primary plays in the card's format, which
// cannot be set to another one, and cannot be written to. A buffer that loops and is
// not filled repeats what it holds, as there. There are no 3D buffers and effects. All
// buffers of a card are heard whatever window has the focus. Buffers are lost when
// their card is gone, and restored on another one.
package dsound
