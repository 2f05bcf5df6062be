// Package regulate chooses which image layers are drawn anew for a frame, and at
// what resolution, so that drawing takes no more than the time there is: the
// regulator of coherent layers (Lengyel and Snyder, "Rendering with Coherent
// Layers", SIGGRAPH 1997; Torborg and Kajiya, SIGGRAPH 1996). What is not drawn is
// warped. It knows no objects, pixels or clocks: it is told errors, times and what
// the scheduler answers.
//
// Budget says how much time there is. It asks the scheduler to promise what drawing
// everything would take, and comes down until something is promised, as Rialto's
// feedback is meant to be used; where nothing can be promised it goes by the share
// of the processor that drawing got in the frames before.
//
// Regulator spends it. Each layer can be left as it is, or drawn at one of a few
// resolutions, each of which costs time and takes away error. The best use of the
// time is a knapsack with several choices per thing; the greedy solution over the
// steps of each layer's efficient choices is within one layer's step of the best
// (Sinha and Zoltners, "The Multiple-Choice Knapsack Problem", Operations Research
// 1979). A layer's error counts more with each frame that it was not drawn, so that
// none waits for ever.
package regulate
