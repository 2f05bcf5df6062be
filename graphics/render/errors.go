package render

import "errors"

var (
	// ErrUnsupported: a state, format or flag that is not there.
	ErrUnsupported = errors.New("render: not supported")
	// ErrValue: a number out of its range.
	ErrValue = errors.New("render: value out of range")
	// ErrTarget: no target, or one that does not fit the renderer or its depth.
	ErrTarget = errors.New("render: bad target")
	// ErrVertices: vertices that are not whole, or too many of them.
	ErrVertices = errors.New("render: bad vertices")
	// ErrIndex: an index behind the last vertex. What else was to be drawn has been.
	ErrIndex = errors.New("render: index out of range")
	// ErrFeedback: a texture that is drawn on, or whose levels share the target's
	// memory. Nothing is drawn.
	ErrFeedback = errors.New("render: texture is the target")
	// ErrTexture: a texture's size, levels or memory do not fit together.
	ErrTexture = errors.New("render: bad texture")
)
