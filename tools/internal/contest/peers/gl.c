// Triangles by OpenGL's fixed functions in Mesa, into a framebuffer object: 16
// layers of a rotated quad in perspective, w from 1 to 2, that fills the
// picture, and meshes of small triangles, clearing included.
#define GL_GLEXT_PROTOTYPES
#include "serve.h"
#include <GL/osmesa.h>
#include <GL/glext.h>
#include <math.h>

enum { LAYERS = 16 };

typedef struct {
	float x, y, z, u, v;
	unsigned char colour[4];
	float nx, ny, nz;
} vertex;

typedef struct {
	double area;
	int triangles, vertices;
	GLuint vb, ib;
} mesh;

static unsigned seen[W * H];
static GLuint texture[2], quad;
static mesh meshes[4] = {{2}, {10}, {50}, {200}}, *shown;
static int clears;

static double part(void) { return (random32() >> 8) / 16777216.0; }

// textures makes one of a single level and one of nine.
static void textures(void) {
	static unsigned p[256 * 256];
	glGenTextures(2, texture);
	for (int k = 0; k < 2; k++) {
		glBindTexture(GL_TEXTURE_2D, texture[k]);
		for (int i = 0; i < 256 * 256; i++) {
			unsigned x = i % 256, y = i / 256;
			p[i] = 0xa0000000u | x << 16 | y << 8 | (x ^ y);
		}
		for (int l = 0, s = 256; s >= 1 && (k || l == 0); l++, s /= 2) {
			glTexImage2D(GL_TEXTURE_2D, l, GL_RGBA8, s, s, 0, GL_BGRA, GL_UNSIGNED_INT_8_8_8_8_REV, p);
			for (int y = 0; y < s / 2; y++)
				for (int x = 0; x < s / 2; x++) {
					unsigned *a = p + 2 * y * s + 2 * x, r = 0;
					for (int c = 0; c < 32; c += 8)
						r |= ((a[0] >> c & 255) + (a[1] >> c & 255) + (a[s] >> c & 255) + (a[s + 1] >> c & 255) + 2) / 4 << c;
					p[y * s / 2 + x] = r;
				}
		}
	}
}

// project makes w what lies before the eye, and depth what Direct3D makes of 0.5 to 4.
static void project(void) {
	float m[16] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -(2 * 4 / 3.5f - 1), -1, 0, 0, -2 * 2 / 3.5f, 0}, none[] = {0, 0, 0, 1};
	glMatrixMode(GL_PROJECTION);
	glLoadMatrixf(m);
	glMatrixMode(GL_MODELVIEW);
	glLightModelfv(GL_LIGHT_MODEL_AMBIENT, none);
}

static void quads(void) {
	vertex q[4];
	memset(q, 0, sizeof q);
	for (int i = 0; i < 4; i++) {
		float x = i & 1 ? 1 : -1, y = i & 2 ? 1 : -1, w = i & 2 ? 2 : 1, X = x * 1.6f + y * .2f, Y = y * 1.6f - x * .2f;
		q[i].x = X * w, q[i].y = Y * w, q[i].z = -w;
		q[i].u = (X * .5f + .5f) * W / 256 * 1.4f + .13f, q[i].v = (Y * .5f + .5f) * H / 256 * 1.4f + .21f;
		q[i].colour[0] = i & 1 ? 255 : 40, q[i].colour[1] = i & 2 ? 255 : 60, q[i].colour[2] = i == 0 || i == 3 ? 255 : 80, q[i].colour[3] = 160;
	}
	glGenBuffers(1, &quad);
	glBindBuffer(GL_ARRAY_BUFFER, quad);
	glBufferData(GL_ARRAY_BUFFER, sizeof q, q, GL_STATIC_DRAW);
}

