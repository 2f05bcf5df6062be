// Package ipctest holds contracts that use everything a contract may, an object
// that implements them, and a conformance suite that calls it. The suite gives
// the same verdict on the object itself, on a cell around it and on a proxy of
// it in another domain: that is what it means that nobody learns where an
// object is (Helander and Forin, "MMLite", 1998, section 2.2).
package ipctest
