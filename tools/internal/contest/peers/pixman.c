// Blits by pixman. Its alpha is premultiplied.
#include "blit.h"
#include <math.h>
#include <pixman.h>

enum { LAYER = 1024 };

static pixman_image_t *target, *from, *mask;
static pixman_op_t op;
static int left, above; // of the source
static int kind; // 1: pixman_fill, 2: pixman_blt, 3: composite on black, else composite

static pixman_image_t *image(pixman_format_code_t f, int w, int h, void *p) {
	return pixman_image_create_bits(f, w, h, p, w * PIXMAN_FORMAT_BPP(f) / 8);
}

static unsigned *premultiplied(const unsigned *from, int n) {
	unsigned *p = malloc(n * 4);
	for (int i = 0; i < n; i++) {
		unsigned v = from[i], a = v >> 24, r = 0;
		for (int s = 0; s < 24; s += 8) r |= ((v >> s & 255) * a * 2 + 255) / 510 << s;
		p[i] = a << 24 | r;
	}
	return p;
}

// layer puts one of LAYER by LAYER pixels on the picture, its centre half a pixel
// beside the picture's: the transform goes from the picture to the layer, where
// centres of pixels are at halves.
static int layer(const char *name) {
	static void *straight;
	static unsigned *ready;
	int alpha = !strncmp(name, "alpha ", 6);
	double turn = strstr(name, "turned") ? .5 : 0, scale = strstr(name, "doubled") ? 2 : strstr(name, "enlarged") ? 1.5 : 1, c = cos(turn) / scale, s = sin(turn) / scale;
	double x = W / 2 + 1, y = H / 2 + .5, at = LAYER / 2 + .5;
	pixman_transform_t t = {{{pixman_double_to_fixed(c), pixman_double_to_fixed(s), pixman_double_to_fixed(at - c * x - s * y)},
		{pixman_double_to_fixed(-s), pixman_double_to_fixed(c), pixman_double_to_fixed(at + s * x - c * y)}, {0, 0, pixman_fixed_1}}};
	if (!straight) {
		straight = memory(LAYER * LAYER * 4, 9);
		ready = premultiplied(straight, LAYER * LAYER);
	}
	op = alpha ? PIXMAN_OP_OVER : PIXMAN_OP_SRC;
	kind = alpha ? 3 : 0;
	from = image(alpha ? PIXMAN_a8r8g8b8 : PIXMAN_x8r8g8b8, LAYER, LAYER, alpha ? (void *)ready : straight);
	if (strstr(name, "still")) {
		left = (LAYER - W) / 2, above = (LAYER - H) / 2;
		return 1;
	}
	pixman_image_set_transform(from, &t);
	pixman_image_set_filter(from, PIXMAN_FILTER_BILINEAR, 0, 0);
	pixman_image_set_repeat(from, PIXMAN_REPEAT_PAD);
	return 1;
}

static int choose(const char *name) {
	static unsigned *ready;
	if (!begin(name)) return 0;
	pixman_format_code_t f = deep ? PIXMAN_r5g6b5 : PIXMAN_x8r8g8b8, o = deep ? PIXMAN_x8r8g8b8 : PIXMAN_r5g6b5;
	if (target) pixman_image_unref(target);
	if (from) pixman_image_unref(from);
	if (mask) pixman_image_unref(mask);
	target = image(f, W, H, dst), from = mask = 0, op = PIXMAN_OP_SRC, kind = 0, left = above = 0;
	if (!strncmp(name, "layer ", 6)) return layer(name + 6);
	if (!ready) ready = premultiplied(argb, W * H);
	if (!strcmp(test, "fill")) kind = 1;
	else if (!strcmp(test, "copy")) kind = 2;
	else if (!strcmp(test, "pixel alpha")) op = PIXMAN_OP_OVER, from = image(PIXMAN_a8r8g8b8, W, H, ready);
	else if (!strcmp(test, "constant alpha")) {
		pixman_color_t c = {0, 0, 0, 100 * 257};
		op = PIXMAN_OP_OVER, from = image(f, W, H, src), mask = pixman_image_create_solid_fill(&c);
	} else if (!strcmp(test, "convert")) from = image(o, W, H, other);
	else if (!strncmp(test, "stretch", 7)) {
		pixman_transform_t t;
		from = image(f, W / 2, H / 2, half);
		pixman_transform_init_scale(&t, pixman_fixed_1 / 2, pixman_fixed_1 / 2);
		pixman_image_set_transform(from, &t);
		pixman_image_set_filter(from, strstr(test, "bilinear") ? PIXMAN_FILTER_BILINEAR : PIXMAN_FILTER_NEAREST, 0, 0);
		pixman_image_set_repeat(from, PIXMAN_REPEAT_PAD);
	} else return 0;
	return 1;
}

static void frames(long n) {
	int b = bytes(), pitch = W * b / 4;
	for (; n > 0; n--) switch (kind) {
		case 1: pixman_fill(dst, pitch, 8 * b, 0, 0, W, H, 0x5a5a5a5a); break;
		case 2: pixman_blt(src, dst, pitch, pitch, 8 * b, 8 * b, 0, 0, 0, 0, W, H); break;
		case 3: pixman_fill(dst, pitch, 32, 0, 0, W, H, 0); // and on
		default: pixman_image_composite32(op, from, mask, target, left, above, 0, 0, 0, 0, W, H);
	}
}

int main(void) {
	char about[64];
	snprintf(about, sizeof about, "pixman %s", pixman_version_string());
	return serve(about);
}
