package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// newParser makes the parser of the command line.
func newParser(c *cli) *kong.Kong {
	p := kong.Must(c, kong.Name("mmlite"), kong.Description(about), groups,
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}), kong.ValueFormatter(withDefault))
	addExamples(p.Model.Node, "")
	return p
}

// withDefault is the help of a flag, and its default where the flag's line has a
// placeholder instead.
func withDefault(v *kong.Value) string {
	f := v.Flag
	if f == nil || f.PlaceHolder == "" || f.Default == "" || f.Default == "0" || strings.Contains(f.Help, "Default") || f.Name == "card" {
		return v.Help
	}
	return v.Help + " Default: " + f.Default + "."
}

// wrongUsage tells a person what is wrong with a command line, and where to look. The
// whole help would push that off the screen, or into what reads standard output.
func wrongUsage(err error) {
	command := "mmlite"
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if n := parse.Context.Selected(); n != nil {
			command = n.FullPath()
		} else if n := parse.Context.Path[len(parse.Context.Path)-1].Command; n != nil { // a group, as bench
			command = n.FullPath()
		}
	}
	text := err.Error()
	var file *fs.PathError
	switch {
	case errors.As(err, &file) && errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(os.Stderr, "mmlite: there is no file %s\n", file.Path)
		os.Exit(2)
	case strings.HasPrefix(text, "expected "):
		text = "an argument is missing: " + strings.TrimPrefix(text, "expected ")
	}
	fmt.Fprintf(os.Stderr, "mmlite: %s\nsee: %s --help\n", text, command)
	os.Exit(2)
}
