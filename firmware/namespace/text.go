package namespace

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mmlite/mmlite/firmware/com"
)

// Bounds of a text, which a status object must not make longer.
const (
	maxRows  = 1000 // of a table; the rest is counted
	maxDepth = 8    // of structs and slices in one another
)

// Text writes a value for a person: a slice of structs as a table, a struct as a
// line for each field, other values as fmt does. Numbers are aligned to the
// right. Names are those of the json tags.
func Text(v any) string {
	var s strings.Builder
	write(&s, reflect.ValueOf(v), 0)
	return s.String()
}

// field is one named value of a struct.
type field struct {
	name  string
	index []int
}

// fields lists the fields of a struct type as encoding/json names them.
func fields(t reflect.Type) []field {
	var list []field
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || f.Anonymous && name == "" || name == "-" {
			continue
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		list = append(list, field{name, f.Index})
	}
	return list
}

// settled follows pointers and interfaces to a value.
func settled(v reflect.Value) reflect.Value {
	for range maxDepth {
		if v.Kind() != reflect.Pointer && v.Kind() != reflect.Interface || v.IsNil() || stringer(v) {
			return v
		}
		v = v.Elem()
	}
	return v
}

func stringer(v reflect.Value) bool {
	if !v.IsValid() || !v.CanInterface() {
		return false
	}
	switch v.Interface().(type) {
	case fmt.Stringer, error:
		return true
	}
	return false
}

// compound reports whether a value is shown on lines of its own.
func compound(v reflect.Value) bool {
	if stringer(v) {
		return false
	}
	switch v.Kind() {
	case reflect.Struct, reflect.Map:
		return true
	case reflect.Slice, reflect.Array:
		e := v.Type().Elem()
		return e.Kind() != reflect.Uint8
	}
	return false
}

func write(s *strings.Builder, v reflect.Value, depth int) {
	v = settled(v)
	switch {
	case depth >= maxDepth:
		s.WriteString("...\n")
	case !compound(v):
		s.WriteString(cell(v) + "\n")
	case v.Kind() == reflect.Struct:
		var names []string
		var values []reflect.Value
		for _, f := range fields(v.Type()) {
			if x, err := v.FieldByIndexErr(f.index); err == nil {
				names, values = append(names, f.name), append(values, x)
			}
		}
		pairs(s, names, values, depth)
	case v.Kind() == reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(cell(a), cell(b)) })
		var names []string
		var values []reflect.Value
		for _, k := range keys[:min(len(keys), maxRows)] {
			names, values = append(names, cell(k)), append(values, v.MapIndex(k))
		}
		pairs(s, names, values, depth)
		more(s, len(keys)-len(names))
	default:
		rows(s, v, depth)
	}
}

// pairs writes names and values on a line each, then those that need more lines.
func pairs(s *strings.Builder, names []string, values []reflect.Value, depth int) {
	width := 0
	for i, n := range names {
		if !compound(settled(values[i])) {
			width = max(width, utf8.RuneCountInString(n))
		}
	}
	for i, n := range names {
		if v := settled(values[i]); !compound(v) {
			s.WriteString(pad(n, width, false) + "  " + cell(v) + "\n")
		}
	}
	for i, n := range names {
		if v := settled(values[i]); compound(v) {
			var inner strings.Builder
			write(&inner, v, depth+1)
			s.WriteString(n + "\n")
			for line := range strings.Lines(inner.String()) {
				s.WriteString("  " + line)
			}
		}
	}
}

// rows writes a slice: structs as a table, others on a line each.
func rows(s *strings.Builder, v reflect.Value, depth int) {
	n := min(v.Len(), maxRows)
	element := v.Type().Elem()
	for element.Kind() == reflect.Pointer {
		element = element.Elem()
	}
	if element.Kind() != reflect.Struct || n > 0 && stringer(v.Index(0)) {
		for i := range n {
			write(s, v.Index(i), depth+1)
		}
		more(s, v.Len()-n)
		return
	}
	columns := fields(element)
	table := make([][]string, n+1)
	numbers := make([]bool, len(columns))
	for c, f := range columns {
		table[0] = append(table[0], strings.ToUpper(f.name))
		numbers[c] = n > 0
		for r := range n {
			var x reflect.Value
			if row := settled(v.Index(r)); row.Kind() == reflect.Struct {
				x, _ = row.FieldByIndexErr(f.index)
			}
			text := cell(settled(x))
			table[r+1] = append(table[r+1], text)
			numbers[c] = numbers[c] && numeric(text)
		}
	}
	widths := make([]int, len(columns))
	for _, line := range table {
		for c, text := range line {
			widths[c] = max(widths[c], utf8.RuneCountInString(text))
		}
	}
	for _, line := range table {
		var out strings.Builder
		for c, text := range line {
			if c > 0 {
				out.WriteString("  ")
			}
			out.WriteString(pad(text, widths[c], numbers[c]))
		}
		s.WriteString(strings.TrimRight(out.String(), " ") + "\n")
	}
	more(s, v.Len()-n)
}

func more(s *strings.Builder, n int) {
	if n > 0 {
		fmt.Fprintf(s, "... and %d more\n", n)
	}
}

func pad(s string, width int, right bool) string {
	space := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
	if right {
		return space + s
	}
	return s + space
}

// numeric reports whether a cell starts like a number: 12, -3.5, 1.5ms.
func numeric(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return s != "" && '0' <= s[0] && s[0] <= '9'
}

// decimal writes v to five digits, or to the unit where it has more before the point,
// and without an exponent where people would not have one.
func decimal(v float64) string {
	text := strconv.FormatFloat(v, 'g', 5, 64)
	switch abs := math.Abs(v); {
	case !strings.Contains(text, "e") || abs < 1e-9 || abs >= 1e15:
		return text
	case abs >= 1:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	v, _ = strconv.ParseFloat(text, 64) // it was just written
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// cell writes a value on one line, without characters that would move the
// cursor of a terminal.
func cell(v reflect.Value) string {
	switch {
	case !v.IsValid(), (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil():
		return "-"
	case stringer(v):
		return com.Printable(fmt.Sprint(v.Interface()))
	}
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		return decimal(v.Float())
	case reflect.Slice, reflect.Array:
		list := make([]string, 0, 8)
		for i := range min(v.Len(), cap(list)) {
			if e := settled(v.Index(i)); compound(e) {
				list = append(list, "...")
			} else {
				list = append(list, cell(e))
			}
		}
		if v.Len() > len(list) {
			list = append(list, fmt.Sprintf("... %d more", v.Len()-len(list)))
		}
		return strings.Join(list, ",")
	case reflect.Struct, reflect.Map:
		return "..."
	}
	return com.Printable(fmt.Sprint(v))
}
