// Command sprites moves balls over a picture, as games of its time do: a flip chain of
// 16 bits a pixel, sprites with a colour key, and a background that is copied anew for
// every frame. See it with "mmlite shot", in a browser with "mmlite monitor", or as a
// file with "mmlite run --video".
//
//	go install ./tools/mmlite
//	mmlite run --web :8080 &
//	go run ./hostdriver/examples/sprites -card hosted:card
package main

import (
	"flag"

	"github.com/mmlite/mmlite/hostdriver/examples/scenes"
)

func main() {
	balls := flag.Int("balls", 24, "how many balls")
	scenes.Main(func() (scenes.Scene, error) { return &scenes.Sprites{Balls: *balls}, nil })
}
