package component

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
)

// Given is what the firmware itself offers to all components of an image.
type Given struct {
	Names     []string // objects registered before any component starts
	Contracts []Contract
}

// Edge says that From needs To, and for what.
type Edge struct {
	From, To string
	For      Requirement
}

// Plan is how the components of an image depend on one another.
type Plan struct {
	Order []string // each after all that it needs
	Edges []Edge   // by From in the image's order
}

// Check finds out whether the image is complete: every requirement is met by a
// component of a fitting version or by given, and nothing needs itself. The
// error joins one com.ErrNotFound, com.ErrVersion or com.ErrInvalid (a cycle)
// for each thing wrong, with the route that leads to it, as in
//
//	image: player -> mixer -> clock: nothing in the image is called clock
func (c *Catalogue) Check(given Given) (*Plan, error) {
	k := &checker{catalogue: c, given: given, needs: make([][]int, len(c.list)), parent: make([]int, len(c.list))}
	var errs []error
	failed := make([][]error, len(c.list))
	for i := range c.list {
		for _, r := range c.list[i].Requires {
			to, err := k.meet(i, r)
			if err != nil {
				failed[i] = append(failed[i], err)
			}
			if to >= 0 {
				k.needs[i] = append(k.needs[i], to)
				k.plan.Edges = append(k.plan.Edges, Edge{From: c.list[i].Name, To: c.list[to].Name, For: r})
			}
		}
	}
	k.routes()
	for i := range c.list {
		for _, err := range failed[i] {
			errs = append(errs, fmt.Errorf("image: %s%w", k.route(i), err))
		}
	}
	errs = append(errs, k.sort()...)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &k.plan, nil
}

type checker struct {
	catalogue *Catalogue
	given     Given
	needs     [][]int
	parent    []int // who needs it, on the shortest way from a component nobody needs
	plan      Plan
}

// meet returns the component that meets a requirement of component i, or -1 if
// none has to. Its errors begin with the end of the route.
func (k *checker) meet(i int, r Requirement) (int, error) {
	c := k.catalogue
	if r.Name != "" {
		to, ok := c.byName[r.Name]
		if !ok {
			if r.Optional || k.givenName(r.Name) {
				return -1, nil
			}
			return -1, com.Errorf(com.ErrNotFound, " -> %s: nothing in the image is called %s", r, r.Name)
		}
		m := &c.list[to].Manifest
		if r.Contract != (Contract{}) {
			if err := provides(m, r.Contract); err != nil {
				return -1, fmt.Errorf(" -> %s: %w", r, err)
			}
		}
		if !r.Versions.Has(m.Version) {
			return -1, com.Errorf(com.ErrVersion, " -> %s: %s has version %s", r, m.Name, m.Version)
		}
		return to, nil
	}
	var near []string
	var code error = com.ErrNotFound
	for to := range c.list {
		m := &c.list[to].Manifest
		switch err := provides(m, r.Contract); {
		case to == i:
		case err == nil && r.Versions.Has(m.Version):
			return to, nil
		case err == nil:
			near, code = append(near, fmt.Sprintf("%s has version %s", m.Name, m.Version)), com.ErrVersion
		case errors.Is(err, com.ErrVersion):
			near, code = append(near, err.Error()), com.ErrVersion
		}
	}
	if r.Optional {
		return -1, nil
	}
	for _, g := range k.given.Contracts {
		if g == r.Contract {
			return -1, nil
		}
		if g.Name == r.Contract.Name {
			near, code = append(near, fmt.Sprintf("the firmware speaks %s of IID %s, not %s", g.Name, g.IID, r.Contract.IID)), com.ErrVersion
		}
	}
	if near != nil {
		return -1, fmt.Errorf(" -> %s: none fits: %s: %w", r, strings.Join(near, "; "), code)
	}
	return -1, com.Errorf(com.ErrNotFound, " -> %s: nothing in the image provides %s", r, r.Contract.Name)
}

func provides(m *Manifest, want Contract) error {
	for _, p := range m.Provides {
		if p == want {
			return nil
		}
	}
	for _, p := range m.Provides {
		if p.Name == want.Name {
			return com.Errorf(com.ErrVersion, "%s speaks %s of IID %s, not %s", m.Name, p.Name, p.IID, want.IID)
		}
	}
	return com.Errorf(com.ErrNotFound, "%s does not provide %s", m.Name, want.Name)
}

func (k *checker) givenName(name string) bool {
	for _, n := range k.given.Names {
		if n == name {
			return true
		}
	}
	return false
}

// routes finds for each component the shortest way to it from one nobody needs.
func (k *checker) routes() {
	needed := make([]bool, len(k.needs))
	for _, to := range k.needs {
		for _, t := range to {
			needed[t] = true
		}
	}
	seen := make([]bool, len(k.needs))
	var queue []int
	for i := range needed {
		k.parent[i] = -1
		if !needed[i] {
			queue, seen[i] = append(queue, i), true
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, to := range k.needs[queue[0]] {
			if !seen[to] {
				seen[to], k.parent[to] = true, queue[0]
				queue = append(queue, to)
			}
		}
	}
}

// route writes the way to component i.
func (k *checker) route(i int) string {
	s := k.catalogue.list[i].Name
	for p := k.parent[i]; p >= 0; p = k.parent[p] {
		s = k.catalogue.list[p].Name + " -> " + s
	}
	return s
}

// sort fills in the order, and returns an error for each cycle it meets.
func (k *checker) sort() (errs []error) {
	const (
		fresh = iota
		open  // what it needs is being looked at
		done
	)
	state := make([]uint8, len(k.needs))
	var stack []int
	var visit func(i int)
	visit = func(i int) {
		state[i] = open
		stack = append(stack, i)
		for _, to := range k.needs[i] {
			switch state[to] {
			case fresh:
				visit(to)
			case open:
				errs = append(errs, k.cycle(stack, to))
			}
		}
		stack = stack[:len(stack)-1]
		state[i] = done
		k.plan.Order = append(k.plan.Order, k.catalogue.list[i].Name)
	}
	for i := range k.needs {
		if state[i] == fresh {
			visit(i)
		}
	}
	return errs
}

func (k *checker) cycle(stack []int, back int) error {
	var s strings.Builder
	in := false
	for _, i := range stack {
		if in = in || i == back; in {
			s.WriteString(k.catalogue.list[i].Name + " -> ")
		}
	}
	return com.Errorf(com.ErrInvalid, "image: a component needs itself: %s%s", s.String(), k.catalogue.list[back].Name)
}

// String draws the plan: each component in order, and what it needs.
func (p *Plan) String() string {
	var s strings.Builder
	for _, name := range p.Order {
		s.WriteString(name + "\n")
		for _, e := range p.Edges {
			if e.From == name {
				fmt.Fprintf(&s, "  -> %s (%s)\n", e.To, e.For)
			}
		}
	}
	return s.String()
}
