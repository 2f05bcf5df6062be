//go:build !amd64 || purego

package blit

func fillFast(dst []byte, v uint32)                        { fillRow(dst, v) }
func keyFast(size int, dst, pix, raw []byte, k key)        { keyRow(size, dst, pix, raw, k) }
func storeFast(f Format, dst, src []byte, p *Palette)      { storeRow(f, dst, src, p) }
func blendFast(dst, src []byte, and uint32)                { blendRow(dst, src, and) }
func nearestFast(size int, dst, src []byte, pos, step int) { nearestRow(size, dst, src, pos, step) }
func downFast(dst, a, b []byte, f, and, or uint32)         { downRow(dst, a, b, f, and, or) }
func acrossFast(dst, src []byte, pos, from, step, last int) {
	acrossRow(dst, src, pos-from<<16, step, last)
}
func loadFast(f Format, dst, src []byte, p *Palette, and uint32) {
	loadRow(f, dst, src, p, and)
}
func fadeOverFast(dst, src []byte, alpha, and uint32)    { fadeOverRow(dst, src, alpha, and) }
func ropFast(out, src, dst []byte, t bits)               { ropRow(out, src, dst, t) }
func copyFast(dst, src []byte)                           { copy(dst, src) }
func fade16Fast(f Format, dst, src []byte, alpha uint32) { fade16Row(f, dst, src, alpha) }
func over16Fast(f Format, dst, src []byte)               { over16Row(f, dst, src) }
func copyArea(area) bool                                 { return false }
func keyArea(int, area, key) bool                        { return false }
func loadArea(Format, area, *Palette, uint32) bool       { return false }
func storeArea(Format, area) bool                        { return false }
func overArea(Format, area) bool                         { return false }
func fadeArea(Format, area, uint32) bool                 { return false }
func fadeFast(pix []byte, a uint8)                       { fadeRow(pix, a) }

func widenFast(size int, dst []byte, rawSize int, raw []byte) { widenRow(size, dst, rawSize, raw) }
func flagFast(size int, dst []byte, rawSize int, raw []byte, k key) {
	flagRow(size, dst, rawSize, raw, k)
}
