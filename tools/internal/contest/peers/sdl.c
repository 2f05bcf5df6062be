// Blits by SDL2.
#include "blit.h"
#define SDL_MAIN_HANDLED
#include <SDL.h>

static SDL_Surface *target, *from;
static int kind; // 1: fill, 2: stretch, 3: stretch smoothly, 4: sprites, else blit

static SDL_Surface *surface(Uint32 f, int w, int h, void *p) {
	int b = SDL_BITSPERPIXEL(f) > 16 ? 4 : 2;
	SDL_Surface *s = SDL_CreateRGBSurfaceWithFormatFrom(p, w, h, 8 * b, w * b, f);
	SDL_SetSurfaceBlendMode(s, SDL_BLENDMODE_NONE);
	return s;
}

static int choose(const char *name) {
	if (!begin(name)) return 0;
	Uint32 x888 = SDL_PIXELFORMAT_RGB888, f = deep ? SDL_PIXELFORMAT_RGB565 : x888, o = deep ? x888 : SDL_PIXELFORMAT_RGB565;
	SDL_FreeSurface(target);
	SDL_FreeSurface(from);
	target = surface(f, W, H, dst), from = 0, kind = 0;
	if (!strcmp(test, "fill")) kind = 1;
	else if (!strcmp(test, "copy")) from = surface(f, W, H, src);
	else if (!strncmp(test, "key", 3) || !strcmp(test, "sprites")) {
		if (test[0] == 's') kind = 4;
		from = surface(f, W, H, strstr(test, "scattered") ? scattered : runs);
		SDL_SetColorKey(from, 1, key());
	} else if (!strcmp(test, "constant alpha")) {
		from = surface(f, W, H, src);
		SDL_SetSurfaceBlendMode(from, SDL_BLENDMODE_BLEND);
		SDL_SetSurfaceAlphaMod(from, 100);
	} else if (!strcmp(test, "pixel alpha")) {
		from = surface(SDL_PIXELFORMAT_ARGB8888, W, H, argb);
		SDL_SetSurfaceBlendMode(from, SDL_BLENDMODE_BLEND);
	} else if (!strcmp(test, "stretch nearest")) kind = 2, from = surface(f, W / 2, H / 2, half);
	else if (!strcmp(test, "stretch bilinear") && !deep) kind = 3, from = surface(f, W / 2, H / 2, half);
	else if (!strcmp(test, "convert")) from = surface(o, W, H, other);
	else return 0;
	return 1;
}

static void sprites(void) {
	for (int i = 0; i < 100; i++) {
		SDL_Rect to = {i * 61 % (W - 32), i * 37 % (H - 32), 32, 32}, part = {i % 20 * 32, i / 20 * 32, 32, 32};
		SDL_BlitSurface(from, &part, target, &to);
	}
}

static void frames(long n) {
	for (; n > 0; n--) switch (kind) {
		case 1: SDL_FillRect(target, 0, 0x5a5a5a5a); break;
		case 2: SDL_SoftStretch(from, 0, target, 0); break;
		case 3: SDL_SoftStretchLinear(from, 0, target, 0); break;
		case 4: sprites(); break;
		default: SDL_BlitSurface(from, 0, target, 0);
	}
}

int main(void) {
	char about[64];
	SDL_version v;
	SDL_GetVersion(&v);
	snprintf(about, sizeof about, "SDL %d.%d.%d", v.major, v.minor, v.patch);
	return serve(about);
}
