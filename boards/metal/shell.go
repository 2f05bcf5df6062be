package metal

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
)

// command is one of the console's.
type command struct {
	name, args, help string
	run              func(s *shell, args []string) error
}

// shell is the interpreter of what is typed.
type shell struct {
	b    *board
	t    *thread.Thread
	out  io.Writer
	tune *thread.Thread // plays
}

// shell reads and does commands until its thread is ended.
func (b *board) shell(t *thread.Thread) {
	s := &shell{b: b, t: t, out: b.card.Machine.Console()}
	io.WriteString(s.out, "type help for the commands\n")
	for {
		line, err := b.terminal.readLine(t, b.cfg.Name+"> ")
		if err != nil {
			return
		}
		s.do(line)
	}
}

// do does a line. What it panics with is told, and is not the end of the console.
func (s *shell) do(line string) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return
	}
	for _, c := range s.commands() {
		if c.name != words[0] {
			continue
		}
		if err := c.run(s, words[1:]); err != nil {
			fmt.Fprintf(s.out, "%s: %v\n", c.name, err)
		}
		return
	}
	fmt.Fprintf(s.out, "there is no command %q: type help\n", words[0])
}

func (s *shell) commands() []command {
	all := []command{
		{"help", "", "say what can be typed", (*shell).help},
		{"ls", "[PATH]", "list names", (*shell).list},
		{"cat", "PATH", "show what an object has to say, as /status/threads", (*shell).cat},
		{"log", "[N]", "show the last lines of the log", (*shell).log},
		{"top", "[SECONDS]", "show who uses the processor", (*shell).top},
		{"play", "[TIMES]", "play the tune that comes along", (*shell).play},
		{"stop", "", "stop it", (*shell).stop},
		{"reboot", "", "start anew", (*shell).reboot},
		{"off", "", "switch off", (*shell).off},
	}
	for _, c := range s.b.cfg.Commands {
		all = append(all, command{c.Name, c.Args, c.Help, func(s *shell, args []string) error {
			return c.Run(s.b.card, s.out, args)
		}})
	}
	return all
}

func (s *shell) help([]string) error {
	w := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	for _, c := range s.commands() {
		fmt.Fprintf(w, "%s\t%s\n", strings.TrimSpace(c.name+" "+c.args), c.help)
	}
	return w.Flush()
}

// one returns the only argument, or what it is if there is none.
func one(args []string, otherwise string) (string, error) {
	switch len(args) {
	case 0:
		return otherwise, nil
	case 1:
		return args[0], nil
	}
	return "", com.Errorf(com.ErrInvalid, "one argument at most")
}

// number returns the only argument as a number from 1 to most.
func number(args []string, otherwise, most int) (int, error) {
	a, err := one(args, strconv.Itoa(otherwise))
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(a)
	if err != nil || n < 1 || n > most {
		return 0, com.Errorf(com.ErrInvalid, "%s is no number from 1 to %d", a, most)
	}
	return n, nil
}

func (s *shell) list(args []string) error {
	path, err := one(args, "")
	if err != nil {
		return err
	}
	entries, err := s.b.card.Names.List(context.Background(), strings.Trim(path, "/"))
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
	for _, e := range entries {
		name := e.Name
		if e.Directory {
			name += "/"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", name, strings.Join(e.Contracts, " "), e.Note)
	}
	return w.Flush()
}

func (s *shell) cat(args []string) error {
	path, err := one(args, "")
	if err != nil || path == "" {
		return cmp.Or(err, error(com.Errorf(com.ErrInvalid, "of what? for instance: cat /status/board")))
	}
	ctx := context.Background()
	o, err := s.b.card.Names.Bind(ctx, strings.Trim(path, "/"))
	if err != nil {
		return err
	}
	defer o.Release()
	st, err := com.Query(o, system.StatusType)
	if err != nil {
		return com.Errorf(com.ErrNoInterface, "%s has nothing to say", path)
	}
	defer st.Release()
	text, err := st.Text(ctx)
	if err == nil {
		_, err = io.WriteString(s.out, strings.TrimRight(text, "\n")+"\n")
	}
	return err
}

func (s *shell) log(args []string) error {
	const kept = 1024
	n, err := number(args, 20, kept)
	if err != nil {
		return err
	}
	var all []string
	for since := uint64(0); ; {
		lines, next := s.b.card.Log.Since(since)
		if len(lines) == 0 {
			break
		}
		all, since = append(all, lines...), next
	}
	for _, l := range all[max(0, len(all)-n):] {
		io.WriteString(s.out, l+"\n")
		s.t.Checkpoint()
	}
	return nil
}

// top shows what the threads used in some seconds.
func (s *shell) top(args []string) error {
	const rows = 15
	n, err := number(args, 1, 3600)
	if err != nil {
		return err
	}
	p := s.b.card.Spare
	before := map[uint64]machine.Duration{}
	for _, i := range p.Threads(nil) {
		before[i.ID] = i.CPU
	}
	from, err := p.Status()
	if err != nil {
		return err
	}
	thread.Sleep(machine.Duration(n) * machine.Second)
	to, err := p.Status()
	if err != nil {
		return err
	}
	span := to.Up - from.Up
	percent := func(d machine.Duration) float64 { return 100 * float64(d) / float64(max(1, span)) }
	type row struct {
		thread.Info
		used machine.Duration
	}
	var all []row
	for _, i := range p.Threads(nil) {
		all = append(all, row{i, i.CPU - before[i.ID]})
	}
	slices.SortStableFunc(all, func(a, b row) int { return cmp.Compare(b.used, a.used) })
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "idle %.1f %%, %d switches, %d threads\n", percent(to.Idle-from.Idle), to.Switches-from.Switches, to.Threads)
	fmt.Fprintf(w, "CPU\tTHREAD\tACTIVITY\tSTATE\tLONGEST\tMISSED\n")
	for _, r := range all[:min(rows, len(all))] {
		fmt.Fprintf(w, "%.1f %%\t%s\t%s\t%v\t%v\t%d\n", percent(r.used), r.Name, r.Activity, r.State, r.Stretch, r.Missed)
	}
	w.Flush()
	_, err = b.WriteTo(s.out)
	return err
}

func (s *shell) reboot([]string) error {
	if s.b.cfg.Restart == nil {
		return com.Errorf(com.ErrNotSupported, "this board cannot")
	}
	s.b.cfg.Restart()
	return nil
}

func (s *shell) off([]string) error {
	if s.b.cfg.Off == nil {
		return com.Errorf(com.ErrNotSupported, "this board cannot")
	}
	s.b.cfg.Off()
	return nil
}
