// A piano to click on.

import { $, el } from './util.js';

const BLACK = [false, true, false, true, false, false, true, false, true, false, true, false];
// The places of the letters on a keyboard, whatever is printed on them, as semitones.
const PLACES = ['KeyA', 'KeyW', 'KeyS', 'KeyE', 'KeyD', 'KeyF', 'KeyT', 'KeyG', 'KeyY', 'KeyH', 'KeyU', 'KeyJ', 'KeyK', 'KeyO', 'KeyL', 'KeyP', 'Semicolon'];

export class Piano {
  constructor(page) {
    this.page = page;
    this.low = 48;
    this.channel = 0;
    this.fingers = new Map(); // pointer or place: note
    this.keys = new Map(); // note: element
    this.root = $('piano');
    const p = this.root;
    p.onpointerdown = (e) => {
      if (e.target.note === undefined) return;
      p.focus({ preventScroll: true });
      e.target.releasePointerCapture?.(e.pointerId);
      this.press(e.pointerId, e.target.note, this.force(e));
      e.preventDefault();
    };
    p.onpointerover = (e) => {
      if (this.fingers.has(e.pointerId) && e.target.note !== undefined) this.press(e.pointerId, e.target.note, this.force(e));
    };
    for (const kind of ['pointerup', 'pointercancel']) addEventListener(kind, (e) => this.lift(e.pointerId));
    p.onkeydown = (e) => {
      const i = PLACES.indexOf(e.code);
      if (i < 0 || e.repeat || e.ctrlKey || e.metaKey || e.altKey) return;
      this.press(e.code, this.low + 12 + i, 90);
      e.preventDefault();
    };
    p.onkeyup = (e) => this.lift(e.code);
    p.onblur = () => this.liftAll();
    addEventListener('blur', () => this.liftAll());
    $('down').onclick = () => this.move(-12);
    $('up').onclick = () => this.move(12);
    $('instrument').onchange = () => this.choose();
    new ResizeObserver(() => this.build()).observe(p);
  }

  begin(hello) {
    const list = (hello.presets ?? []).filter((p) => p.Bank === 0 && !p.Drums);
    const drums = (hello.presets ?? []).filter((p) => p.Drums);
    const options = list.map((p) => new Option(`${p.Program + 1}  ${p.Name}`, `0 ${p.Program}`));
    options.push(...drums.map((p) => new Option(`Drums  ${p.Name}`, `9 ${p.Program}`)));
    $('instrument').replaceChildren(...options);
    $('instrument').hidden = options.length === 0;
    this.chosen = false;
  }

  choose() {
    this.liftAll();
    const [channel, program] = $('instrument').value.split(' ').map(Number);
    this.channel = channel || 0;
    this.page.play(0xC0 | this.channel, program || 0);
    this.chosen = true;
  }

  // force is how hard a key is struck: harder nearer to the player.
  force(e) {
    const r = e.target.getBoundingClientRect();
    return Math.round(50 + 70 * Math.min(1, Math.max(0, (e.clientY - r.top) / r.height)));
  }

  press(finger, note, force) {
    if (this.fingers.get(finger) === note || note > 127) return;
    this.lift(finger);
    if (!this.chosen) this.choose();
    this.fingers.set(finger, note);
    this.page.play(0x90 | this.channel, note, force);
    this.mark(note, true);
  }

  lift(finger) {
    const note = this.fingers.get(finger);
    if (note === undefined) return;
    this.fingers.delete(finger);
    this.page.play(0x80 | this.channel, note, 64);
    this.mark(note, false);
  }

  liftAll() {
    for (const f of [...this.fingers.keys()]) this.lift(f);
  }

  mark(note, down) {
    this.keys.get(note)?.classList.toggle('down', down);
  }

  move(by) {
    this.liftAll();
    this.low = Math.min(84, Math.max(12, this.low + by));
    this.build(true);
  }

  // build makes as many octaves as there is room for.
  build(anew) {
    const octaves = Math.max(1, Math.min(5, Math.floor(this.root.clientWidth / 200)));
    if (!anew && octaves === this.octaves) return;
    this.octaves = octaves;
    this.keys.clear();
    const whites = 7 * octaves + 1;
    const list = [];
    let white = 0;
    for (let i = 0; i <= 12 * octaves; i++) {
      const note = this.low + i, black = BLACK[i % 12];
      if (note > 127) break;
      const key = el('div', black ? 'black' : 'white');
      key.note = note;
      key.dataset.note = note;
      const width = 100 / whites;
      key.style.left = `${(black ? white - 0.3 : white) * width}%`;
      key.style.width = `${(black ? 0.6 : 1) * width}%`;
      if (!black) white++;
      if (i % 12 === 0) key.append(el('span', '', `C${Math.floor(note / 12) - 1}`));
      this.keys.set(note, key);
      list.push(key);
    }
    this.root.replaceChildren(...list);
  }
}
