// Package com is the object model: every object answers for itself which
// contracts it implements, counts its references, and reports failure in codes
// that mean the same on both sides of a link.
//
// It follows the component object model as MMLite used it (Helander and Forin,
// "MMLite: A Highly Componentized System Architecture", 1998, section 2): a
// local call is one indirection, so that components may be as small as one
// likes, and nobody learns whether the object called is local or far away.
package com
