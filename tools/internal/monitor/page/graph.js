// What is joined to what: programs, the components of the card, and its devices, in
// three rows or columns. Lines are the wider the more goes over them.

import { $, svg, setText, keyed, hue } from './util.js';

const W = 148, H = 46, GAP = 14;

export class Graph {
  constructor(page) {
    this.page = page;
    this.root = $('graph');
    this.lines = svg('g', { class: 'lines' });
    this.boxes = svg('g', { class: 'boxes' });
    this.root.append(this.lines, this.boxes);
    this.rates = new Map();
    new ResizeObserver(() => this.show()).observe(this.root.parentElement);
  }

  // model is the nodes, by row, and the edges between them.
  model() {
    const s = this.page.status, rows = [[], [], []], edges = [];
    const add = (row, id, name, note, on, colour) => rows[row].push({ id, name, note, on, colour });
    const join = (from, to, rate, on) => edges.push({ id: `${from}>${to}`, from, to, rate, on });
    const now = this.page.at.link;
    for (const c of s.link ?? []) {
      const old = this.rates.get(c.name);
      let rate = old?.rate ?? 0;
      if (now !== old?.at) {
        rate = old ? Math.max(0, (c.calls - old.calls) * 1000 / Math.max(1, now - old.at)) : 0;
        this.rates.set(c.name, { calls: c.calls, at: now, rate });
      }
      add(0, `client ${c.name}`, c.name, `${rate.toFixed(0)} calls/s`, rate > 0, hue(c.name));
    }
    const clients = new Set(rows[0].map((n) => n.id));
    const components = s.components ?? [], names = new Set(components.map((c) => c.component));
    const devices = s.graphics?.devices ?? [], live = this.page.screen.rate > 0;
    const notes = { graphics: devices.map((d) => d.name || 'a device').join(', ') };
    for (const c of components) {
      const loaded = !c.state.includes('not loaded');
      const busy = { audio: s.audio && !s.audio.resting, synth: s.synth?.voices > 0, screen: live, graphics: devices.length > 0 }[c.component];
      add(1, c.component, c.component, loaded ? notes[c.component] || c.doc : 'not loaded', loaded && busy, loaded ? hue(c.component) : 7);
      for (const r of c.requires ?? []) if (names.has(r)) join(c.component, r, 1, Boolean(loaded && busy));
    }
    const use = (c) => names.has(c) && join(`client ${me}`, c, 1, true);
    const me = (s.link ?? []).map((c) => c.name).find((n) => n.startsWith(this.page.hello?.client ?? '?'));
    if (me) {
      if (this.page.sound.wanted && s.audio) use('audio');
      if (s.screen || this.page.hello?.screen) use('screen');
      if (this.page.hello?.input) use('input');
    }
    if (s.audio) {
      add(2, 'sound device', `sound: ${s.audio.device}`, `${(s.audio.rate / 1000).toFixed(1)} kHz`, !s.audio.resting, 1);
      if (names.has('audio')) join('audio', 'sound device', 3, !s.audio.resting);
    }
    const screen = this.page.hello?.screen;
    if (screen) {
      add(2, 'display', `screen: ${screen.device}`, `${screen.width} × ${screen.height}`, live, 4);
      if (names.has('screen')) join('screen', 'display', 3, live);
    }
    for (const p of s.synth?.ports ?? []) {
      const id = `client ${(p.client ?? '').replace(/^client\//, '')}`;
      if (clients.has(id) && names.has('synth')) join(id, 'synth', 2 + p.voices / 16, p.voices > 0);
    }
    return { rows, edges };
  }

  show() {
    const width = this.root.parentElement.clientWidth - 32;
    if (width < 50 || !this.page.status.components) return;
    const { rows, edges } = this.model();
    const tall = width < 620; // a phone: rows from top to bottom
    const longest = Math.max(1, ...rows.map((r) => r.length));
    let height = 0;
    const place = new Map();
    if (tall) {
      let y = 4;
      for (const row of rows) {
        const w = (width - GAP) / 2;
        const columns = 2;
        row.forEach((n, i) => place.set(n.id, { x: (i % columns) * (w + GAP), y: y + Math.floor(i / columns) * (H + GAP), w }));
        y += Math.ceil(row.length / columns) * (H + GAP) + 34;
      }
      height = y - 30;
    } else {
      height = longest * (H + GAP) + 8;
      rows.forEach((row, r) => {
        const w = Math.min(W * 1.6, width * 0.24);
        const x = [0, (width - w) / 2, width - w][r], free = height - row.length * (H + GAP) + GAP;
        row.forEach((n, i) => place.set(n.id, { x, y: free / 2 + i * (H + GAP), w }));
      });
    }
    this.root.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.root.style.height = `${height}px`;
    keyed(this.boxes, rows.flat(), (n) => n.id, (n) => {
      const g = svg('g', { class: 'box' }, svg('rect', { rx: 8, height: H }), svg('rect', { class: 'edge', rx: 2, width: 4, height: H - 16, x: 7, y: 8 }),
        svg('text', { x: 19, y: 20, class: 'title' }), svg('text', { x: 19, y: 36, class: 'note' }), svg('title'));
      return g;
    }, (g, n) => {
      const p = place.get(n.id), room = Math.floor((p.w - 26) / 6.2);
      g.setAttribute('transform', `translate(${p.x} ${p.y})`);
      g.setAttribute('class', `box hue${n.colour}${n.on ? ' on' : ''}`);
      g.children[0].setAttribute('width', p.w);
      setText(g.children[2], cut(n.name, room * 0.84));
      setText(g.children[3], cut(n.note ?? '', room));
      setText(g.children[4], `${n.name}: ${n.note ?? ''}`);
    });
    keyed(this.lines, edges.filter((e) => place.has(e.from) && place.has(e.to)), (e) => e.id, () => svg('path'), (l, e) => {
      const a = place.get(e.from), b = place.get(e.to);
      l.setAttribute('class', e.on ? 'on' : '');
      l.style.strokeWidth = `${Math.min(6, 1 + e.rate)}px`;
      l.setAttribute('d', path(a, b, tall));
    });
  }
}

// path is a line from one box to another.
function path(a, b, tall) {
  if (!tall && Math.abs(a.x - b.x) < 1) { // in one column: around the right side
    const x = a.x + a.w, y1 = a.y + H / 2, y2 = b.y + H / 2, out = x + 34;
    return `M${x} ${y1}C${out} ${y1} ${out} ${y2} ${x} ${y2}`;
  }
  if (tall) {
    const x1 = a.x + a.w / 2, x2 = b.x + b.w / 2;
    if (Math.abs(a.y - b.y) < H) {
      const [l, r] = a.x < b.x ? [a, b] : [b, a];
      return `M${l.x + l.w} ${l.y + H / 2}L${r.x} ${r.y + H / 2}`;
    }
    const y1 = a.y < b.y ? a.y + H : a.y, y2 = a.y < b.y ? b.y : b.y + H, m = (y1 + y2) / 2;
    return `M${x1} ${y1}C${x1} ${m} ${x2} ${m} ${x2} ${y2}`;
  }
  const x1 = a.x + a.w, y1 = a.y + H / 2, x2 = b.x, y2 = b.y + H / 2, m = (x1 + x2) / 2;
  return `M${x1} ${y1}C${m} ${y1} ${m} ${y2} ${x2} ${y2}`;
}

function cut(text, n) {
  n = Math.floor(n);
  return text.length > n ? text.slice(0, Math.max(1, n - 1)) + '…' : text;
}
