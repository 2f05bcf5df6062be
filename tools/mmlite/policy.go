package main

import (
	"strings"

	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/policies"
)

// policyChoice says which policies the processors of a card run, as a person
// writes it: realtime=constraint,spare=roundrobin, or one of the two.
type policyChoice string

// parse returns the names.
func (c policyChoice) parse() (p firmware.Policies, err error) {
	if c == "" {
		return p, nil
	}
	for _, part := range strings.Split(string(c), ",") {
		processor, name, ok := strings.Cut(part, "=")
		processor, name = strings.TrimSpace(processor), strings.TrimSpace(name)
		at := &p.RealTime
		switch {
		case !ok || name == "":
			return p, com.Errorf(com.ErrInvalid, "policy %q: want realtime=NAME, spare=NAME, or both with a comma between", part)
		case processor == "spare":
			at = &p.Spare
		case processor != "realtime":
			return p, com.Errorf(com.ErrInvalid, "policy %q: there is no processor %q; a card has realtime and spare", part, processor)
		}
		if *at != "" {
			return p, com.Errorf(com.ErrInvalid, "policy of processor %s is given twice", processor)
		}
		if !knownPolicy(name) {
			return p, com.Errorf(com.ErrInvalid, "there is no policy %q: there are %s", name, policyList())
		}
		*at = name
	}
	return p, nil
}

func knownPolicy(name string) bool {
	for _, c := range policies.Components() {
		if c.Name == name {
			return true
		}
	}
	return false
}

func policyList() string {
	var names []string
	for _, c := range policies.Components() {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// Validate implements kong's check of a flag.
func (c policyChoice) Validate() error {
	_, err := c.parse()
	return err
}

// args are the arguments for a card that is started with this choice.
func (c policyChoice) args() []string {
	if c == "" {
		return nil
	}
	return []string{"--policy", string(c)}
}
