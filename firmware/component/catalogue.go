package component

import (
	"slices"

	"github.com/mmlite/mmlite/firmware/com"
)

// Catalogue is the components linked into one image. It is a value of the image
// and does not change.
type Catalogue struct {
	list   []Component // in the image's order
	byName map[string]int
}

// NewCatalogue makes a catalogue. The order is the image's preference where
// several components provide a contract. The error is com.ErrInvalid for a bad
// manifest and com.ErrExists for a name given twice.
func NewCatalogue(components ...Component) (*Catalogue, error) {
	if len(components) > MaxComponents {
		return nil, com.Errorf(com.ErrInvalid, "catalogue of %d components, at most %d are allowed", len(components), MaxComponents)
	}
	c := &Catalogue{list: slices.Clone(components), byName: make(map[string]int, len(components))}
	for i := range c.list {
		m := &c.list[i]
		if err := m.Validate(); err != nil {
			return nil, err
		}
		if m.New == nil {
			return nil, com.Errorf(com.ErrInvalid, "component %s has no constructor", m.Name)
		}
		if _, ok := c.byName[m.Name]; ok {
			return nil, com.Errorf(com.ErrExists, "component %s is in the catalogue twice", m.Name)
		}
		c.byName[m.Name] = i
	}
	return c, nil
}

// Find returns the component called name, or com.ErrNotFound.
func (c *Catalogue) Find(name string) (*Component, error) {
	i, ok := c.byName[name]
	if !ok {
		return nil, com.Errorf(com.ErrNotFound, "component %s", name)
	}
	return &c.list[i], nil
}

// All returns the manifests in the image's order. They must not be changed.
func (c *Catalogue) All() []*Manifest {
	all := make([]*Manifest, len(c.list))
	for i := range c.list {
		all[i] = &c.list[i].Manifest
	}
	return all
}
