package namespace

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

type ctxT = context.Context

type threadRow struct {
	Name   string        `json:"name"`
	State  state2        `json:"state"`
	Used   time.Duration `json:"used"`
	Load   float64       `json:"load"`
	Hidden int           `json:"-"`
	secret int
}

type state2 int

func (s state2) String() string { return [...]string{"ready", "waiting"}[s] }

func TestText(t *testing.T) {
	type inner struct{ Depth int }
	type report struct {
		Uptime  time.Duration `json:"uptime"`
		Clients int           `json:"clients"`
		inner
		Link    map[string]int `json:"link"`
		Threads []threadRow    `json:"threads"`
		Names   []string       `json:"names"`
		Nothing *inner         `json:"nothing"`
		Last    error          `json:"last"`
	}
	rows := []threadRow{
		{Name: "mixer", State: 1, Used: 1500 * time.Microsecond, Load: 0.25, secret: 1},
		{Name: "synth-é", Used: 12 * time.Second, Load: 1.0 / 3},
	}
	for _, c := range []struct {
		v    any
		want string
	}{
		{7, "7\n"},
		{nil, "-\n"},
		{"a\x1b[2Jb\n", "a?[2Jb?\n"},
		{rows, "" +
			"NAME     STATE     USED     LOAD\n" +
			"mixer    waiting  1.5ms     0.25\n" +
			"synth-é  ready      12s  0.33333\n"},
		{[]*threadRow{&rows[0], nil}, "" +
			"NAME   STATE    USED   LOAD\n" +
			"mixer  waiting  1.5ms  0.25\n" +
			"-      -        -      -\n"},
		{[]threadRow{}, "NAME  STATE  USED  LOAD\n"},
		{[]string{"x", "y"}, "x\ny\n"},
		{[]any{1, "y", []int{1, 2}}, "1\ny\n1\n2\n"},
		{report{Uptime: time.Minute, Clients: 2, inner: inner{3}, Link: map[string]int{"b": 2, "a": 10}, Threads: rows[:1], Names: []string{"p", "q"}}, "" +
			"uptime   1m0s\n" +
			"clients  2\n" +
			"depth    3\n" +
			"nothing  -\n" +
			"last     -\n" +
			"link\n" +
			"  a  10\n" +
			"  b  2\n" +
			"threads\n" +
			"  NAME   STATE     USED  LOAD\n" +
			"  mixer  waiting  1.5ms  0.25\n" +
			"names\n" +
			"  p\n" +
			"  q\n"},
		{&struct {
			Bytes []byte `json:"bytes"`
			Grid  [2][2]int
		}{[]byte{1, 2}, [2][2]int{{1, 2}, {3, 4}}}, "bytes  1,2\ngrid\n  1\n  2\n  3\n  4\n"},
	} {
		if got := Text(c.v); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
	long := Text(make([]threadRow, maxRows+5))
	if n := strings.Count(long, "\n"); n != maxRows+2 || !strings.HasSuffix(long, "... and 5 more\n") {
		t.Errorf("%d lines, ending %q", n, long[len(long)-20:])
	}
	type loop struct {
		Name string
		Next *loop
	}
	l := &loop{Name: "x"}
	l.Next = l
	if n := len(Text(l)); n > 1000 {
		t.Errorf("a ring is written in %d bytes", n)
	}
}

func TestStatus(t *testing.T) {
	broken := com.Errorf(com.ErrGone, "it went")
	var err error
	s := NewStatus(func(ctxT) (any, error) { return []threadRow{{Name: "a"}}, err })
	d := NewDir(0)
	register(t, d, "status/threads", s)
	o := bind(t, d, "/status/threads")
	st, queryErr := com.Query(o, system.StatusType)
	if queryErr != nil {
		t.Fatal(queryErr)
	}
	if text, err := st.Text(ctx); err != nil || text != "NAME  STATE  USED  LOAD\na     ready    0s     0\n" {
		t.Fatalf("%q, %v", text, err)
	}
	var back []threadRow
	b, jsonErr := st.JSON(ctx)
	if jsonErr != nil || json.Unmarshal(b, &back) != nil || len(back) != 1 || back[0].Name != "a" {
		t.Fatalf("%s, %v", b, jsonErr)
	}
	err = broken
	if _, got := st.Text(ctx); !errors.Is(got, com.ErrGone) {
		t.Fatal(got)
	}
	if _, got := st.JSON(ctx); !errors.Is(got, com.ErrGone) {
		t.Fatal(got)
	}
	bad := NewStatus(func(ctxT) (any, error) { return make(chan int), nil })
	if _, got := bad.JSON(ctx); got == nil {
		t.Fatal("no error for what JSON cannot hold")
	}
	list, _ := d.List(ctx, "status")
	if len(list) != 1 || list[0].Contracts[0] != "system.Status" {
		t.Fatalf("%+v", list)
	}
}

func TestDecimal(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.25: "0.25", 3.4991e-05: "0.000034991", -0.00001: "-0.00001", 1234567: "1234567", 33.333333: "33.333",
		1e-12: "1e-12", 1e300: "1e+300", math.Inf(1): "+Inf",
	} {
		if got := decimal(v); got != want {
			t.Errorf("%g is written %s, want %s", v, got, want)
		}
	}
}
