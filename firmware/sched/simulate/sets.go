package simulate

import (
	"embed"
	"io/fs"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
)

//go:embed sets/*.txt
var files embed.FS

// Sets returns the names of the task sets that come along, sorted.
func Sets() []string {
	var names []string
	entries, err := fs.ReadDir(files, "sets")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".txt"))
	}
	return names
}

// Text returns one of the task sets that come along. com.ErrNotFound if there is
// none of that name.
func Text(name string) (string, error) {
	b, err := files.ReadFile("sets/" + name + ".txt")
	if err != nil {
		return "", com.Errorf(com.ErrNotFound, "task set %q; there are %v", name, Sets())
	}
	return string(b), nil
}
