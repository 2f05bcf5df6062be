// Mmidl is the interface compiler: it reads the contracts of a package, Go
// interfaces marked //mm:contract, and writes what is needed to call their
// objects from another domain.
//
//	go run ./tools/mmidl DIR...            write NAME_mm.go and REFERENCE.md in each DIR
//	go run ./tools/mmidl -check DIR...     write nothing; fail if a file is stale
//	go run ./tools/mmidl -publish DIR...   also enter new contracts in published_iids.txt
//
// It is an open compiler in the sense of Think (Fassino, Stefani, Lawall and
// Muller, "Think: A Software Framework for Component-based Operating System
// Kernels", 2002, section 3.3): a front end turns Go source into one model, and
// back ends, one file each, turn the model into text: descriptor, proxy, stub,
// mutable cell and a page of reference. What a proxy and a stub are is in
// Helander and Forin, "MMLite", 1998, section 2.2.
//
// # Contracts
//
// A contract is an exported interface with a doc comment, com.Unknown as its
// first and only embedded interface, and exported methods that each have a doc
// comment:
//
//	//mm:contract
//	type File interface {
//		com.Unknown
//
//		// ReadAt fills buf from offset off ...
//		//
//		//mm:out buf
//		//mm:limit buf 1048576
//		ReadAt(ctx context.Context, off uint64, buf []byte) (n uint32, err error)
//	}
//
// A method may take a context.Context first, and returns an error last. In
// between may stand: sized numbers, bool, string, []byte, time.Duration,
// references (other contracts and com.Unknown), slices and structs of those, and
// named types of those kinds from this or another package of contracts.
// Everything else is refused with file, line, column and the reason.
//
// Parameters are borrowed by the callee, results are owned by the caller; a
// reference inside a struct or slice is held like the parameter or result that
// it is part of. A []byte parameter, and a slice of numbers or of structs of numbers, is valid
// until the method returns. Strings, results and what lies inside structs are copies. An empty slice and a nil
// one are the same on the other side.
//
// # Directives
//
//	//mm:contract          the interface is a contract
//	//mm:contract pinned   its methods never change: it has to be published
//	//mm:oneway            no reply; failures surface at the next reply or flush
//	//mm:out NAME          the callee fills this []byte, or slice of structs of
//	                       numbers, which the caller provides
//	//mm:limit NAME N      greatest length of a []byte, string (bytes) or other
//	                       slice (elements): of a parameter, of a result, or,
//	                       above a struct, of a field
//	//mm:shared NAME       this []byte parameter may alias memory that the other
//	                       side can change meanwhile, so any value has to be
//	                       valid; the runtime copies it as long as it has
//	                       nothing faster
//
// If a method has exactly one //mm:out parameter and its first result is
// n uint32, only n bytes or elements of it travel back.
//
// # Identity
//
// The first eight bytes of an IID are the hash of the contract's name, package
// name and interface name, the last eight that of its canonical text: methods
// in order with all types spelled out, structs field by field, other contracts
// by name. Parameter names and comments are not part of it.
//
// A contract that programs outside this repository may know stands with its IID
// in published_iids.txt beside its source. From then on mmidl refuses to change
// it: a contract that grows becomes Foo2 beside Foo. A line is removed by hand
// only for a contract that was never released.
package main
