package hosted

import (
	"fmt"
	"time"

	"github.com/mmlite/mmlite/boards/screen"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/mmd"
)

// page is what the screen shows while no program draws.
func (b *board) page(card *firmware.Card, server *mmd.Server, beat int) screen.State {
	s := screen.State{Title: fmt.Sprintf("card %s, MMLite %v", b.cfg.Name, firmware.Version), Beat: beat}
	if b.cfg.Child == "" {
		s.Lines = append(s.Lines, "programs open it as hosted:"+b.cfg.Name, "  mmlite --card hosted:"+b.cfg.Name+" play", "")
	}
	clients := server.Status()
	s.Lines = append(s.Lines, fmt.Sprintf("up        %v", card.Info().Uptime.Truncate(time.Second)))
	if b.drive != nil {
		s.Lines = append(s.Lines, "sound     "+b.drive.Name())
	}
	s.Lines = append(s.Lines, fmt.Sprintf("calls     %d", server.Calls()), fmt.Sprintf("programs  %d", len(clients)))
	for i, c := range clients {
		if i == mostPrograms {
			s.Lines = append(s.Lines, fmt.Sprintf("  and %d more", len(clients)-i))
			break
		}
		s.Lines = append(s.Lines, fmt.Sprintf("  %s, through %s", c.Name, c.Link))
	}
	return s
}

// mostPrograms is how many programs the page names.
const mostPrograms = 12
