package riff

import (
	"fmt"
	"slices"
	"strings"
)

// MaxNotes is how many notes a file is given; further ones are only counted.
const MaxNotes = 200

// Note is one thing a reader found wrong with a file and could live with, or left out.
type Note struct {
	// Offset is where, in bytes from the start of the file.
	Offset int
	// Chunk names the chunk the note is about.
	Chunk string
	// Text says what is wrong and what was done about it.
	Text string
}

// Loses reports whether something of the file is not used: the text of such a note says what was
// left out. The others are about what could be put right.
func (n Note) Loses() bool {
	return strings.Contains(n.Text, "left out") || strings.Contains(n.Text, "are kept")
}

// String returns the note as one line.
func (n Note) String() string {
	return fmt.Sprintf("at byte %d, chunk %s: %s", n.Offset, n.Chunk, n.Text)
}

// Notes collects notes in the order in which they are found. Its zero value is ready to use; it
// serves one goroutine.
type Notes struct {
	list    []Note
	dropped int
}

// Add records a note, once however often a list is walked. After MaxNotes it counts only, so a
// hostile file costs no memory.
func (n *Notes) Add(offset int, chunk, format string, args ...any) {
	if len(n.list) >= MaxNotes {
		n.dropped++
		return
	}
	note := Note{Offset: offset, Chunk: chunk, Text: fmt.Sprintf(format, args...)}
	if !slices.Contains(n.list, note) {
		n.list = append(n.list, note)
	}
}

// List returns the notes; where more than MaxNotes were added, the last one says how many are
// left out.
func (n *Notes) List() []Note {
	if n.dropped == 0 {
		return n.list
	}
	return append(n.list[:len(n.list):len(n.list)],
		Note{Chunk: "RIFF", Text: fmt.Sprintf("%d further notes are left out", n.dropped)})
}
