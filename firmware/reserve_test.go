package firmware

import (
	"testing"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// TestReservationGivenBackDuringAnExchange has a client leave while the card asks a
// new policy for what the client had: that must not come back.
func TestReservationGivenBackDuringAnExchange(t *testing.T) {
	var r reserves
	stays, leaves := &sched.Activity{Name: "stays"}, &sched.Activity{Name: "leaves"}
	for _, a := range []*sched.Activity{stays, leaves} {
		r.put(nil, a, machine.Millisecond, 10*machine.Millisecond, sched.Grant{})
	}
	asked := r.list(nil)
	r.drop(nil, leaves)
	g := sched.Grant{Amount: machine.Millisecond, Period: 10 * machine.Millisecond}
	for i := range asked {
		if kept := r.granted(&asked[i], g); kept != (asked[i].a == stays) {
			t.Errorf("%s is kept: %t", asked[i].a.Name, kept)
		}
	}
	if list := r.list(nil); len(list) != 1 || list[0].a != stays || list[0].grant != g {
		t.Errorf("%+v", list)
	}
}
