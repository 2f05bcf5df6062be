// Package trace records what a scheduler decides and how well it keeps time: a
// Log is a fixed ring of decisions of one virtual processor, a Histogram is how a
// span of time was distributed. Neither allocates nor locks where it is written,
// so that both may stay on while sound plays.
//
// Rialto's authors judged their scheduler by such records of real runs (Jones,
// Rosu and Rosu 1997); the histograms are log-linear, as in Gil Tene's
// HdrHistogram.
//
//mm:mechanism a log is written by a processor between threads and read from anywhere
package trace
