package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// lsCmd lists names.
type lsCmd struct {
	Long bool   `short:"l" help:"Say what each object is: contracts, references, state."`
	Path string `arg:"" optional:"" default:"/" help:"Path in the card's namespace."`
}

// entryLine is an entry as JSON.
type entryLine struct {
	Name      string   `json:"name"`
	Directory bool     `json:"directory"`
	Contracts []string `json:"contracts"`
	Refs      uint32   `json:"refs"`
	Note      string   `json:"note,omitempty"`
}

// Run implements kong.
func (c *lsCmd) Run(ctx context.Context, g *globals) error {
	return withRunning(ctx, g, func(card *hostdriver.Card) error {
		ns, err := namespaceOf(card)
		if err != nil {
			return err
		}
		defer ns.Release()
		list, err := ns.List(ctx, clean(c.Path))
		if err != nil {
			return err
		}
		if g.JSON {
			lines := []entryLine{}
			for _, e := range list {
				lines = append(lines, entryLine{e.Name, e.Directory, e.Contracts, e.Refs, e.Note})
			}
			return printJSON(lines)
		}
		return printEntries(os.Stdout, list, c.Long)
	})
}

func printEntries(out io.Writer, list []system.Entry, long bool) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	if long {
		fmt.Fprintln(w, "NAME\tREFS\tCONTRACTS\tNOTE")
	}
	for _, e := range list {
		name := e.Name
		if e.Directory {
			name += "/"
		}
		if !long {
			fmt.Fprintln(w, name)
			continue
		}
		refs := "-"
		if e.Refs > 0 {
			refs = fmt.Sprint(e.Refs)
		}
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%s\t%s\t%s\t%s", name, refs, strings.Join(e.Contracts, " "), e.Note), "\t"))
	}
	return w.Flush()
}

// catCmd prints an object.
type catCmd struct {
	Path string `arg:"" help:"Path of a status object or a file in the card's namespace."`
}

// Run implements kong.
func (c *catCmd) Run(ctx context.Context, g *globals) error {
	return withRunning(ctx, g, func(card *hostdriver.Card) error {
		o, err := card.Bind(ctx, clean(c.Path))
		if err != nil {
			return err
		}
		defer o.Release()
		if s, err := com.Query(o, system.StatusType); err == nil {
			defer s.Release()
			return catStatus(ctx, s, g.JSON)
		}
		f, err := com.Query(o, system.FileType)
		switch {
		case err == nil:
			defer f.Release()
			return catFile(ctx, f, os.Stdout)
		case com.CodeOf(err) != com.ErrNoInterface:
			return err
		}
		if n, err := com.Query(o, system.NamespaceType); err == nil {
			n.Release()
			return com.Errorf(com.ErrInvalid, "%s is a namespace: look into it with: mmlite ls -l %s", c.Path, c.Path)
		}
		return com.Errorf(com.ErrNoInterface, "%s is neither a status object nor a file; mmlite call %s says what can be called", c.Path, c.Path)
	})
}

func catStatus(ctx context.Context, s system.Status, asJSON bool) error {
	if asJSON {
		b, err := s.JSON(ctx)
		if err != nil {
			return err
		}
		return printJSON(json.RawMessage(b))
	}
	text, err := s.Text(ctx)
	if err != nil {
		return err
	}
	fmt.Println(strings.TrimRight(text, "\n"))
	return nil
}

func catFile(ctx context.Context, f system.File, out io.Writer) error {
	buf := make([]byte, 256<<10)
	for off := uint64(0); ; {
		n, err := f.ReadAt(ctx, off, buf)
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		if _, err := out.Write(buf[:n]); err != nil {
			return err
		}
		off += uint64(n)
	}
}

// printJSON prints one value on lines of its own.
func printJSON(v any) error {
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
