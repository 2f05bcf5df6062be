// Package mmd is the card's end of the link: it takes a client's packets, calls
// the objects they name on threads of a virtual processor, and gives each client
// its own view of the card's namespace, in which the files that the client
// exports appear at /host.
//
// The name is that of MMLite's multimedia daemon (Helander and Forin, 1998,
// section 5), which did the same for the processors of DirectX boards.
package mmd
