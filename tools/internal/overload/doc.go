// Package overload measures what the regulator of layers is worth: a scene of turning
// boards is drawn by a renderer that gets half of the processor time that drawing all
// of it would take, under the constraint scheduler, in virtual time. Beside it stand
// the same scene drawn in full, and drawn in full for every second frame. All three
// are computed to the pixel, so errors are those that can be seen.
package overload
