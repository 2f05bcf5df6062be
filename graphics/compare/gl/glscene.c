// glscene draws scenes by Mesa's software renderer into memory: the other side
// of the comparison in this folder's parent. It reads a stream of commands, each
// little more than a call of fixed-function OpenGL 2.1, so that what a scene of
// Direct3D means in OpenGL's terms is decided in one place, on the Go side.
//
// build: cc -O1 glscene.c -o glscene -lOSMesa -lm
// run:   glscene <commands >pictures
//
// Commands are 32-bit words of the machine's order; numbers with fractions are
// floats. Every argument count is fixed but those of pictures and vertices.
// A command that is unknown, cut short, or that OpenGL refuses ends the program
// with a message and status 1.
//
// Window coordinates are the scene's: x to the right, y downwards from the first
// row that is written, a pixel's centre at its number. OpenGL has y upwards and
// centres at half; so the picture is drawn as it would stand on its head, half a
// pixel shifted, and read from its bottom row on. The rows of both then run the
// same way, and so do the rules for edges that hit a centre.
#define GL_GLEXT_PROTOTYPES
#include <GL/osmesa.h>
#include <GL/glext.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PIXELS = 1 << 22, MOST_VERTICES = 1 << 20, MOST_BYTES = 1 << 26, NAMES = 64 };

static void fail(const char *what, long value) {
	fprintf(stderr, "glscene: %s %ld\n", what, value);
	exit(1);
}

static void get(void *to, size_t bytes) {
	if (fread(to, 1, bytes, stdin) != bytes) fail("input ends early, wanted bytes", (long)bytes);
}
static uint32_t word(void) { uint32_t v; get(&v, 4); return v; }
static float number(void) { float v; get(&v, 4); return v; }
static uint32_t upto(uint32_t most, const char *what) {
	uint32_t v = word();
	if (v > most) fail(what, v);
	return v;
}
static void numbers(float *to, int n) { get(to, 4 * (size_t)n); }

static int width, height, margin;
static GLuint textures[NAMES];
static GLuint framebuffer, target[2];

// begin_scene: width, height, margin: so many pixels more are drawn on each side,
// and not written. OpenGL clips at the edges of what is drawn and rounds what it
// has cut anew; within a margin nothing has to be clipped.
//
// Targets: colour as 8 bits a channel with alpha, depth as float32, so that
// nothing but the drawing itself differs from what is compared.
static void begin_scene(void) {
	width = (int)upto(4096, "width");
	height = (int)upto(4096, "height");
	margin = (int)upto(256, "margin");
	if (width < 1 || height < 1 || width * height > MOST_PIXELS) fail("size", width);
	int w = width + 2 * margin, h = height + 2 * margin;
	glPushAttrib(GL_ALL_ATTRIB_BITS);
	glGenFramebuffers(1, &framebuffer);
	glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
	glGenRenderbuffers(2, target);
	glBindRenderbuffer(GL_RENDERBUFFER, target[0]);
	glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, w, h);
	glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, target[0]);
	glBindRenderbuffer(GL_RENDERBUFFER, target[1]);
	glRenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH32F_STENCIL8, w, h);
	glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_STENCIL_ATTACHMENT, GL_RENDERBUFFER, target[1]);
	GLenum status = glCheckFramebufferStatus(GL_FRAMEBUFFER);
	if (status != GL_FRAMEBUFFER_COMPLETE) fail("framebuffer status", status);
	glViewport(0, 0, w, h);
	glProvokingVertex(GL_FIRST_VERTEX_CONVENTION);
	for (int m = 0; m < 2; m++) {
		glMatrixMode(m ? GL_MODELVIEW : GL_PROJECTION);
		glLoadIdentity();
	}
	glGenTextures(NAMES, textures);
	glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
	glPixelStorei(GL_PACK_ALIGNMENT, 1);
	glDisable(GL_DITHER);
}

