// Package component describes the units a firmware is put together from and
// checks that those of an image fit together.
//
// A component is a manifest and a constructor, as in MMLite, where the entry
// point of an image is a constructor that returns an object (Helander and Forin
// 1998, section 2.2). What manifests say is checked before anything runs, as the
// configuration manager of DEIMOS (Clarke and Coulson, "Dynamic Memory Model
// Reconfiguration in DEIMOS", section 3.2) and the configurator of Think (Fassino
// et al., "Think", 2002, section 3.3) do: what is provided, what is required,
// which versions fit, and in which order to start.
package component

import (
	"fmt"

	"github.com/mmlite/mmlite/firmware/com"
)

// Caps on what a catalogue takes. A manifest may come from a module that was
// loaded at run time.
const (
	MaxComponents = 4096 // of a catalogue
	MaxName       = 64   // bytes in a component's name
	MaxList       = 256  // entries in each list of a manifest
)

// Manifest says what a component is and needs.
type Manifest struct {
	// Name is one path element of lower-case letters, digits, '-', '_' and
	// '.', starting with a letter. It is the name under which a
	// demand-loading namespace finds the component.
	Name    string
	Version Version
	// Doc is a sentence for listings.
	Doc string
	// Provides names the contracts of the object that the constructor returns.
	Provides []Contract
	Requires []Requirement
	// Properties are name/value pairs, such as limits and defaults, that
	// others may look at and the constructor gets.
	Properties []Property
}

// Contract names a contract. Two with the same Name and different IIDs are two
// versions of it that do not understand one another.
type Contract struct {
	Name string
	IID  com.IID
}

// Contracts names the contracts described.
func Contracts(of ...*com.Descriptor) []Contract {
	list := make([]Contract, len(of))
	for i, d := range of {
		list[i] = Contract{Name: d.Name, IID: d.IID}
	}
	return list
}

// Requirement is something a component needs from another one: the component
// called Name, or any that provides Contract, or one that is both.
type Requirement struct {
	Name     string
	Contract Contract
	Versions Range // of the component; zero: any
	Optional bool  // missing it is no error; starting before it still is
}

// String says what is required, in words.
func (r Requirement) String() string {
	s := r.Name
	if r.Contract != (Contract{}) {
		if s != "" {
			s += " with "
		}
		s += r.Contract.Name
	}
	if r.Versions != (Range{}) {
		s += " " + r.Versions.String()
	}
	return s
}

// Property is a name and a value.
type Property struct{ Name, Value string }

// Property returns the value of the first property called name.
func (m *Manifest) Property(name string) (string, bool) {
	for _, p := range m.Properties {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// Component is what an image links.
type Component struct {
	Manifest
	New Constructor
}

// Constructor makes the component's object from what env gives it and returns it
// with one reference, the caller's. It may look names up in env.Names, which
// loads other components. It initialises the object by env.Init, which is how its
// end is noticed. On error it leaves nothing behind but what came from env.Heap. Finding nothing to do, a driver without its device for instance, is
// com.ErrNotFound.
type Constructor func(env *Env) (com.Unknown, error)

// Construct runs the constructor and checks that the object keeps what the
// manifest promises. The error names the component. An Env serves once.
func (c *Component) Construct(env *Env) (obj com.Unknown, err error) {
	env.holds.Add(1)
	done := false
	defer func() {
		if err != nil || !done || env.Tied() {
			env.drop()
		}
	}()
	obj, err = c.construct(env)
	done = true
	return obj, err
}

func (c *Component) construct(env *Env) (com.Unknown, error) {
	obj, err := c.New(env)
	if err != nil {
		if obj != nil {
			obj.Release()
		}
		return nil, fmt.Errorf("component %s: %w", c.Name, err)
	}
	if obj == nil {
		return nil, com.Errorf(com.ErrNotFound, "component %s: its constructor returned no object", c.Name)
	}
	for _, p := range c.Provides {
		u, err := obj.Query(p.IID)
		if err != nil {
			obj.Release()
			return nil, fmt.Errorf("component %s does not provide %s as its manifest says: %w", c.Name, p.Name, err)
		}
		u.Release()
	}
	return obj, nil
}

// Validate returns a com.ErrInvalid that says what is wrong with the manifest.
func (m *Manifest) Validate() error {
	if err := checkName(m.Name); err != nil {
		return err
	}
	if n := max(len(m.Provides), len(m.Requires), len(m.Properties)); n > MaxList {
		return com.Errorf(com.ErrInvalid, "component %s: a list of %d entries, at most %d are allowed", m.Name, n, MaxList)
	}
	for i, p := range m.Provides {
		if p.Name == "" || p.IID.IsZero() {
			return com.Errorf(com.ErrInvalid, "component %s: contract %d that it provides has no name or no IID", m.Name, i+1)
		}
	}
	for i, r := range m.Requires {
		if r.Name == "" && r.Contract == (Contract{}) {
			return com.Errorf(com.ErrInvalid, "component %s: requirement %d names neither a component nor a contract", m.Name, i+1)
		}
		if (r.Contract.Name == "") != r.Contract.IID.IsZero() {
			return com.Errorf(com.ErrInvalid, "component %s: requirement %d: contract %q needs a name and an IID", m.Name, i+1, r.Contract.Name)
		}
		if b := r.Versions.Below; b != (Version{}) && !r.Versions.Min.Less(b) {
			return com.Errorf(com.ErrInvalid, "component %s: requirement %d: no version is %s", m.Name, i+1, r.Versions)
		}
	}
	return nil
}

func checkName(s string) error {
	if s == "" || len(s) > MaxName {
		return com.Errorf(com.ErrInvalid, "component name of %d bytes, want 1 to %d", len(s), MaxName)
	}
	for i, c := range []byte(s) {
		letter := 'a' <= c && c <= 'z'
		other := '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.'
		if !letter && (i == 0 || !other) {
			return com.Errorf(com.ErrInvalid, "component name %q: byte %d may not stand there", s, i+1)
		}
	}
	return nil
}
