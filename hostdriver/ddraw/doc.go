// Package ddraw gives a host program surfaces in the manner of DirectDraw 7 (Microsoft
// DirectX 7, IDirectDraw7, IDirectDrawSurface7, IDirectDrawPalette and
// IDirectDrawClipper), drawn and shown by a card.
//
//	dd, err := ddraw.Create(ctx, card)
//	err = dd.SetDisplayMode(ctx, 640, 480, 16)
//	front, err := dd.CreateSurface(ctx, ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface | ddraw.FlipCap | ddraw.Complex, BackBufferCount: 1})
//	back, err := front.AttachedSurface(ddraw.BackBuffer)
//	err = back.Blt(nil, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: 0})
//	err = back.BltFast(10, 20, sprite, nil, ddraw.SrcColorKey)
//	err = front.Flip(ctx, 0)
//
// Names are those of ddraw.h without their prefixes, and flags have its values. Errors
// wrap the documented result codes, so errors.Is(err, ddraw.ErrSurfaceLost) works.
//
// Pixels lie in memory that card and program share, where the link has that: Lock
// returns it and nothing is copied. Elsewhere Lock fetches the part (unless it is
// WriteOnly or DiscardContents) and Unlock pushes it. Blits travel one-way, many to a
// packet; what is wrong with one is said at once where this library can see it, and
// what only the card can find by a later call. What is drawn on the primary is
// visible at the next vertical blank, however often it is unlocked until then.
//
// What differs from DirectDraw is this. The screen belongs to all programs: a primary
// is stretched over it and lies in front of older ones, and only Exclusive hides the
// others. Any mode can be set, and flipping needs no Exclusive. Calls that the card has
// to answer wait, as if with DDBLT_WAIT and DDFLIP_WAIT. A surface has one lock at a
// time. There are no overlays, device contexts and windows. Surfaces are lost when their
// card is gone; Reconnect and Restore bring them back, black, on another one.
package ddraw