// end_scene writes colour as BGRA bytes, depth as floats, stencil as bytes.
static void end_scene(void) {
	size_t n = (size_t)width * (size_t)height;
	char *out = malloc(9 * n);
	if (!out) fail("no memory for pixels:", (long)n);
	glFinish();
	glReadPixels(margin, margin, width, height, GL_BGRA, GL_UNSIGNED_BYTE, out);
	glReadPixels(margin, margin, width, height, GL_DEPTH_COMPONENT, GL_FLOAT, out + 4 * n);
	glReadPixels(margin, margin, width, height, GL_STENCIL_INDEX, GL_UNSIGNED_BYTE, out + 8 * n);
	if (fwrite(out, 1, 9 * n, stdout) != 9 * n || fflush(stdout)) fail("cannot write pixels:", (long)n);
	free(out);
	for (int unit = 0; unit < 2; unit++) {
		glActiveTexture(GL_TEXTURE0 + (GLenum)unit);
		glMatrixMode(GL_TEXTURE);
		glLoadIdentity();
	}
	glPopAttrib();
	glDeleteTextures(NAMES, textures);
	glBindFramebuffer(GL_FRAMEBUFFER, 0);
	glDeleteFramebuffers(1, &framebuffer);
	glDeleteRenderbuffers(2, target);
}

static void clear(void) {
	uint32_t c = word();
	glClearColor((c >> 16 & 255) / 255.f, (c >> 8 & 255) / 255.f, (c & 255) / 255.f, (c >> 24) / 255.f);
	glClearDepth(number());
	glClearStencil((GLint)word());
	glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT | GL_STENCIL_BUFFER_BIT);
}

static void *picture(uint32_t *bytes) {
	*bytes = upto(MOST_BYTES, "bytes of a picture");
	void *data = malloc(*bytes + 1);
	if (!data) fail("no memory for bytes:", *bytes);
	get(data, *bytes);
	return data;
}

// tex_image: level, internal format, width, height, format, type, bytes.
// A type of 0 means blocks that are compressed in the internal format.
static void tex_image(void) {
	GLint level = (GLint)word();
	GLenum internal = word();
	int w = (int)upto(4096, "texture width"), h = (int)upto(4096, "texture height");
	GLenum format = word(), type = word();
	uint32_t bytes;
	void *data = picture(&bytes);
	if (type == 0) {
		glCompressedTexImage2D(GL_TEXTURE_2D, level, internal, w, h, 0, (GLsizei)bytes, data);
	} else {
		uint32_t texel = type == GL_UNSIGNED_INT_8_8_8_8_REV ? 4 : 2;
		if (bytes != (uint32_t)w * (uint32_t)h * texel) fail("a texture's bytes do not fit its size:", bytes);
		glTexImage2D(GL_TEXTURE_2D, level, (GLint)internal, w, h, 0, format, type, data);
	}
	free(data);
}

// vertex: position 4, normal 3, colour 4, second colour 3, fog 1, texture 2 x 4.
enum { VERTEX = 23 };

static void send(const float *v) {
	glNormal3fv(v + 4);
	glColor4fv(v + 7);
	glSecondaryColor3fv(v + 11);
	glFogCoordf(v[14]);
	glMultiTexCoord4fv(GL_TEXTURE0, v + 15);
	glMultiTexCoord4fv(GL_TEXTURE1, v + 19);
	glVertex4fv(v);
}

// draw: primitive, indices, vertices, then the indices (none: one after the
// other), then the vertices.
static void draw(void) {
	GLenum primitive = word();
	uint32_t indices = upto(MOST_VERTICES, "indices"), count = upto(MOST_VERTICES, "vertices");
	uint32_t *index = malloc(4 * (size_t)indices + 4);
	float *v = malloc(4 * VERTEX * (size_t)count + 4);
	if (!index || !v) fail("no memory for vertices:", count);
	get(index, 4 * (size_t)indices);
	get(v, 4 * VERTEX * (size_t)count);
	glBegin(primitive);
	if (indices == 0)
		for (uint32_t i = 0; i < count; i++) send(v + VERTEX * (size_t)i);
	for (uint32_t i = 0; i < indices; i++) {
		if (index[i] >= count) fail("index", index[i]);
		send(v + VERTEX * (size_t)index[i]);
	}
	glEnd();
	free(v);
	free(index);
}

// matrix: which, then 16 numbers, a column after the other.
static void matrix(void) {
	float m[16];
	glMatrixMode(word());
	numbers(m, 16);
	glLoadMatrixf(m);
}

static void four(void (*call)(GLenum, GLenum, const GLfloat *)) {
	GLenum a = word(), b = word();
	float v[4];
	numbers(v, 4);
	call(a, b, v);
}

