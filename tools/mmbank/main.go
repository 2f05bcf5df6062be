// Command mmbank synthesizes MMLite's General MIDI bank and the tune that plays when no file is
// given. What it writes is checked in under synth/gm; the same source gives the same bytes on
// every processor.
//
//	go run ./tools/mmbank -o synth/gm/gm.dls -tune synth/gm/overture.mid
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/mmlite/mmlite/tools/mmbank/internal/bankfile"
	"github.com/mmlite/mmlite/tools/mmbank/internal/tune"
)

func main() {
	out := flag.String("o", "", "write the bank to `FILE`")
	song := flag.String("tune", "", "write the tune to `FILE`")
	quiet := flag.Bool("q", false, "do not print the table of sizes")
	flag.Parse()
	if err := run(*out, *song, *quiet); err != nil {
		fmt.Fprintln(os.Stderr, "mmbank:", err)
		os.Exit(1)
	}
}

func run(out, song string, quiet bool) error {
	if song != "" {
		data, err := tune.Overture()
		if err != nil {
			return err
		}
		if err := os.WriteFile(song, data, 0o644); err != nil {
			return err
		}
	}
	spec, rows := bankfile.Build()
	data, err := spec.Encode()
	if err != nil {
		return err
	}
	if !quiet {
		total := 0
		for _, r := range rows {
			fmt.Printf("%4d  %-20s %3d waves %8d bytes %7.2f dB\n", r.Program+1, r.Name, r.Waves, 2*r.Samples, r.Gain)
			total += 2 * r.Samples
		}
		fmt.Printf("%d bytes of samples in %d waves, %d bytes in all\n", total, len(spec.Waves), len(data))
	}
	if out == "" {
		return nil
	}
	return os.WriteFile(out, data, 0o644)
}
