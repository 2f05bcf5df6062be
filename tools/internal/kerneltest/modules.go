// Package kerneltest boots a Linux kernel that nobody here wrote in QEMU, with
// nothing in its memory but programs of this module, to see whether it takes the
// card for the USB device that it says it is.
package kerneltest

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// modules are files of kernel modules by the names that modules know each other by.
type modules map[string]string

// findModules looks through the modules of one kernel.
func findModules(root string) (modules, error) {
	all := modules{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".ko" {
			all[plainName(strings.TrimSuffix(filepath.Base(path), ".ko"))] = path
		}
		return err
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("no module *.ko under %s", root)
	}
	return all, err
}

func plainName(s string) string { return strings.ReplaceAll(s, "-", "_") }

// order returns the files of modules and of what they depend on, in the order in
// which to load them. A name without a file is built in.
func (m modules) order(names ...string) ([]string, error) {
	var files []string
	seen := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		name = plainName(name)
		path, ok := m[name]
		if !ok || seen[name] {
			return nil
		}
		seen[name] = true
		depends, err := dependencies(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, d := range depends {
			if err := add(d); err != nil {
				return err
			}
		}
		files = append(files, path)
		return nil
	}
	for _, n := range names {
		if m[plainName(n)] == "" {
			return nil, fmt.Errorf("this kernel has no module %s", n)
		}
		if err := add(n); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// dependencies reads what a module needs from its .modinfo.
func dependencies(path string) ([]string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := f.Section(".modinfo")
	if s == nil {
		return nil, fmt.Errorf("no .modinfo")
	}
	b, err := s.Data()
	if err != nil {
		return nil, err
	}
	for line := range bytes.SplitSeq(b, []byte{0}) {
		if rest, ok := bytes.CutPrefix(line, []byte("depends=")); ok && len(rest) > 0 {
			return slices.DeleteFunc(strings.Split(string(rest), ","), func(s string) bool { return s == "" }), nil
		}
	}
	return nil, nil
}
