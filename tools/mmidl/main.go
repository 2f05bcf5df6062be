package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const usage = `Mmidl writes what is needed to call the contracts of a package from another
domain: descriptor, proxy, stub and mutable cells (NAME_mm.go) and a page of
reference (REFERENCE.md).

usage: mmidl [-check | -publish] DIR...

  -check     write nothing; say which generated files are stale and which
             published contracts have changed, and fail if there are any
  -publish   enter contracts that are not in published_iids.txt yet; from then
             on they must not change

What a contract may look like: go doc ./tools/mmidl
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run returns 0, 1 for contracts or files that are not in order, or 2 for
// wrong use and failures of the system.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("mmidl", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	check := flags.Bool("check", false, "")
	publish := flags.Bool("publish", false, "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() == 0 || *check && *publish:
		flags.Usage()
		return 2
	}
	out, problems, err := compile(flags.Args(), *publish, *check)
	if err == nil && len(problems) == 0 {
		if *check {
			problems, err = stale(out)
		} else {
			err = write(out, stdout)
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, "mmidl:", err)
		return 2
	}
	if len(problems) == 0 {
		return 0
	}
	for _, p := range problems {
		if p.pos.IsValid() {
			p.pos.Filename = short(p.pos.Filename)
		}
		fmt.Fprintln(stderr, p)
	}
	fmt.Fprintf(stderr, "mmidl: %d problems\n", len(problems))
	return 1
}

// compile makes the generated files of the packages in dirs in memory. With
// publish they include the lists of published contracts; with check a pinned
// contract has to be in one.
func compile(dirs []string, publish, check bool) ([]output, []problem, error) {
	l, err := newLoader(dirs[0])
	if err != nil {
		return nil, nil, err
	}
	pkgs, problems, err := analyse(l, dirs)
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	var out []output
	for _, p := range pkgs {
		if len(p.Contracts) == 0 {
			problems = append(problems, problem{text: short(p.Dir) + ": no interface is marked //mm:contract"})
			continue
		}
		known, err := readPublished(p.Dir)
		if err != nil {
			return nil, nil, err
		}
		if publish {
			text := known.publish(p)
			out = append(out, output{known.file, text})
		}
		problems = append(problems, known.check(p, check)...)
		files, err := generate(p, l.module)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, files...)
		problems = append(problems, leftOver(p)...)
	}
	return out, problems, nil
}

// leftOver finds generated files of a name that the package no longer has.
func leftOver(p *Package) []problem {
	var ps []problem
	files, _ := filepath.Glob(filepath.Join(p.Dir, "*"+generatedSuffix)) // the pattern is well formed
	for _, file := range files {
		if filepath.Base(file) != p.Name+generatedSuffix {
			ps = append(ps, problem{text: fmt.Sprintf("%s is left over: the package is called %s; remove it", short(file), p.Name)})
		}
	}
	return ps
}

// short writes a path as a person would who is in the working directory.
func short(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	if r, err := filepath.Rel(wd, path); err == nil && len(r) < len(path) {
		return r
	}
	return path
}

// stale compares what is on disk with what should be.
func stale(out []output) ([]problem, error) {
	var ps []problem
	for _, o := range out {
		is, err := os.ReadFile(o.path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if !bytes.Equal(is, o.text) {
			ps = append(ps, problem{text: fmt.Sprintf("%s is stale: run go generate in %s", short(o.path), short(filepath.Dir(o.path)))})
		}
	}
	return ps, nil
}

// write writes the files that differ and names them.
func write(out []output, stdout io.Writer) error {
	for _, o := range out {
		if is, err := os.ReadFile(o.path); err == nil && bytes.Equal(is, o.text) {
			continue
		}
		if err := os.WriteFile(o.path, o.text, 0o666); err != nil {
			return err
		}
		fmt.Fprintln(stdout, short(o.path))
	}
	return nil
}
