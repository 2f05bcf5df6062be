package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/mmlite/mmlite/firmware/com"
)

// mayWrite says why a file cannot be put at path: what is there is a folder or a
// device, or one of the files that it is made from, or there is no folder to put it
// in. It is asked before the work that the file is to hold, not after. An empty path
// is no file.
func mayWrite(path string, from ...string) error {
	if path == "" {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		if dir := filepath.Dir(path); errors.Is(err, os.ErrNotExist) {
			if at, err := os.Stat(dir); err != nil || !at.IsDir() {
				return com.Errorf(com.ErrNotFound, "cannot write %s: there is no folder %s", path, dir)
			}
			return nil
		}
		return com.Errorf(com.CodeOf(err), "cannot write: %v", err)
	}
	switch {
	case info.IsDir():
		return com.Errorf(com.ErrInvalid, "cannot write %s: it is a folder, not a file", path)
	case !info.Mode().IsRegular():
		return com.Errorf(com.ErrInvalid, "cannot write %s: it is a device, not a file", path)
	}
	for _, name := range from {
		if in, err := os.Stat(name); err == nil && os.SameFile(info, in) {
			return com.Errorf(com.ErrInvalid, "%s would replace the file that it is made from", path)
		}
	}
	return nil
}

// writeFile has a file appear under its name once it is whole.
func writeFile(path string, write func(f *os.File) error) error {
	if err := mayWrite(path); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".mmlite-*")
	if err != nil {
		return com.Errorf(com.CodeOf(err), "cannot write beside %s: %v", path, err)
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return com.Errorf(com.CodeOf(err), "cannot write %s: %v", path, err)
	}
	return nil
}
