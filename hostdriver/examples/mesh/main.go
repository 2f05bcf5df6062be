// Command mesh shows a lit and textured mesh from an OBJ file: the one it is given,
// or a jug that comes along.
//
//	go install ./tools/mmlite
//	go run ./hostdriver/examples/mesh -obj x.obj -shot mesh.png
package main

import (
	"flag"
	"io"
	"os"

	"github.com/mmlite/mmlite/hostdriver/examples/scenes"
)

func main() {
	file := flag.String("obj", "", "an OBJ `file`")
	scenes.Main(func() (scenes.Scene, error) {
		var r io.Reader
		if *file != "" {
			f, err := os.Open(*file)
			if err != nil {
				return nil, err
			}
			r = f
		}
		return &scenes.Mesh{File: r}, nil
	})
}
