// Package mounted has another library read the file systems that package flash writes.
// It is a module of its own, so that nobody else downloads that library.
package mounted
