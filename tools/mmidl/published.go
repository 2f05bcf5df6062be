package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// publishedFile lists, beside the source of a package, the contracts that
// programs outside the repository may know.
const publishedFile = "published_iids.txt"

const publishedHead = `# Contracts that have been released, and their IIDs. They do not change any
# more: a contract that grows becomes a new one beside the old (Foo2).
# mmidl -publish adds lines.
`

// A list is what stands in a published_iids.txt.
type list struct {
	file string
	iids map[string]string // full name of the contract: IID
}

func readPublished(dir string) (*list, error) {
	l := &list{file: filepath.Join(dir, publishedFile), iids: map[string]string{}}
	text, err := os.ReadFile(l.file)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Fields(line)
		if len(f) != 2 || len(f[1]) != 33 || l.iids[f[0]] != "" {
			return nil, fmt.Errorf("%s:%d: want a contract not named above and its IID", short(l.file), n)
		}
		l.iids[f[0]] = f[1]
	}
	return l, nil
}

// check returns what is wrong with p in the light of the list. A pinned
// contract may be missing while it is being written; complete refuses that too.
func (l *list) check(p *Package, complete bool) []problem {
	var ps []problem
	seen := map[string]bool{}
	for _, c := range p.Contracts {
		seen[c.FullName()] = true
		was := l.iids[c.FullName()]
		switch {
		case was == "" && c.Pinned && complete:
			ps = append(ps, problem{c.Pos, fmt.Sprintf("pinned contract %s is not in %s: run mmidl -publish", c.Name, publishedFile)})
		case was != "" && was != c.IID && c.Pinned:
			ps = append(ps, problem{c.Pos, fmt.Sprintf("pinned contract %s changed: its IID was %s and is now %s; take the change back, old programs have nothing else to talk through; only if it was never released remove its line from %s", c.Name, was, c.IID, publishedFile)})
		case was != "" && was != c.IID:
			ps = append(ps, problem{c.Pos, fmt.Sprintf("published contract %s changed: its IID was %s and is now %s; make it %s beside the old one; only if it was never released remove its line from %s", c.Name, was, c.IID, successor(c.Name), publishedFile)})
		}
	}
	var gone []string
	for name := range l.iids {
		if !seen[name] {
			gone = append(gone, name)
		}
	}
	sort.Strings(gone)
	for _, name := range gone {
		ps = append(ps, problem{text: fmt.Sprintf("%s: published contract %s is gone: old programs still ask for it", short(l.file), name)})
	}
	return ps
}

// publish adds the contracts that the list does not have and returns its text.
func (l *list) publish(p *Package) []byte {
	for _, c := range p.Contracts {
		if l.iids[c.FullName()] == "" {
			l.iids[c.FullName()] = c.IID
		}
	}
	names := make([]string, 0, len(l.iids))
	for name := range l.iids {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString(publishedHead)
	for _, name := range names {
		fmt.Fprintf(&b, "%s %s\n", name, l.iids[name])
	}
	return []byte(b.String())
}

// successor is the name for a contract that grew: Foo2 after Foo, Foo10 after Foo9.
func successor(name string) string {
	base := strings.TrimRight(name, "0123456789")
	n := 1
	if base != name {
		_, _ = fmt.Sscanf(name[len(base):], "%d", &n) // n stays 1 if it is no number
	}
	return fmt.Sprintf("%s%d", base, n+1)
}
