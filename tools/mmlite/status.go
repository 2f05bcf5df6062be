package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// statusCmd prints all of /status.
type statusCmd struct{}

// Run implements kong.
func (*statusCmd) Run(ctx context.Context, g *globals) error {
	return withRunning(ctx, g, func(card *hostdriver.Card) error {
		ns, err := namespaceOf(card)
		if err != nil {
			return err
		}
		defer ns.Release()
		list, err := ns.List(ctx, "status")
		if err != nil {
			return err
		}
		all := map[string]json.RawMessage{}
		var text bytes.Buffer
		for _, e := range list {
			err := readStatus(ctx, card, e.Name, func(s system.Status) error {
				if g.JSON {
					b, err := s.JSON(ctx)
					all[e.Name] = b
					return err
				}
				t, err := s.Text(ctx)
				fmt.Fprintf(&text, "== %s ==\n%s\n\n", e.Name, bytes.TrimRight([]byte(t), "\n"))
				return err
			})
			if com.CodeOf(err) == com.ErrNotFound || com.CodeOf(err) == com.ErrNoInterface {
				continue // it went between list and look, or is no status
			}
			if err != nil {
				return fmt.Errorf("/status/%s: %w", e.Name, err)
			}
		}
		if g.JSON {
			return printJSON(all)
		}
		_, err = text.WriteTo(os.Stdout)
		return err
	})
}

// readStatus calls f with /status/NAME.
func readStatus(ctx context.Context, card *hostdriver.Card, name string, f func(system.Status) error) error {
	s, err := hostdriver.Bind(ctx, card, "/status/"+name, system.StatusType)
	if err != nil {
		return err
	}
	defer s.Release()
	return f(s)
}
