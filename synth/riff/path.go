package riff

import "strings"

// PathAt returns the names of the chunks around a byte of a file, outermost first: "sfbk/pdta/igen".
// It ends where the image ends.
func PathAt(m *Image, offset int) string {
	f, c, err := OpenImage(m)
	if err != nil {
		return ""
	}
	path := []string{strings.TrimSpace(c.Name())}
	for inside := true; inside; {
		inside = false
		for k := range f.Children(c) {
			if offset < k.Offset {
				break
			}
			if offset < k.Start+k.Size {
				path, c, inside = append(path, strings.TrimSpace(k.Name())), k, true
				break
			}
		}
	}
	return strings.Join(path, "/")
}
