package jit

// The operations of this file see a lane as two words of 16 bits, or as four bytes.

// AddW is x + y, of 16-bit words that wrap around, two a lane.
func (b *Block) AddW(x, y Value) Value { return b.two(opAddW, x, y) }

// SubW is x - y.
func (b *Block) SubW(x, y Value) Value { return b.two(opSubW, x, y) }

// MulW is the lower half of x * y.
func (b *Block) MulW(x, y Value) Value { return b.two(opMulW, x, y) }

// AddBytes is x + y of bytes, at most 255.
func (b *Block) AddBytes(x, y Value) Value { return b.two(opAddBytes, x, y) }

// SubBytes is x - y of bytes, at least 0.
func (b *Block) SubBytes(x, y Value) Value { return b.two(opSubBytes, x, y) }

// PackI limits integers to words with signs: in each half of the vector those of x,
// and then those of y.
func (b *Block) PackI(x, y Value) Value { return b.two(opPackW, x, y) }

// ShiftLW is x << n of words.
func (b *Block) ShiftLW(x Value, n uint8) Value { return b.one(opShiftLW, x, uint32(n)) }

// MulHighW is x*y/32768 rounded to nearest, of words with signs.
func (b *Block) MulHighW(x, y Value) Value { return b.two(opMulHigh, x, y) }

// MulBytesW multiplies bytes of x, without a sign, and of y, with one, and adds
// products beside each other to a word, with saturation.
func (b *Block) MulBytesW(x, y Value) Value { return b.two(opMulBytes, x, y) }

// ShiftRW is x >> n of words without a sign.
func (b *Block) ShiftRW(x Value, n uint8) Value { return b.one(opShiftRW, x, uint32(n)) }

// PackW limits words with signs to bytes: in each half of the vector those of x,
// and then those of y.
func (b *Block) PackW(x, y Value) Value { return b.two(opPack, x, y) }

// Shuffle takes bytes of x: in each half of the vector those that the bytes of
// pattern number, or zero where these have their top bit set.
func (b *Block) Shuffle(x Value, pattern [16]byte) Value {
	var l [8]uint32
	for i := range l {
		for k := range 4 {
			l[i] |= uint32(pattern[i%4*4+k]) << (8 * k)
		}
	}
	return b.two(opShuffle, x, b.Lanes(l))
}

// LowBytes is bytes of x and y in turn, of the lanes 0, 1, 4 and 5.
func (b *Block) LowBytes(x, y Value) Value { return b.two(opLowBytes, x, y) }

// HighBytes is the same of the other lanes.
func (b *Block) HighBytes(x, y Value) Value { return b.two(opHighBytes, x, y) }
