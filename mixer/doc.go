// Package mixer sums sounds of any rate, channel count and sample format into one stream of float32 periods.
//
// A Mix has a fixed number of places for inputs. An input is fed through a ring by one producer, or pulls from a Source; its
// sound passes through channel conversion (mixer/format), rate conversion (mixer/resample) and levels (mixer/mix) into the
// sum, which a look-ahead limiter (mixer/limit) may keep below a ceiling. Everything is counted in frames: which frame of an
// input was in which frame of the output can be asked for afterwards, so that a cursor shows what is heard, and the end of a
// sound is known to the frame.
//
// Late sound is silence, and counted. What a timed input delivers late is dropped, never played late; a stream waits until
// it has filled again. Both fade out and in over a millisecond and a half.
//
// Render belongs to one thread. It takes no lock and allocates nothing. Feeding an input belongs to one producer; the other
// methods of inputs may be called from anywhere and take effect with the next period. Nothing here knows of threads, clocks or
// devices: the package computes, others call it.
package mixer
