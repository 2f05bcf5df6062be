package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/mmlite/mmlite/hostdriver"
)

// logCmd prints the log.
type logCmd struct {
	Follow bool `short:"f" help:"Go on with what is added, until interrupted. With --json each line is a value."`
}

// logPause is how often a log is asked for more.
const logPause = 200 * time.Millisecond

// Run implements kong.
func (c *logCmd) Run(ctx context.Context, g *globals) error {
	return withRunning(ctx, g, func(card *hostdriver.Card) error {
		all := []string{}
		enc := json.NewEncoder(os.Stdout)
		for since := uint64(0); ; {
			lines, next, err := card.System().Log(ctx, since)
			if ctx.Err() != nil {
				return nil // that is how following ends
			}
			if err != nil {
				return err
			}
			for _, l := range lines {
				switch {
				case g.JSON && c.Follow:
					err = enc.Encode(l)
				case g.JSON:
					all = append(all, l)
				default:
					_, err = fmt.Println(l)
				}
				if err != nil {
					return err
				}
			}
			more := next != since
			since = next
			if more {
				continue
			}
			if !c.Follow {
				break
			}
			select {
			case <-time.After(logPause):
			case <-ctx.Done():
				return nil
			case <-card.Done():
				return card.Err()
			}
		}
		if g.JSON {
			return printJSON(all)
		}
		return nil
	})
}
