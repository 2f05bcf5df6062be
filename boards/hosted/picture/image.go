package picture

import "image"

// Image returns a picture of XRGB8888 pixels without gaps between rows as Go has it.
func Image(pixels []byte, width, height int) *image.NRGBA {
	i := image.NewNRGBA(image.Rect(0, 0, width, height))
	for at := 0; at+4 <= len(pixels) && at+4 <= len(i.Pix); at += 4 {
		i.Pix[at], i.Pix[at+1], i.Pix[at+2], i.Pix[at+3] = pixels[at+2], pixels[at+1], pixels[at], 255
	}
	return i
}
