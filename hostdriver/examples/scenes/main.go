package scenes

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/mmlite/mmlite/hostdriver"
)

// Main is the program of an example: it plays a scene, made once flags have been
// read, on a card.
//
//	-card URL      the card; a hosted one of this program's own, if it is not said
//	-seconds N     how long
//	-shot x.png    what the screen showed at the end
func Main(make func() (Scene, error)) {
	url := flag.String("card", "hosted:", "the `URL` of the card")
	seconds := flag.Float64("seconds", 20, "how long the scene is shown")
	shot := flag.String("shot", "", "a PNG `file` for what the screen showed at the end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	scene, err := make()
	if err != nil {
		log.Fatal(err)
	}
	if err := show(ctx, scene, *url, *seconds, *shot); err != nil {
		log.Fatal(err)
	}
}

func show(ctx context.Context, scene Scene, url string, seconds float64, shot string) error {
	card, err := hostdriver.Open(ctx, url)
	if err != nil {
		return err
	}
	defer card.Close()
	stage, err := Open(ctx, card)
	if err != nil {
		return err
	}
	defer stage.Close()
	for _, line := range scene.Text() {
		fmt.Println(line)
	}
	if err := scene.Open(ctx, stage); err != nil {
		return err
	}
	defer scene.Close()
	r, err := Run(ctx, stage, scene, seconds, nil)
	if err != nil {
		return err
	}
	fmt.Println(r)
	if shot == "" {
		return nil
	}
	img, err := stage.Shot(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	return SavePNG(shot, img)
}
