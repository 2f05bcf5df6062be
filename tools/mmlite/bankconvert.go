package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/schollz/progressbar/v3"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/synth/bankfile"
	"github.com/mmlite/mmlite/synth/convert"
)

type bankConvertCmd struct {
	File string `arg:"" help:"The bank." type:"existingfile"`
	Out  string `arg:"" help:"The DLS file to write. One that is there is replaced when the new one is complete." placeholder:"OUT.dls"`
}

// conversion is what convert says.
type conversion struct {
	Out         string         `json:"out"`
	Bytes       int64          `json:"bytes"`
	Instruments int            `json:"instruments"`
	Waves       int            `json:"waves"`
	Notes       int            `json:"notes"` // about the bank that was read
	Lost        []convert.Loss `json:"lost"`
}

// Run implements kong.
func (c *bankConvertCmd) Run(ctx context.Context, g *globals) error {
	if err := mayWrite(c.Out, c.File); err != nil {
		return err
	}
	if info, err := os.Stat(c.File); err == nil && !info.Mode().IsRegular() {
		return com.Errorf(com.ErrInvalid, "%s is not a regular file", c.File)
	}
	data, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	b, _, notes, err := bankfile.Open(data, bankfile.Options{})
	if err != nil {
		return com.Errorf(com.ErrCorrupt, "%s: %v", c.File, err)
	}
	spec, lost, err := convert.ToDLS(b)
	if err != nil {
		return com.Errorf(com.ErrInvalid, "%s: %v", c.File, err)
	}
	r := conversion{Out: c.Out, Instruments: len(spec.Instruments), Waves: len(spec.Waves), Notes: len(notes), Lost: lost}
	var total int64
	for i := range spec.Waves {
		total += 2 * int64(len(spec.Waves[i].PCM))
	}
	r.Bytes, err = replace(c.Out, func(w io.Writer) (int64, error) {
		show, done := progressOf(g, c.Out, total)
		defer done()
		return spec.WriteTo(&heeding{ctx, io.MultiWriter(w, show)})
	})
	if err != nil {
		return err
	}
	if g.JSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	fmt.Printf("wrote %s: %s, %s, %s\n", r.Out, plural(uint64(r.Instruments), "instrument"), plural(uint64(r.Waves), "wave"), amount(r.Bytes))
	if len(lost) == 0 {
		fmt.Println("nothing is lost")
	} else {
		fmt.Println("lost:")
	}
	for _, l := range lost {
		fmt.Printf("%8d  %s\n", l.Count, l.Kind)
	}
	return nil
}

// replace writes a file beside path, reads it back, and puts it in its place: whoever opens
// path finds the old file or the whole new one.
func replace(path string, write func(io.Writer) (int64, error)) (n int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return 0, err
	}
	defer func() {
		f.Close()
		os.Remove(f.Name()) // fails, as it should, once it was renamed
	}()
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	if err := f.Chmod(mode); err != nil && runtime.GOOS != "windows" {
		return 0, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	if n, err = write(w); err != nil {
		return 0, err
	}
	if err := errors.Join(w.Flush(), f.Sync(), f.Close()); err != nil {
		return 0, err
	}
	if err := complete(f.Name(), n); err != nil {
		return 0, err
	}
	return n, os.Rename(f.Name(), path)
}

// complete reads a file that was written: nothing may be wrong with it.
func complete(path string, size int64) error {
	b, refused, err := openBank(path)
	if err != nil || refused != nil {
		return errors.Join(err, refused)
	}
	defer b.close()
	if err := b.build(); err != nil {
		return err
	}
	if list := b.notes.List(); len(list) > 0 || b.size != size {
		return com.Errorf(com.ErrCorrupt, "what was written reads back with %s", plural(uint64(len(list)), "fault"))
	}
	return nil
}

// heeding is a writer that fails when ctx ends.
type heeding struct {
	ctx context.Context
	w   io.Writer
}

func (h *heeding) Write(b []byte) (int, error) {
	if err := h.ctx.Err(); err != nil {
		return 0, err
	}
	return h.w.Write(b)
}

// progressOf shows on a terminal how much of total has been written.
func progressOf(g *globals, name string, total int64) (io.Writer, func()) {
	bar := newBar(!g.JSON, name, max(total, 1), progressbar.OptionShowBytes(true))
	return ignoring{bar}, func() { _ = bar.Finish() }
}

// ignoring drops the errors of a bar, which gets a little more than it was told of.
type ignoring struct{ w io.Writer }

func (i ignoring) Write(b []byte) (int, error) {
	_, _ = i.w.Write(b)
	return len(b), nil
}
