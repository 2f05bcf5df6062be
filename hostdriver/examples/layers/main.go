// Command layers shows layers under overload: hundreds of pictures that the card
// moves, of which it has some drawn anew in each frame.
//
//	go install ./tools/mmlite
//	go run ./hostdriver/examples/layers -shot layers.png
package main

import "github.com/mmlite/mmlite/hostdriver/examples/scenes"

func main() {
	scenes.Main(func() (scenes.Scene, error) { return &scenes.Layers{}, nil })
}
