// Keys, pointer and text that go to the card while its screen has the focus.

import { $ } from './util.js';

// The usages of keys on the keyboard page of USB HID, by their places as browsers name
// them (W3C, UI Events KeyboardEvent code Values).
const usages = new Map();
const row = (first, ...codes) => codes.forEach((c, i) => usages.set(c, first + i));
row(0x04, ...[...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((c) => 'Key' + c));
row(0x1E, ...[...'1234567890'].map((c) => 'Digit' + c));
row(0x28, 'Enter', 'Escape', 'Backspace', 'Tab', 'Space', 'Minus', 'Equal', 'BracketLeft', 'BracketRight', 'Backslash');
row(0x33, 'Semicolon', 'Quote', 'Backquote', 'Comma', 'Period', 'Slash', 'CapsLock');
row(0x3A, ...Array.from({ length: 12 }, (_, i) => `F${i + 1}`));
row(0x46, 'PrintScreen', 'ScrollLock', 'Pause', 'Insert', 'Home', 'PageUp', 'Delete', 'End', 'PageDown', 'ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp');
row(0x53, 'NumLock', 'NumpadDivide', 'NumpadMultiply', 'NumpadSubtract', 'NumpadAdd', 'NumpadEnter',
  ...[...'1234567890'].map((c) => 'Numpad' + c), 'NumpadDecimal', 'IntlBackslash', 'ContextMenu', 'Power', 'NumpadEqual');
row(0x68, ...Array.from({ length: 12 }, (_, i) => `F${i + 13}`));
row(0x85, 'NumpadComma', 'IntlRo', 'KanaMode', 'IntlYen', 'Convert', 'NonConvert');
row(0xE0, 'ControlLeft', 'ShiftLeft', 'AltLeft', 'MetaLeft', 'ControlRight', 'ShiftRight', 'AltRight', 'MetaRight');

const KEY = 1, TEXT = 2, POINTER = 3, BUTTON = 4, WHEEL = 5;
const INPUT = 3; // a message of them
const BUTTONS = [1, 3, 2, 4, 5]; // the browser's numbers as the card's

export class Keys {
  constructor(page) {
    this.page = page;
    this.held = new Set();
    this.canvas = $('screen');
    const c = this.canvas, opt = { passive: false };
    c.addEventListener('keydown', (e) => this.key(e, true));
    c.addEventListener('keyup', (e) => this.key(e, false));
    c.addEventListener('blur', () => this.letGo());
    addEventListener('blur', () => this.letGo());
    c.addEventListener('pointerdown', (e) => {
      c.focus({ preventScroll: true });
      c.setPointerCapture?.(e.pointerId);
      this.button(e, true);
    });
    c.addEventListener('pointerup', (e) => this.button(e, false));
    c.addEventListener('pointercancel', (e) => this.button(e, false));
    c.addEventListener('pointermove', (e) => {
      // A second button goes down or up in the middle of a press as a movement.
      if (e.button >= 0) this.button(e, (e.buttons >> [0, 2, 1, 3, 4][e.button] & 1) === 1);
      this.moved = e;
      this.moving ??= requestAnimationFrame(() => this.move());
    });
    c.addEventListener('contextmenu', (e) => e.preventDefault());
    c.addEventListener('wheel', (e) => this.wheel(e), opt);
  }

  tell(kind, down, code, x, y) {
    if (!this.page.hello?.input) return;
    const b = new DataView(new ArrayBuffer(11));
    b.setUint8(0, INPUT);
    b.setUint8(1, kind);
    b.setUint8(2, down ? 1 : 0);
    b.setUint32(3, code, true);
    b.setInt16(7, x, true);
    b.setInt16(9, y, true);
    this.page.send(...new Uint8Array(b.buffer));
  }

  key(e, down) {
    const code = usages.get(e.code);
    // Escape ends full screen, and Tab with Control leaves: a page must not be a trap.
    if (!code || e.isComposing) return;
    if (e.code === 'Tab' && e.ctrlKey) return this.canvas.blur();
    e.preventDefault();
    this.tell(KEY, down, code, 0, 0);
    if (down) this.held.add(code);
    else this.held.delete(code);
    if (down && !e.ctrlKey && !e.metaKey && [...e.key].length === 1) this.tell(TEXT, false, e.key.codePointAt(0), 0, 0);
  }

  letGo() {
    for (const code of this.held) this.tell(KEY, false, code, 0, 0);
    this.held.clear();
  }

  // at is where on the card's screen a pointer is: the picture may be letterboxed.
  at(e) {
    const r = this.canvas.getBoundingClientRect(), w = this.canvas.width, h = this.canvas.height;
    const scale = Math.min(r.width / w, r.height / h) || 1;
    const to = (v, low, size, pixels) => Math.max(-32768, Math.min(32767, Math.floor((v - low - (size - pixels * scale) / 2) / scale)));
    return [to(e.clientX, r.left, r.width, w), to(e.clientY, r.top, r.height, h)];
  }

  move() {
    this.moving = null;
    this.tell(POINTER, false, 0, ...this.at(this.moved));
  }

  button(e, down) {
    const number = BUTTONS[e.button < 0 ? 0 : e.button];
    if (number) this.tell(BUTTON, down, number, ...this.at(e));
  }

  wheel(e) {
    if (document.activeElement !== this.canvas) return; // the page is scrolled
    e.preventDefault();
    const unit = [1.2, 40, 400][e.deltaMode] ?? 1; // 120 a notch, of which browsers make 100 pixels
    const clip = (v) => Math.max(-32768, Math.min(32767, Math.round(v * unit)));
    this.tell(WHEEL, false, 0, clip(e.deltaX), clip(e.deltaY));
  }
}
