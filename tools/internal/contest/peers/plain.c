// Filling and copying by the C library.
#include "blit.h"

static int choose(const char *name) {
	return begin(name) && (!strcmp(test, "copy") || !strcmp(test, "fill"));
}

static void frames(long n) {
	int fill = !strcmp(test, "fill");
	for (; n > 0; n--) {
		if (fill) memset(dst, 0x5a, W * H * bytes());
		else memcpy(dst, src, W * H * bytes());
		__asm__ volatile("" ::: "memory");
	}
}

int main(void) { return serve("memset and memcpy of the C library"); }