// grid makes a jittered grid of triangles of a mean area in pixels.
static void grid(mesh *m) {
	double side = sqrt(2 * m->area);
	int nx = ceil(W / side), ny = ceil(H / side);
	m->vertices = (nx + 1) * (ny + 1), m->triangles = 2 * nx * ny;
	vertex *v = calloc(m->vertices, sizeof *v), *p = v;
	unsigned *index = malloc(m->triangles * 12), *o = index;
	seed = 7;
	for (int y = 0; y <= ny; y++)
		for (int x = 0; x <= nx; x++, p++) {
			double jx = part(), jy = part();
			double fx = (x + (x && x < nx ? (jx - .5) * .4 : 0)) / nx, fy = (y + (y && y < ny ? (jy - .5) * .4 : 0)) / ny, w = 1 + fy;
			unsigned c = random32();
			p->x = (fx * 2 - 1) * w, p->y = (fy * 2 - 1) * w, p->z = -w;
			p->u = fx * W / 256 * 1.1, p->v = fy * H / 256 * 1.1;
			p->colour[0] = c >> 24, p->colour[1] = c >> 16, p->colour[2] = c >> 8, p->colour[3] = 160;
			p->nx = sin(fx * 20) * .5, p->ny = sin(fy * 15) * .5, p->nz = sqrt(1 - p->nx * p->nx - p->ny * p->ny);
		}
	for (int y = 0; y < ny; y++)
		for (int x = 0; x < nx; x++) {
			unsigned a = y * (nx + 1) + x, b = a + 1, c = a + nx + 1, d = c + 1;
			*o++ = a, *o++ = b, *o++ = c, *o++ = b, *o++ = d, *o++ = c;
		}
	glGenBuffers(1, &m->vb);
	glBindBuffer(GL_ARRAY_BUFFER, m->vb);
	glBufferData(GL_ARRAY_BUFFER, m->vertices * sizeof *v, v, GL_STATIC_DRAW);
	glGenBuffers(1, &m->ib);
	glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, m->ib);
	glBufferData(GL_ELEMENT_ARRAY_BUFFER, m->triangles * 12, index, GL_STATIC_DRAW);
	free(v);
	free(index);
}

static void array(GLenum which, int on) {
	if (on) glEnableClientState(which);
	else glDisableClientState(which);
}

// source binds a vertex buffer and says what of its vertices is used.
static void source(GLuint vb, int colour, int tex, int normal) {
	glBindBuffer(GL_ARRAY_BUFFER, vb);
	glEnableClientState(GL_VERTEX_ARRAY);
	glVertexPointer(3, GL_FLOAT, sizeof(vertex), (void *)0);
	array(GL_TEXTURE_COORD_ARRAY, tex);
	glTexCoordPointer(2, GL_FLOAT, sizeof(vertex), (void *)12);
	array(GL_COLOR_ARRAY, colour);
	glColorPointer(4, GL_UNSIGNED_BYTE, sizeof(vertex), (void *)20);
	array(GL_NORMAL_ARRAY, normal);
	glNormalPointer(GL_FLOAT, sizeof(vertex), (void *)24);
	glColor4f(1, 1, 1, 1);
}

static void enable(GLenum what, int on) {
	if (on) glEnable(what);
	else glDisable(what);
}

static void sampling(const char *name, int modulate) {
	int tri = strstr(name, "trilinear") != 0, mip = tri || strstr(name, "mipmap"), linear = strstr(name, "linear") || mip;
	glBindTexture(GL_TEXTURE_2D, texture[mip]);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, tri ? GL_LINEAR_MIPMAP_LINEAR : mip ? GL_LINEAR_MIPMAP_NEAREST : linear ? GL_LINEAR : GL_NEAREST);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, linear ? GL_LINEAR : GL_NEAREST);
	glTexEnvi(GL_TEXTURE_ENV, GL_TEXTURE_ENV_MODE, modulate ? GL_MODULATE : GL_REPLACE);
}

static void clear(void) {
	glClearColor(1 / 255.f, 2 / 255.f, 3 / 255.f, 0);
	glClearDepth(1);
	glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
}

// light sets up one directional light, with two a point light, with three highlights.
static void light(int n) {
	float dir[] = {.3f, .4f, .8f, 0}, pos[] = {.2f, .3f, -.5f, 1}, one[] = {1, 1, 1, 1}, dim[] = {.2f, .2f, .2f, 1}, none[] = {0, 0, 0, 1}, red[] = {1, .5f, .3f, 1};
	enable(GL_LIGHTING, n > 0);
	enable(GL_NORMALIZE, n > 0);
	enable(GL_LIGHT0, n > 0);
	enable(GL_LIGHT1, n > 1);
	glLightfv(GL_LIGHT0, GL_POSITION, dir);
	glLightfv(GL_LIGHT0, GL_AMBIENT, dim);
	glLightfv(GL_LIGHT0, GL_DIFFUSE, one);
	glLightfv(GL_LIGHT0, GL_SPECULAR, n > 2 ? one : none);
	glLightfv(GL_LIGHT1, GL_POSITION, pos);
	glLightfv(GL_LIGHT1, GL_DIFFUSE, red);
	glLightfv(GL_LIGHT1, GL_SPECULAR, n > 2 ? red : none);
	glLightf(GL_LIGHT1, GL_LINEAR_ATTENUATION, .1f);
	glLightf(GL_LIGHT1, GL_QUADRATIC_ATTENUATION, .1f);
	glMaterialfv(GL_FRONT, GL_AMBIENT_AND_DIFFUSE, one);
	glMaterialfv(GL_FRONT, GL_SPECULAR, n > 2 ? one : none);
	glMaterialf(GL_FRONT, GL_SHININESS, 20);
}