// plane: which, then 4 numbers.
static void plane(void) {
	GLenum p = word();
	float v[4];
	numbers(v, 4);
	GLdouble d[4] = {v[0], v[1], v[2], v[3]};
	glClipPlane(p, d);
}

static void command(uint32_t op) {
	float v[4];
	uint32_t a, b, c;
	switch (op) {
	case 1: begin_scene(); break;
	case 2: end_scene(); break;
	case 3: clear(); break;
	case 4: glEnable(word()); break;
	case 5: glDisable(word()); break;
	case 6: a = word(); glBlendFunc(a, word()); break;
	case 7: glDepthFunc(word()); break;
	case 8: glDepthMask((GLboolean)word()); break;
	case 9: a = word(); glAlphaFunc(a, number()); break;
	case 10: a = word(); b = word(); glStencilFunc(a, (GLint)b, word()); break;
	case 11: a = word(); b = word(); glStencilOp(a, b, word()); break;
	case 12: glStencilMask(word()); break;
	case 13: glShadeModel(word()); break;
	case 14: glCullFace(word()); break;
	case 15: glFrontFace(word()); break;
	case 16: a = word(); glColorMask((GLboolean)a, (GLboolean)a, (GLboolean)a, (GLboolean)word()); break;
	case 17: a = word(); numbers(v, 4); glFogfv(a, v); break;
	case 18: a = word(); glFogi(a, (GLint)word()); break;
	case 19: glActiveTexture(GL_TEXTURE0 + upto(1, "texture unit")); break;
	case 20: a = word(); b = word(); glTexEnvi(a, b, (GLint)word()); break;
	case 21: four(glTexEnvfv); break;
	case 22: glBindTexture(GL_TEXTURE_2D, textures[upto(NAMES - 1, "texture")]); break;
	case 23: a = word(); glTexParameteri(GL_TEXTURE_2D, a, (GLint)word()); break;
	case 24: a = word(); numbers(v, 4); glTexParameterfv(GL_TEXTURE_2D, a, v); break;
	case 25: tex_image(); break;
	case 26: matrix(); break;
	case 27: draw(); break;
	case 28: four(glLightfv); break;
	case 29: four(glMaterialfv); break;
	case 30: a = word(); numbers(v, 4); glLightModelfv(a, v); break;
	case 31: a = word(); glLightModeli(a, (GLint)word()); break;
	case 32: plane(); break;
	case 33: a = word(); glColorMaterial(a, word()); break;
	case 34: glPointSize(number()); break;
	case 35: glLineWidth(number()); break;
	case 36: v[0] = number(); v[1] = number(); glDepthRange(v[0], v[1]); break;
	case 37: a = word(); b = word(); c = word(); glScissor((GLint)a + margin, (GLint)b + margin, (GLsizei)c, (GLsizei)word()); break;
	case 38: a = word(); glPolygonMode(GL_FRONT_AND_BACK, a); break;
	case 39: a = word(); b = word(); glTexGeni(a, b, (GLint)word()); break;
	default: fail("unknown command", op);
	}
	// Between the two ends of a scene every call must have been accepted.
	GLenum error = glGetError();
	if (error) fprintf(stderr, "glscene: command %u\n", op), fail("OpenGL error", error);
}

int main(void) {
	// Mesa's short cuts off: levels of detail for each quad of pixels, and
	// filtering in 8 bits.
	setenv("GALLIVM_PERF", "no_quad_lod,no_aos_sampling", 1);
	setenv("GALLIUM_DRIVER", "llvmpipe", 1);
	static char unused[16 * 16 * 4];
	const int attributes[] = {OSMESA_FORMAT, OSMESA_BGRA, OSMESA_DEPTH_BITS, 24, OSMESA_STENCIL_BITS, 8, OSMESA_PROFILE, OSMESA_COMPAT_PROFILE, 0};
	OSMesaContext context = OSMesaCreateContextAttribs(attributes, NULL);
	if (!context || !OSMesaMakeCurrent(context, unused, GL_UNSIGNED_BYTE, 16, 16)) fail("no context", 0);
	fprintf(stderr, "%s; OpenGL %s\n", glGetString(GL_RENDERER), glGetString(GL_VERSION));
	for (;;) {
		uint32_t op;
		if (fread(&op, 1, 4, stdin) != 4) break;
		command(op);
	}
	OSMesaDestroyContext(context);
	return 0;
}
