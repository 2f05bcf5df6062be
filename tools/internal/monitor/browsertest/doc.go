// Package browsertest drives the page of the web monitor in a headless Chromium: it
// sees the card's picture change, hears its sound, plays a note by a click, types and
// points, and looks at the page's figures. It is a module of its own, for chromedp.
//
// With MMLITE_SHOTS=DIR it leaves pictures of the page there, to be looked at.
package browsertest