static int choose(const char *name) {
	double area;
	int at = 0, gouraud = strstr(name, "Gouraud") != 0, tex;
	shown = 0, clears = 0;
	light(0);
	glShadeModel(strncmp(name, "flat", 4) ? GL_SMOOTH : GL_FLAT);
	glDisable(GL_CULL_FACE);
	enable(GL_DEPTH_TEST, strstr(name, "depth") != 0);
	glDepthFunc(!strcmp(name, "depth fails") ? GL_GREATER : GL_LEQUAL);
	enable(GL_BLEND, strstr(name, "alpha") != 0);
	glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
	tex = strstr(name, "linear") || strstr(name, "nearest") || !strcmp(name, "depth fails");
	enable(GL_TEXTURE_2D, tex);
	if (tex) sampling(strcmp(name, "depth fails") ? name : "bilinear", gouraud);
	clear();
	static const char *vertices[] = {"transform", "directional light", "point light", "highlights"};
	int seen = !strncmp(name, "seen ", 5), lit = 3;
	while (lit >= 0 && strcmp(name + 5 * seen, vertices[lit])) lit--;
	if (lit >= 0) {
		shown = &meshes[1];
		light(lit);
		glEnable(GL_DEPTH_TEST);
		enable(GL_CULL_FACE, !seen);
		glCullFace(GL_FRONT_AND_BACK);
		source(shown->vb, lit == 0, 0, lit > 0);
	} else if (sscanf(name, "%lf px %n", &area, &at) == 1 && at > 0) {
		for (int i = 0; i < 4; i++)
			if (meshes[i].area == area) shown = &meshes[i];
		if (!shown) return 0;
		clears = 1;
		source(shown->vb, gouraud, tex, 0);
	} else source(quad, !tex || gouraud, tex, 0);
	if (shown) glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, shown->ib);
	glFinish();
	return glGetError() == 0;
}

static void fresh(void) { clear(); }

static void frames(long n) {
	for (; n > 0; n--) {
		if (clears) clear();
		if (shown) glDrawElements(GL_TRIANGLES, shown->triangles * 3, GL_UNSIGNED_INT, 0);
		else for (int i = 0; i < LAYERS; i++) glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
		glFinish();
	}
}

static void *picture(long *n) {
	glReadPixels(0, 0, W, H, GL_BGRA, GL_UNSIGNED_INT_8_8_8_8_REV, seen);
	*n = sizeof seen;
	return seen;
}

int main(void) {
	static unsigned small[64];
	GLuint frame, colour, depth;
	OSMesaContext c = OSMesaCreateContextExt(OSMESA_BGRA, 0, 0, 0, 0);
	if (!c || !OSMesaMakeCurrent(c, small, GL_UNSIGNED_BYTE, 8, 8)) return 1;
	glGenFramebuffers(1, &frame);
	glBindFramebuffer(GL_FRAMEBUFFER, frame);
	glGenTextures(1, &colour);
	glBindTexture(GL_TEXTURE_2D, colour);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, W, H, 0, GL_BGRA, GL_UNSIGNED_INT_8_8_8_8_REV, 0);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, colour, 0);
	glGenRenderbuffers(1, &depth);
	glBindRenderbuffer(GL_RENDERBUFFER, depth);
	glRenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH_COMPONENT24, W, H);
	glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER, depth);
	if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) return 1;
	glViewport(0, 0, W, H);
	glProvokingVertex(GL_FIRST_VERTEX_CONVENTION); // as Direct3D has it
	project();
	textures();
	quads();
	for (int i = 0; i < 4; i++) grid(&meshes[i]);
	char about[200];
	snprintf(about, sizeof about, "%.80s, Mesa %.80s", (const char *)glGetString(GL_RENDERER), (const char *)glGetString(GL_VERSION));
	return serve(about);
}
