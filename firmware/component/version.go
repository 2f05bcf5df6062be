package component

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
)

// Version of a component. A greater Minor or Patch keeps every promise of a
// lesser one with the same Major; under Major 0, only a greater Patch does.
type Version struct{ Major, Minor, Patch uint16 }

// ParseVersion reads "1", "1.2" or "1.2.3". The error is com.ErrInvalid.
func ParseVersion(s string) (Version, error) {
	var v Version
	parts := strings.Split(s, ".")
	if len(parts) > 3 {
		return v, com.Errorf(com.ErrInvalid, "version %q has more than three numbers", s)
	}
	for i, to := range []*uint16{&v.Major, &v.Minor, &v.Patch}[:len(parts)] {
		n, err := strconv.ParseUint(parts[i], 10, 16)
		if err != nil {
			return Version{}, com.Errorf(com.ErrInvalid, "version %q: %q is no number from 0 to 65535", s, parts[i])
		}
		*to = uint16(n)
	}
	return v, nil
}

// String returns the three numbers with dots between.
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Less orders versions.
func (v Version) Less(w Version) bool {
	if v.Major != w.Major {
		return v.Major < w.Major
	}
	if v.Minor != w.Minor {
		return v.Minor < w.Minor
	}
	return v.Patch < w.Patch
}

// Range is the versions from Min up to, but without, Below. A zero Below means
// no end, so the zero Range is any version.
type Range struct{ Min, Below Version }

// From returns the range of versions that keep the promises of v.
func From(v Version) Range {
	r := Range{Min: v, Below: Version{Major: v.Major + 1}}
	if v.Major == 0 {
		r.Below = Version{Minor: v.Minor + 1}
	}
	return r
}

// Has reports whether v is in the range.
func (r Range) Has(v Version) bool {
	return !v.Less(r.Min) && (r.Below == Version{} || v.Less(r.Below))
}

// String writes the range as in ">=1.2.0 <2.0.0".
func (r Range) String() string {
	if r == (Range{}) {
		return "any version"
	}
	s := ">=" + r.Min.String()
	if r.Below != (Version{}) {
		s += " <" + r.Below.String()
	}
	return s
}
