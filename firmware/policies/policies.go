// Package policies offers the scheduling policies of firmware/sched as
// components: an image names those it has, and they are looked up by name like
// everything else, as MMLite's four schedulers were (Helander and Forin 1998,
// section 3, Scheduler).
//
// The object of such a component does not schedule. It makes policies, one for
// each virtual processor that asks, since each has one of its own.
package policies

import (
	"context"
	"strconv"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/component"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/constraint"
	"github.com/mmlite/mmlite/firmware/sched/edf"
	"github.com/mmlite/mmlite/firmware/system"
)

// Names of the policies.
const (
	Null       = "null"
	RoundRobin = "roundrobin"
	Constraint = "constraint"
	EDF        = "edf"
)

// Properties of the components, for an image to change.
const (
	Quantum   = "quantum"   // how long a thread runs while others wait for spare time
	Allowance = "allowance" // how late threads may give way
	Limit     = "limit"     // thousandths of the processor that may be reserved
	Promises  = "promises"  // true for policies that know reservations and constraints
)

// version is that of all policies.
var version = component.Version{Major: 1}

// settings are the properties, read.
type settings struct {
	quantum, allowance machine.Duration
	limit              int
}

// Components returns all policies there are.
func Components() []component.Component {
	quantum := component.Property{Name: Quantum, Value: "10ms"}
	allowance := component.Property{Name: Allowance, Value: "70us"}
	limit := component.Property{Name: Limit, Value: "850"}
	promises := []component.Property{{Name: Promises, Value: "true"}, quantum, allowance, limit}
	return []component.Component{
		policy(Null, "each thread runs until it waits", nil,
			func(settings) sched.Policy { return sched.NewNull() }),
		policy(RoundRobin, "threads run by turns, a quantum each", []component.Property{quantum},
			func(s settings) sched.Policy { return sched.NewRoundRobin(s.quantum) }),
		policy(Constraint, "reservations and time constraints, promised by a timetable (Rialto)", promises,
			func(s settings) sched.Policy {
				return constraint.New(constraint.Config{Quantum: s.quantum, Allowance: s.allowance, Limit: s.limit})
			}),
		policy(EDF, "reservations and time constraints, earliest deadline first", promises,
			func(s settings) sched.Policy {
				return edf.New(edf.Config{Quantum: s.quantum, Blocking: s.allowance, Limit: s.limit})
			}),
	}
}

func policy(name, doc string, properties []component.Property, make func(settings) sched.Policy) component.Component {
	return component.Component{
		Manifest: component.Manifest{
			Name: name, Version: version, Doc: doc, Properties: properties,
			Provides: component.Contracts(&system.PolicyType.Descriptor),
		},
		New: func(env *component.Env) (com.Unknown, error) {
			s, err := read(env)
			if err != nil {
				return nil, err
			}
			m := &maker{info: describe(env.Component), make: func() sched.Policy { return make(s) }}
			m.info.Loaded = true
			env.Init(&m.Object, m, nil, system.PolicyType.For(m))
			return m, nil
		},
	}
}

// describe says what a manifest tells of a policy.
func describe(m *component.Manifest) system.PolicyInfo {
	p, _ := m.Property(Promises)
	return system.PolicyInfo{Name: m.Name, Doc: m.Doc, Version: m.Version.String(), Promises: p == "true"}
}

// read reads the properties that env has.
func read(env *component.Env) (s settings, err error) {
	span := func(name string, at *machine.Duration) {
		text := env.Property(name, "")
		if text == "" || err != nil {
			return
		}
		d, bad := time.ParseDuration(text)
		if bad != nil || d <= 0 || d > time.Second {
			err = com.Errorf(com.ErrInvalid, "policy %s: property %s is %q, want a duration up to 1s", env.Component.Name, name, text)
		}
		*at = machine.FromStd(d)
	}
	span(Quantum, &s.quantum)
	span(Allowance, &s.allowance)
	if text := env.Property(Limit, ""); text != "" && err == nil {
		n, bad := strconv.Atoi(text)
		if bad != nil || n < 1 || n > 1000 {
			err = com.Errorf(com.ErrInvalid, "policy %s: property %s is %q, want 1 to 1000 thousandths", env.Component.Name, Limit, text)
		}
		s.limit = n
	}
	return s, err
}

// maker is the object of a policy's component, and makes policies for whoever is in
// the same domain.
type maker struct {
	com.Object
	info system.PolicyInfo
	make func() sched.Policy
}

// New returns a policy without threads, as the firmware asks.
func (m *maker) New() sched.Policy { return m.make() }

// Info implements system.Policy.
func (m *maker) Info(context.Context) (system.PolicyInfo, error) { return m.info, nil }
