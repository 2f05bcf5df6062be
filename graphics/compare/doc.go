// Package compare holds pictures of this house against those of another: Mesa's
// software renderer, llvmpipe, which draws generated scenes through OpenGL's
// fixed functions. Its tests are all there is. gl/glscene.c is Mesa's side, a
// program of its own, built where a C compiler and OSMesa are; where there are
// none, those tests are skipped, and the others still hold pixel loops, the
// interpreter of states and graphics/render to the same bits.
//
// There are scenes of transformed triangles, for the pixel loops (scene), and
// scenes for transform, lighting, clipping and assembly (play), whose states are
// read back from the renderer at each draw and put into OpenGL's terms.
//
// A scene passes where at least 999 of 1,000 pixels agree in every channel
// within 2 of 255, or 4 where texels are filtered or stages build on each other
// (Direct3D leaves the precision of weights and of results open), in depth
// within 1e-5, and in stencil exactly. Targets of fewer bits are compared by what
// may be cut to them. Where the rules of OpenGL and Direct3D differ, or leave a
// choice, the scene says so with the clause, and carries its own bound.
//
// What was learnt: coverage is the same to the pixel, edges on centres, lines and
// points included. On slivers, whose depth Mesa computes otherwise, planes here
// lie nearer to exact ones. Three things are Mesa's own: its levels of detail are
// up to 0.043 off, it limits the sum with the specular colour after fog, and it
// rounds anew what it clips at the edges of a target.
//
// Other triangles, textures and states are drawn with -dice. About one scene in a
// thousand are then under their bounds, by up to 0.6 % of pixels, and what was looked
// into was never a rule broken. Stages build on results of 8 bits here and of floats
// in Mesa, which Direct3D leaves open: a dot product takes half a step of alpha in all
// three channels to 6, and an alpha test's outline moves by a pixel. Blending with
// what is there as its own factor doubles a difference with each layer over it. And
// an edge that is level to the last bit of transformed vertices is drawn or not.
//
// References: the Direct3D documentation of DirectX 7; The OpenGL Graphics
// System, version 2.1, and its extensions EXT_fog_coord, ATI_texture_env_combine3
// and ARB_provoking_vertex.
//
//	go test -v ./graphics/compare                     a line for each scene
//	go test ./graphics/compare -pictures DIR          and pictures of those that fail
//	go test ./graphics/compare -pictures DIR -all     and of all
//	go test ./graphics/compare -dice 7                other triangles and textures
package compare
