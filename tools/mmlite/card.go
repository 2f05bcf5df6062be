package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// openQuiet opens a card to measure it. One of its own plays to nobody.
func openQuiet(ctx context.Context, g *globals, opts ...hostdriver.Option) (*hostdriver.Card, error) {
	if g.Card == hostedOwn {
		opts = append(opts, hostdriver.CardArgs("--device", "null"))
		if self, err := os.Executable(); err == nil { // whatever it is called
			opts = append(opts, hostdriver.Command(self))
		}
	}
	return hostdriver.Open(ctx, g.Card, append([]hostdriver.Option{hostdriver.Client("mmlite")}, opts...)...)
}

// openRunning opens a card to look at it. Where the person did not say which and
// just one runs, that one is meant; a card of one's own has nothing to show.
func openRunning(ctx context.Context, g *globals, opts ...hostdriver.Option) (*hostdriver.Card, error) {
	if !g.chosen {
		// A folder of cards that cannot be read is no reason not to start one.
		urls, _ := running()
		switch {
		case len(urls) == 1:
			g.Card = urls[0]
		case len(urls) > 1:
			return nil, com.Errorf(com.ErrInvalid, "several cards run here; say which with --card: %s", strings.Join(urls, ", "))
		default:
			fmt.Fprintln(os.Stderr, "mmlite: no card runs here; this is a fresh one (start one that stays with: mmlite run)")
		}
	}
	return openQuiet(ctx, g, opts...)
}

// withRunning calls f with an open card.
func withRunning(ctx context.Context, g *globals, f func(*hostdriver.Card) error) error {
	card, err := openRunning(ctx, g)
	if err != nil {
		return err
	}
	err = f(card)
	if e := card.Close(); err == nil {
		err = e
	}
	return err
}

// namespaceOf returns the card's root as a namespace; the caller releases it.
func namespaceOf(card *hostdriver.Card) (system.Namespace, error) {
	return com.Query[system.Namespace](card.System(), system.NamespaceType)
}

// clean turns a path as people write it into one of the namespace.
func clean(path string) string { return strings.Trim(path, "/") }

// plural writes a number and a noun.
func plural(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
