package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/tools/internal/boot"
	"github.com/mmlite/mmlite/tools/internal/image"
)

// imageSizesCmd shows what an image is made of.
type imageSizesCmd struct {
	File     string `arg:"" optional:"" help:"An ELF file linked by Go, with its symbols." type:"existingfile"`
	Board    string `help:"Build the image of this board, with symbols, and look at that." placeholder:"NAME"`
	Packages bool   `help:"Each package of its own."`
}

// Help implements kong.HelpProvider.
func (*imageSizesCmd) Help() string {
	return `Text is code, rodata constants and tables, data variables that begin as
something. These are what the file holds. BSS are variables that begin as
nothing: memory, but no part of a file. Groups are the folders of MMLite, Go's
runtime and library, and other modules.`
}

// imageSizes is what --json prints.
type imageSizes struct {
	File string `json:"file"`
	*image.Sizes
}

// Run implements kong.
func (c *imageSizesCmd) Run(ctx context.Context, g *globals) error {
	if (c.File == "") == (c.Board == "") {
		return com.Errorf(com.ErrInvalid, "the sizes of what? give either an ELF file or --board NAME")
	}
	name := c.File
	if c.Board != "" {
		dir, err := os.MkdirTemp("", "mmlite")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		c.File = filepath.Join(dir, c.Board)
		name = c.Board
		if err := buildWithSymbols(ctx, c.Board, c.File); err != nil {
			return err
		}
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	s, err := image.ReadSizes(f)
	if com.CodeOf(err) == com.ErrNotFound {
		return com.Errorf(com.ErrNotFound, "%s: %s; --board NAME has one built that was not", name, com.TextOf(err))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if g.JSON {
		return printJSON(imageSizes{name, s})
	}
	return c.print(s)
}

// buildWithSymbols builds a board's image as it is, but for its symbols.
func buildWithSymbols(ctx context.Context, board, file string) error {
	b, err := boot.Find(board)
	if err != nil {
		return err
	}
	source, err := boot.Source(".")
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "mmlite: building the image of", board)
	b.LDFlags = strings.Replace(b.LDFlags, "-s ", "", 1)
	return boot.Build(ctx, source, b, file)
}

func (c *imageSizesCmd) print(s *image.Sizes) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, z image.Size) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t  %s\n", kilo(z.File()), kilo(z.Text), kilo(z.Rodata), kilo(z.Data), kilo(z.BSS), name)
	}
	fmt.Fprintln(w, "KB IN FILE\tTEXT\tRODATA\tDATA\tBSS\t  ")
	for _, group := range s.Groups {
		row(group.Name, group.Size)
		if c.Packages {
			for _, p := range group.Packages {
				row("  "+p.Path, p.Size)
			}
		}
	}
	row("all", s.Total)
	return w.Flush()
}

// kilo is bytes in KB, and nothing for none.
func kilo(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", float64(n)/1000)
}
