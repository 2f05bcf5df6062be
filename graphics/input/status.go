package input

// Status is /status/input.
type Status struct {
	Events  uint64 `json:"events"`
	Dropped uint64 `json:"dropped"`
	Queues  uint32 `json:"queues"`
	Clients int    `json:"clients"`
	Keys    []int  `json:"keys_down"`
	Buttons uint32 `json:"buttons_down"`
	X       int32  `json:"x"`
	Y       int32  `json:"y"`
}

// Status says how the object fares.
func (in *Input) Status() Status {
	i, s := in.info(), in.stateNow()
	in.mu.Lock() //mm:blocking held for a few instructions
	defer in.mu.Unlock()
	st := Status{
		Events: i.Events, Dropped: i.Dropped, Queues: i.Queues, Clients: len(in.sources) - 1,
		Keys: []int{}, Buttons: s.Buttons, X: s.X, Y: s.Y,
	}
	for _, k := range s.Keys {
		st.Keys = append(st.Keys, int(k)) // bytes would be written as base64
	}
	return st
}
