// Command game shows a game of bricks that plays itself, by DirectDraw and DirectSound.
//
//	go install ./tools/mmlite
//	go run ./hostdriver/examples/game -shot game.png
package main

import "github.com/mmlite/mmlite/hostdriver/examples/scenes"

func main() { scenes.Main(func() (scenes.Scene, error) { return &scenes.Game{}, nil }) }
