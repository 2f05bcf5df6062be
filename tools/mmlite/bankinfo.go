package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/mmlite/mmlite/synth/bank"
)

type bankInfoCmd struct {
	File string `arg:"" help:"The bank." type:"existingfile"`
}

// bankReport is what info says.
type bankReport struct {
	Name        string             `json:"name"`
	Format      string             `json:"format"`
	FileBytes   int64              `json:"file_bytes"`
	TableBytes  int64              `json:"table_bytes"` // what has to be read before it can play
	Samples     int                `json:"samples"`
	SampleBytes int64              `json:"sample_bytes"`
	Notes       int                `json:"notes"` // what check would say
	Instruments []instrumentReport `json:"instruments"`
}

// instrumentReport describes one of its instruments. Bank is controller 0 times 128 and controller
// 32.
type instrumentReport struct {
	Bank    int    `json:"bank"`
	Program int    `json:"program"` // from 0
	Drums   bool   `json:"drums"`
	Name    string `json:"name"`
	Regions int    `json:"regions"`
	Samples int    `json:"samples"`
	Bytes   int64  `json:"bytes"` // of its samples
}

// Run implements kong.
func (c *bankInfoCmd) Run(g *globals) error {
	b, refused, err := openBank(c.File)
	if err != nil {
		return err
	}
	defer b.close()
	if refused != nil {
		return refused
	}
	if err := b.build(); err != nil {
		return err
	}
	r := b.report()
	if g.JSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	return r.print(os.Stdout)
}

func (b *bankFile) report() *bankReport {
	r := &bankReport{
		Name: b.bank.Name, Format: string(b.format), FileBytes: b.size, TableBytes: b.image.Held(), Notes: len(b.notes.List()),
	}
	all := map[*bank.Sample]bool{}
	for _, p := range b.bank.Presets() {
		i := instrumentReport{Bank: int(p.MSB)<<7 | int(p.LSB), Program: int(p.Program), Drums: p.Drum, Name: p.Name, Regions: len(p.All())}
		for _, s := range p.Samples() {
			i.Samples++
			i.Bytes += sampleBytes(s)
			all[s] = true
		}
		r.Instruments = append(r.Instruments, i)
	}
	for s := range all {
		r.Samples++
		r.SampleBytes += sampleBytes(s)
	}
	return r
}

// sampleBytes is what a sample takes in a card's memory.
func sampleBytes(s *bank.Sample) int64 {
	n := 2 * int64(s.Len())
	if s.Low != nil || s.Place.Low != 0 {
		n += int64(s.Len())
	}
	return n
}

func (r *bankReport) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s, %s in %s, tables %s, samples %s\n\n", r.Name, r.Format, plural(uint64(len(r.Instruments)), "instrument"),
		amount(r.FileBytes), amount(r.TableBytes), amount(r.SampleBytes))
	w.Flush()
	w = tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "bank\tprogram\tname\tregions\tsamples\tsize")
	for _, i := range r.Instruments {
		number := fmt.Sprintf("%d:%d", i.Bank>>7, i.Bank&127)
		if i.Drums {
			number = "drums"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%d\t%s\n", number, i.Program+1, i.Name, i.Regions, i.Samples, amount(i.Bytes))
	}
	if r.Notes > 0 {
		fmt.Fprintf(w, "\n%s: see mmlite bank check\n", plural(uint64(r.Notes), "remark"))
	}
	return w.Flush()
}

// amount writes a number of bytes for people.
func amount(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
