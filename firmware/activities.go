package firmware

import (
	"sort"
	"sync"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// Activities names what processor time is charged to. Naming one again returns
// the same activity, so that its account goes on.
type Activities struct {
	mu  sync.Mutex // held for a few instructions
	all map[string]*sched.Activity
	// past is what activities used that have been forgotten.
	past machine.Duration
}

// Get returns the activity called name.
func (a *Activities) Get(name string) *sched.Activity {
	a.mu.Lock() //mm:blocking held for a few instructions
	defer a.mu.Unlock()
	if a.all == nil {
		a.all = map[string]*sched.Activity{}
	}
	act := a.all[name]
	if act == nil {
		act = &sched.Activity{Name: name}
		a.all[name] = act
	}
	return act
}

// Forget drops an activity whose threads have all ended, a client's say.
func (a *Activities) Forget(act *sched.Activity) {
	a.mu.Lock() //mm:blocking held for a few instructions
	defer a.mu.Unlock()
	if a.all[act.Name] == act {
		delete(a.all, act.Name)
		a.past += act.Used()
	}
}

// Usage is what an activity has used, for /status/activities.
type Usage struct {
	Activity string  `json:"activity"`
	Seconds  float64 `json:"cpu_seconds"`
}

// Usage lists all activities by name.
func (a *Activities) Usage() []Usage {
	a.mu.Lock() //mm:blocking held for a few instructions
	defer a.mu.Unlock()
	list := make([]Usage, 0, len(a.all)+1)
	for name, act := range a.all {
		list = append(list, Usage{name, act.Used().Seconds()})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Activity < list[j].Activity })
	return append(list, Usage{"(ended)", a.past.Seconds()})
}
