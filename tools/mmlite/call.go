package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/fs"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/hostdriver"
)

// callCmd calls a method.
type callCmd struct {
	Path   string   `arg:"" help:"Path of the object in the card's namespace; / is the card itself."`
	Method string   `arg:"" optional:"" help:"Its method; without one, those there are."`
	Args   []string `arg:"" optional:"" passthrough:"" help:"Arguments. Flags come before PATH."`
}

// Help implements kong.HelpProvider.
func (*callCmd) Help() string {
	return `Arguments are written as their types say: numbers, true, 20ms, text; structs and
slices as JSON; bytes as text, 0x1f2e or @FILE; a buffer that the card fills as
its size; a reference as the path of an object on the card, local:FILE to show
it a file of this computer, or - for none.
"then METHOD ARGS" goes on with the object that a call returned.`
}

// then joins calls.
const then = "then"

// Run implements kong.
func (c *callCmd) Run(ctx context.Context, g *globals) error {
	return withRunning(ctx, g, func(card *hostdriver.Card) error {
		s := &session{ctx: ctx, card: card}
		defer s.release()
		o, err := s.bindPath(c.Path)
		if err != nil {
			return err
		}
		steps := split(c.Method, c.Args)
		for i, step := range steps {
			last := i == len(steps)-1
			if step[0] == "" {
				return s.printMethods(o, g.JSON)
			}
			results, err := s.call(o, step[0], step[1:])
			if err != nil {
				return err
			}
			if last {
				return s.print(results, g.JSON)
			}
			if o = onlyObject(results); o == nil {
				return com.Errorf(com.ErrInvalid, "%s returned no object to go on with", step[0])
			}
		}
		return nil
	})
}

// split cuts the words at each "then".
func split(method string, words []string) [][]string {
	steps := [][]string{{method}}
	for _, w := range words {
		if w == then {
			steps = append(steps, nil)
			continue
		}
		steps[len(steps)-1] = append(steps[len(steps)-1], w)
	}
	for i := range steps {
		if len(steps[i]) == 0 {
			steps[i] = []string{""}
		}
	}
	return steps
}

// session holds the references got on the way.
type session struct {
	ctx  context.Context
	card *hostdriver.Card
	held []com.Unknown
}

func (s *session) release() { com.Release(s.held...) }

func (s *session) hold(o com.Unknown) com.Unknown {
	s.held = append(s.held, o)
	return o
}

func (s *session) bindPath(path string) (com.Unknown, error) {
	if clean(path) == "" {
		return s.card.System(), nil
	}
	o, err := s.card.Bind(s.ctx, clean(path))
	if err != nil {
		return nil, err
	}
	return s.hold(o), nil
}

// reference returns the object that a word names as the contract of api.
func (s *session) reference(word string, api reflect.Type) (any, error) {
	if word == "-" {
		return nil, nil
	}
	var o com.Unknown
	var err error
	if name, ok := strings.CutPrefix(word, "local:"); ok {
		var f *fs.File
		if f, err = fs.OpenFile(name, nil); err == nil {
			o = s.hold(f)
		}
	} else {
		o, err = s.bindPath(word)
	}
	if err != nil || api == unknownType {
		return o, err
	}
	for _, c := range contracts() {
		if c.api == api {
			v, err := c.query(o)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", word, err)
			}
			return s.hold(v), nil
		}
	}
	return nil, com.Errorf(com.ErrNotSupported, "this program does not know the contract %s", api)
}

// result is one result of a call.
type result struct {
	name  string
	value reflect.Value
}

// call calls a method of whichever contract of o has it.
func (s *session) call(o com.Unknown, method string, words []string) ([]result, error) {
	list, objs, err := spoken(o)
	if err != nil {
		return nil, err
	}
	defer com.Release(objs...)
	for i, c := range list {
		for m := range c.Methods {
			if strings.EqualFold(c.Methods[m].Name, method) {
				return s.invoke(c, objs[i], &c.Methods[m], words)
			}
		}
	}
	return nil, com.Errorf(com.ErrInvalid, "the object has no method %q; without METHOD its methods are listed", method)
}

