package namespace

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mmlite/mmlite/firmware/com"
)

// Bounds of a path. One that is longer is com.ErrInvalid.
const (
	MaxPath  = 1024 // bytes
	MaxDepth = 32   // elements
)

// PathError says at which element of a path an operation failed. It carries the
// code of its cause.
type PathError struct {
	Path    string // as given
	Element string // where it failed
	Err     error
}

// Error implements error.
func (e *PathError) Error() string {
	return fmt.Sprintf("path %q: element %q: %v", e.Path, e.Element, e.Err)
}

// Unwrap returns the cause.
func (e *PathError) Unwrap() error { return e.Err }

// failed returns an error at element of path. If a namespace further down has
// found the element already, only the path is made whole.
func failed(path, element string, err error) error {
	var inner *PathError
	if errors.As(err, &inner) {
		element, err = inner.Element, inner.Err
	}
	return &PathError{Path: path, Element: element, Err: err}
}

// errLeaf is the cause where a path goes on below an object that has no names.
var errLeaf = com.Errorf(com.ErrNotFound, "not a namespace")

// checkPath returns an error unless path is well formed: elements of UTF-8
// without control characters, none of them empty, "." or "..", separated by
// single slashes, with perhaps one more at either end. The empty path means the
// namespace itself.
func checkPath(path string) error {
	if len(path) > MaxPath {
		return com.Errorf(com.ErrInvalid, "path of %d bytes, at most %d are allowed", len(path), MaxPath)
	}
	if strings.Contains(path, "//") {
		return &PathError{Path: path, Err: com.Errorf(com.ErrInvalid, "empty")}
	}
	depth := 0
	for elem, rest := next(path); elem != ""; elem, rest = next(rest) {
		if err := checkElement(elem); err != nil {
			return &PathError{Path: path, Element: elem, Err: err}
		}
		if depth++; depth > MaxDepth {
			return &PathError{Path: path, Element: elem, Err: com.Errorf(com.ErrInvalid, "more than %d elements", MaxDepth)}
		}
	}
	return nil
}

func checkElement(s string) error {
	switch {
	case s == "." || s == "..":
		return com.Errorf(com.ErrInvalid, "paths only go down")
	case !utf8.ValidString(s):
		return com.Errorf(com.ErrInvalid, "not UTF-8")
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return com.Errorf(com.ErrInvalid, "control character")
		}
	}
	return nil
}

// next splits the first element off a well-formed path. Rest is what follows.
// Both are empty at the end.
func next(path string) (elem, rest string) {
	path = strings.TrimPrefix(path, "/")
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return path, ""
}

// clean returns a well-formed path without the slashes at its ends.
func clean(path string) string { return strings.Trim(path, "/") }

// join puts two clean paths together.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "/" + b
}

// below returns what follows prefix in path, both clean, and whether path is
// prefix or below it.
func below(path, prefix string) (string, bool) {
	switch {
	case prefix == "":
		return path, true
	case path == prefix:
		return "", true
	case len(path) > len(prefix) && path[len(prefix)] == '/' && path[:len(prefix)] == prefix:
		return path[len(prefix)+1:], true
	}
	return "", false
}

// split returns the parent and last element of a clean path.
func split(path string) (parent, last string) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}
