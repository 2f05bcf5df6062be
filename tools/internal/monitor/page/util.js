// What the parts of the page share.

export const $ = (id) => document.getElementById(id);

// el makes an element with classes and children; text is never read as markup.
export function el(name, classes = '', ...children) {
  const e = document.createElement(name);
  if (classes) e.className = classes;
  e.append(...children);
  return e;
}

const SVG = 'http://www.w3.org/2000/svg';

// svg makes an element of a drawing.
export function svg(name, attributes = {}, ...children) {
  const e = document.createElementNS(SVG, name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  e.append(...children);
  return e;
}

// keyed updates the children of parent to one for each item, in order, and keeps
// those whose key stays: make(item) makes one, show(child, item) fills it.
export function keyed(parent, items, key, make, show) {
  const have = parent.keyed ??= new Map();
  const stay = new Set();
  let at = parent.firstChild;
  for (const item of items) {
    const k = key(item);
    if (stay.has(k)) continue;
    stay.add(k);
    let child = have.get(k);
    if (!child) have.set(k, child = make(item));
    show(child, item);
    if (child === at) at = at.nextSibling;
    else parent.insertBefore(child, at);
  }
  for (const [k, child] of have) {
    if (!stay.has(k)) {
      child.remove();
      have.delete(k);
    }
  }
}

// facts shows pairs of a name and a value; those in faults are red unless they are 0.
export function facts(root, list, faults) {
  keyed(root, list, (i) => i[0], (i) => el('div', '', el('dt', '', i[0]), el('dd')), (e, i) => {
    setText(e.lastChild, i[1]);
    e.classList.toggle('bad', faults.includes(i[0]) && i[1] !== '0');
  });
}

// setText writes text only if it has changed, so that it can be marked and copied.
export function setText(e, text) {
  if (e.textContent !== text) e.textContent = text;
}

export const percent = (x) => (100 * x).toFixed(x < 0.0995 ? 1 : 0) + ' %';

export function duration(us) {
  if (us >= 1e6) return (us / 1e6).toFixed(1) + ' s';
  if (us >= 1e3) return (us / 1e3).toFixed(us < 1e4 ? 1 : 0) + ' ms';
  return us.toFixed(us < 10 ? 1 : 0) + ' µs';
}

export function bytes(n) {
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (n < 1024 || unit === 'GiB') return (unit === 'B' ? n : n.toFixed(n < 10 ? 1 : 0)) + ' ' + unit;
    n /= 1024;
  }
}

export function clock(seconds) {
  const s = Math.floor(seconds), two = (n) => String(n).padStart(2, '0');
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

// hue is the colour of a name: the same everywhere on the page.
const given = new Map([['audio', 1], ['mixer', 2], ['synth', 0], ['graphics', 4], ['screen', 4], ['input', 5], ['status', 7]]);
export function hue(name) {
  const known = given.get(name);
  if (known !== undefined) return known;
  let h = 5;
  for (const c of name.replace(/#\d+$/, '')) h = (h * 31 + c.codePointAt(0)) >>> 0;
  return h % 8;
}

// socket opens a socket of the monitor's.
export function socket(name) {
  const url = new URL(name, document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const s = new WebSocket(url);
  s.binaryType = 'arraybuffer';
  return s;
}
