// The card's screen.

import { $, setText, hue, socket } from './util.js';

const HEAD = 20, RECT = 8;
const LABELS = 16; // layers that are named

export class Screen {
  constructor(page) {
    this.page = page;
    this.canvas = $('screen');
    this.g = this.canvas.getContext('2d', { alpha: false });
    this.waiting = []; // messages that were not drawn yet
    this.shown = 0; // pictures drawn
    this.times = [];
    this.draw = this.draw.bind(this);
    $('full').onclick = () => this.canvas.requestFullscreen?.();
    $('layers').onclick = () => this.outline(!this.outlined);
    setInterval(() => this.figures(), 500);
  }

  begin(hello) {
    $('screen-panel').hidden = !hello.screen;
    document.body.classList.toggle('pictures', Boolean(hello.screen));
    if (!hello.screen) return;
    this.resize(hello.screen.width, hello.screen.height);
    this.connect();
  }

  end() {
    this.socket?.close();
    this.socket = null;
    this.waiting = [];
  }

  resize(w, h) {
    if (this.canvas.width === w && this.canvas.height === h) return;
    this.canvas.width = w;
    this.canvas.height = h;
    this.canvas.style.aspectRatio = `${w} / ${h}`;
  }

  connect() {
    this.socket?.close();
    this.waiting = [];
    const s = this.socket = socket(this.outlined ? 'layers' : 'screen');
    s.onmessage = (e) => {
      if (this.socket !== s) return;
      if (this.waiting.push(e.data) === 1) requestAnimationFrame(this.draw);
    };
    s.onclose = () => {
      if (this.socket === s && this.page.hello) setTimeout(() => this.socket === s && this.page.hello && this.connect(), 1000);
    };
  }

  // draw draws what has come since the last time, and says so. A page that nobody
  // sees does neither, and the card's pictures are left out.
  draw() {
    for (const b of this.waiting) {
      const head = new DataView(b);
      this.resize(head.getUint16(12, true), head.getUint16(14, true));
      let at = HEAD;
      for (let n = head.getUint32(16, true); n > 0; n--) {
        const x = head.getUint16(at, true), y = head.getUint16(at + 2, true);
        const w = head.getUint16(at + 4, true), h = head.getUint16(at + 6, true);
        at += RECT;
        this.g.putImageData(new ImageData(new Uint8ClampedArray(b, at, 4 * w * h), w, h), x, y);
        at += 4 * w * h;
      }
      if (b === this.waiting.at(-1)) this.outlines(at < b.byteLength ? JSON.parse(new TextDecoder().decode(new Uint8Array(b, at))) : []);
      this.frame = Number(head.getBigUint64(4, true));
      this.bytes = (this.bytes ?? 0) + b.byteLength;
      this.shown++;
    }
    if (this.waiting.length && this.socket?.readyState === WebSocket.OPEN) this.socket.send(this.waiting.at(-1).slice(0, 4));
    this.waiting = [];
  }

  // outline has outlines of the layers be shown, or not.
  outline(on) {
    this.outlined = on;
    $('layers').setAttribute('aria-pressed', String(on));
    if (this.page.hello?.screen) this.connect(); // which begins with all that there is
  }

  // outlines shows where layers are: the corners of their pictures, taken to the screen
  // by their matrices.
  outlines(list) {
    const c = $('outlines'), g = c.getContext('2d');
    c.hidden = !list.length;
    if (!list.length) return;
    if (c.width !== this.canvas.width || c.height !== this.canvas.height) [c.width, c.height] = [this.canvas.width, this.canvas.height];
    g.clearRect(0, 0, c.width, c.height);
    g.font = '600 12px system-ui, sans-serif';
    g.lineWidth = 3;
    const hues = getComputedStyle(document.documentElement);
    list.forEach((l, n) => {
      const m = l.Matrix, w = l.Width, h = l.Height;
      const at = (x, y) => [m.XX * x + m.XY * y + m.X0, m.YX * x + m.YY * y + m.Y0];
      g.beginPath();
      for (const [x, y] of [at(0, 0), at(w, 0), at(w, h), at(0, h)]) g.lineTo(x, y);
      g.closePath();
      if (list.length > LABELS) {
        g.lineWidth = 1;
        g.strokeStyle = `hsl(${(360 * n / list.length).toFixed(0)} 90% 65%)`; // by depth
        g.stroke();
        return;
      }
      const colour = hues.getPropertyValue(`--h${(hue(l.Device) + n) % 8}`), [x, y] = at(0, 0);
      const text = `${l.Device || 'a device'} ${w} × ${h}${l.Primary ? '' : `, depth ${l.Depth}`}`;
      const left = Math.max(4, Math.min(c.width - 8 - g.measureText(text).width, x + 5)), top = Math.max(14, Math.min(c.height - 5, y + 15));
      for (const [style, width] of [['#000a', 4], [colour, 2]]) {
        g.strokeStyle = style;
        g.lineWidth = width;
        g.stroke();
      }
      g.lineWidth = 3;
      g.strokeStyle = '#000c';
      g.strokeText(text, left, top);
      g.fillStyle = colour;
      g.fillText(text, left, top);
    });
  }

  figures() {
    const now = performance.now();
    this.times.push([now, this.shown, this.bytes ?? 0]);
    if (this.times.length > 5) this.times.shift();
    const [then, shown, bytes] = this.times[0];
    const s = (now - then) / 1000 || 1;
    this.rate = (this.shown - shown) / s;
    document.body.classList.toggle('moving', this.rate > 5); // what else moves makes room
    setText($('screen-figures'), `${this.canvas.width} × ${this.canvas.height}, ${this.rate.toFixed(0)} frames/s, ${((this.bytes - bytes) / s / 1e6 || 0).toFixed(1)} MB/s`);
  }
}
