// Package output is the sound device of the card and the mixer in front of it:
// the AUDIO and MIXER threads, the inputs that synthesizer ports connect to, the
// streams, the captures, and the object at /audio.
//
// The device's clock drives, as in MMLite (Helander and Forin 1998, section 5,
// whose player had a thread and an activity for each of SYNTH, MIXER and AUDIO).
// When the device has room for a period, AUDIO opens the window of frames
// [n, n+period) and wakes every input. Each input's thread renders that window
// into its own buffer of a fixed pool in card memory. MIXER sums what is ready by
// the time it has to start; for an input that is not there is silence, which is
// counted, and nothing is ever shifted. A limiter follows, then the device: latency
// is the device's queue and nothing else.
//
// Where the policy gives promises (Jones, Rosu and Rosu 1997), AUDIO and MIXER have
// a delayed time constraint for each piece of work between two of their waits, with
// estimates from what such pieces took; the time of all inputs, from the opening of
// the window to MIXER's start, is promised to their activity together; and a thread
// that has time keeps reservations for the three at what is usual. The time there
// is for inputs, under any policy, is divided among them by what they need, so that
// one that wants too much does less instead of making others late.
//
// An offline device has none of that. It is driven by the same threads in the same
// way, except that the window opens only when every input that has been started has
// said what it plays in it, that MIXER waits for all of them, and that captures are
// waited for rather than overrun. So a rendering is the same bytes every time.
//
// Streams of samples, of any rate, channel count and format, have no threads. They
// are inputs of one mixer.Mix, which MIXER renders for each window while the
// synthesizers render theirs; threads that serve calls fill their rings and design
// their filters. What has to be done to such an input between two windows, AUDIO
// does. Offline a stream that was started holds the clock until its ring has what
// the next window takes.
//
// Between threads there are atomic words and events only, so that inputs, MIXER
// and AUDIO may be on different virtual processors, and none of them waits for a
// thread that serves calls.
package output