func (s *session) invoke(c contract, o com.Unknown, m *com.Method, words []string) ([]result, error) {
	if len(words) != len(m.Params) {
		return nil, com.Errorf(com.ErrInvalid, "%s takes %s, not %d: %s", m.Name, plural(uint64(len(m.Params)), "argument"), len(words), signature(m))
	}
	fn := reflect.ValueOf(o).MethodByName(m.Name)
	if !fn.IsValid() {
		return nil, com.Errorf(com.ErrFailed, "%s has no method %s here", c.Name, m.Name)
	}
	var args []reflect.Value
	if m.Context {
		args = append(args, reflect.ValueOf(s.ctx))
	}
	var results []result
	p := values{bind: s.reference}
	for i := range m.Params {
		var v reflect.Value
		var err error
		if m.Params[i].Out {
			if v, err = buffer(words[i]); err == nil {
				results = append(results, result{m.Params[i].Name, v})
			}
		} else {
			v, err = p.argument(fn.Type().In(len(args)), words[i])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: argument %s: %w", m.Name, m.Params[i].Name, err)
		}
		args = append(args, v)
	}
	out := fn.Call(args)
	if n := len(out); n > 0 {
		if err, ok := out[n-1].Interface().(error); ok {
			return nil, err
		}
	}
	if m.OneWay { // its failure, if any, comes with the flush
		return nil, s.card.Flush(s.ctx)
	}
	for i := range m.Results {
		name := m.Results[i].Name
		if name == "" {
			name = "result"
			if len(m.Results) > 1 {
				name = fmt.Sprint("result", i+1)
			}
		}
		results = append(results, result{name, out[i]})
		s.holdAll(out[i])
	}
	return results, nil
}

// holdAll keeps the references in a result, which are ours.
func (s *session) holdAll(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		if o, ok := v.Interface().(com.Unknown); ok {
			s.hold(o)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			s.holdAll(v.Field(i))
		}
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k == reflect.Interface || k == reflect.Struct {
			for i := range v.Len() {
				s.holdAll(v.Index(i))
			}
		}
	}
}

func onlyObject(results []result) com.Unknown {
	for _, r := range results {
		if o, ok := r.value.Interface().(com.Unknown); ok {
			return o
		}
	}
	return nil
}

func (s *session) printMethods(o com.Unknown, asJSON bool) error {
	list, objs, err := spoken(o)
	if err != nil {
		return err
	}
	com.Release(objs...)
	if asJSON {
		all := []*com.Descriptor{}
		for _, c := range list {
			all = append(all, c.Descriptor)
		}
		return printJSON(all)
	}
	if len(list) == 0 {
		fmt.Println("the object speaks no contract that this program knows")
	}
	for i, c := range list {
		if i > 0 {
			fmt.Println()
		}
		fmt.Printf("%s  %s\n  %s\n", c.Name, c.IID, c.Doc)
		for m := range c.Methods {
			fmt.Printf("\n  %s\n      %s\n", signature(&c.Methods[m]), c.Methods[m].Doc)
		}
	}
	return nil
}

func (s *session) print(results []result, asJSON bool) error {
	if asJSON {
		all := map[string]any{}
		for _, r := range results {
			x, err := s.plain(r.value, maxNesting)
			if err != nil {
				return err
			}
			all[r.name] = x
		}
		return printJSON(all)
	}
	if len(results) == 0 {
		fmt.Println("ok")
	}
	for _, r := range results {
		if b, ok := r.value.Interface().([]byte); ok {
			fmt.Printf("%s:\n%s", r.name, hexDump(b))
			continue
		}
		x, err := s.plain(r.value, maxNesting)
		if err != nil {
			return err
		}
		text := ""
		switch k := r.value.Kind(); k {
		case reflect.Interface:
			text = fmt.Sprint(x)
		default:
			text = strings.TrimRight(namespace.Text(r.value.Interface()), "\n")
		}
		if strings.Contains(text, "\n") || r.value.Kind() == reflect.Struct {
			fmt.Printf("%s:\n%s\n", r.name, text)
		} else {
			fmt.Printf("%s: %s\n", r.name, text)
		}
	}
	return nil
}

// plain makes of a result what can be printed: an object becomes the names of
// its contracts.
func (s *session) plain(v reflect.Value, depth int) (any, error) {
	switch {
	case depth == 0:
		return nil, nil
	case v.Kind() == reflect.Interface:
		o, ok := v.Interface().(com.Unknown)
		if !ok {
			return nil, nil
		}
		list, objs, err := spoken(o)
		if err != nil {
			return nil, err
		}
		com.Release(objs...)
		names := []string{}
		for _, c := range list {
			names = append(names, c.Name)
		}
		return "object of " + strings.Join(names, ", "), nil
	case v.Kind() == reflect.Struct:
		m := map[string]any{}
		for i := range v.NumField() {
			x, err := s.plain(v.Field(i), depth-1)
			if err != nil {
				return nil, err
			}
			m[v.Type().Field(i).Name] = x
		}
		return m, nil
	case v.Kind() == reflect.Slice && v.Type() != bytesType:
		list := []any{}
		for i := range v.Len() {
			x, err := s.plain(v.Index(i), depth-1)
			if err != nil {
				return nil, err
			}
			list = append(list, x)
		}
		return list, nil
	}
	return v.Interface(), nil
}
