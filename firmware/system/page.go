package system

// The values of a card's status page, which reading costs no call. A card tells
// as many as it knows, in this order; new ones are added at the end.
const (
	PageTime      = iota // machine time in ns when the page was written
	PageFrame            // frames given to the sound device
	PagePlayed           // frames that have left it
	PagePlayedAt         // machine time in ns when that was so
	PageUnderruns        // times the device ran dry
	PageLate             // input periods that were missing or late
	PageInputs           // ports connected to the mixer
	PageCalls            // calls served for all clients
	PageValues           // how many there are
)
