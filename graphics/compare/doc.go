// Package compare holds pictures of this house against those of another: Mesa's
// software renderer, llvmpipe, which draws generated scenes through OpenGL's
// fixed functions. Its tests are all there is. gl/glscene.c is Mesa's side, a
// program of its own, built where a C compiler and OSMesa are.
//
// A scene passes where at least 999 of 1,000 pixels agree in every channel
// within 2 of 255, or 4 where texels are filtered (Direct3D leaves the precision
// of weights open), in depth within 1e-5, and in stencil exactly. Where the
// rules of OpenGL and Direct3D differ, or leave a choice, the scene says so with
// the clause, and carries its own bound.
//
// References: the Direct3D documentation of DirectX 7; The OpenGL Graphics
// System, version 2.1, and its extensions EXT_fog_coord, ATI_texture_env_combine3
// and ARB_provoking_vertex.
//
//	go test -v ./graphics/compare                     a line for each scene
//	go test ./graphics/compare -pictures DIR          and pictures of those that fail
//	go test ./graphics/compare -pictures DIR -all     and of all
package compare
