// The pixels that peers of blits work on: the same as mmlite's.
#include "serve.h"

static int deep;   // 1: 565, 0: x888
static char *test; // the name without the format
static void *dst, *src, *half, *argb, *other, *runs, *scattered;

static void *memory(long bytes, unsigned from) {
	void *p = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
	noise(p, bytes, from);
	return p;
}

static int bytes(void) { return deep ? 2 : 4; }
static unsigned key(void) { return deep ? 0xf81f : 0xff00ff; }

static void put(void *p, int i, unsigned v) {
	if (deep) ((unsigned short *)p)[i] = v;
	else ((unsigned *)p)[i] = v;
}

// keyed gives half the pixels the key: in runs of 16 or scattered.
static void *keyed(int scatter) {
	void *p = memory(W * H * bytes(), 7);
	seed = 3;
	for (int i = 0; i < W * H; i++) {
		unsigned r = random32() >> 24 & 1;
		if (!scatter) r = (i % W / 16 + i / W) & 1;
		put(p, i, r ? key() : (unsigned)(i % W) | 1);
	}
	return p;
}

static int begin(const char *name) {
	static char kept[2][256];
	static void *all[2][7];
	deep = strstr(name, " 565") != 0;
	strcpy(kept[deep], name);
	char *end = strrchr(kept[deep], ' ');
	if (!end) return 0;
	*end = 0;
	test = kept[deep];
	void **m = all[deep];
	if (!m[0]) {
		m[0] = memory(W * H * bytes(), 5);
		m[1] = memory(W * H * bytes(), 7);
		m[2] = memory(W * H / 4 * bytes(), 7);
		m[3] = memory(W * H * 4, 9);
		m[4] = memory(W * H * (6 - bytes()), 7);
		m[5] = keyed(0);
		m[6] = keyed(1);
	}
	dst = m[0], src = m[1], half = m[2], argb = m[3], other = m[4], runs = m[5], scattered = m[6];
	return 1;
}

static void fresh(void) { noise(dst, W * H * bytes(), 5); }
static void *picture(long *n) { *n = W * H * bytes(); return dst; }
