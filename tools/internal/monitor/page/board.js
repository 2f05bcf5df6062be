// How the card fares, as numbers one can see.

import { $, el, svg, setText, keyed, facts, percent, duration, bytes, hue } from './util.js';

const HISTORY = 240; // looks that the curves show: a minute

export class Board {
  constructor(page) {
    this.page = page;
    this.begin();
  }

  begin() {
    this.before = {}; // part: what it was at the last look
    this.rates = {}; // part: [key: values a second]
    this.curves = new Map();
  }

  // since takes what counts up in a part's list, and says how fast it does, by key. now
  // is when the card was looked at, in ms.
  since(part, list, key, fields, now = this.page.at[part]) {
    const old = this.before[part], rates = new Map(), values = new Map();
    for (const i of list) {
      const k = key(i), v = fields.map((f) => Number(f(i)) || 0), sum = values.get(k);
      values.set(k, sum ? v.map((x, n) => x + sum[n]) : v);
    }
    const dt = old ? (now - old.at) / 1000 : 0;
    for (const [k, v] of values) {
      const o = old?.values.get(k);
      rates.set(k, v.map((x, n) => (o && dt > 0 ? Math.max(0, (x - o[n]) / dt) : 0)));
    }
    this.before[part] = { at: now, values };
    return rates;
  }

  show(fresh) {
    if (fresh.processors) this.processors(fresh.processors);
    if (fresh.activities) this.activities(fresh.activities);
    if (fresh.synth) this.channels(fresh.synth);
    if (fresh.scheduler) this.deadlines(fresh.scheduler);
    if (fresh.threads) this.threads(fresh.threads);
    if (fresh.link) this.link(fresh.link);
    if (fresh.heap) this.heap(fresh.heap);
    if (fresh.audio) this.page.sound.showFacts();
    if (fresh.graphics) this.pictures(fresh.graphics);
    if (fresh.log) this.log(fresh.log);
  }

  processors(list) {
    keyed($('processors'), list, (p) => p.processor, () => {
      const e = el('div', 'processor');
      e.top = el('div', 'line', el('b'), el('span', 'muted'), el('span', 'big'));
      e.curve = svg('svg', { class: 'curve', viewBox: '0 0 240 48', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
        svg('path', { class: 'area' }), svg('path', { class: 'stroke' }));
      e.foot = el('div', 'line muted small', el('span', '', el('span'), el('span', 'bad')), el('span'));
      e.append(e.top, e.curve, e.foot);
      return e;
    }, (e, p) => {
      // Loads come from the processor's own clocks, which no delay on the way bends.
      const c = this.curves.get(p.processor) ?? { values: [], up: p.up_seconds, idle: p.idle_seconds };
      this.curves.set(p.processor, c);
      const dt = p.up_seconds - c.up;
      if (dt > 0) {
        c.values.push(Math.min(1, Math.max(0, 1 - (p.idle_seconds - c.idle) / dt)));
        if (c.values.length > HISTORY) c.values.shift();
        [c.up, c.idle] = [p.up_seconds, p.idle_seconds];
      }
      const recent = c.values.slice(-4), load = recent.reduce((a, b) => a + b, 0) / (recent.length || 1);
      setText(e.top.children[0], p.processor);
      setText(e.top.children[1], p.policy);
      setText(e.top.children[2], percent(load));
      const step = 240 / (HISTORY - 1), x0 = 240 - (c.values.length - 1) * step;
      const points = c.values.map((v, i) => `${(x0 + i * step).toFixed(1)} ${(46.5 - 45 * Math.sqrt(v)).toFixed(1)}`);
      if (points.length > 1) {
        e.curve.children[0].setAttribute('d', `M${x0.toFixed(1)} 48L${points.join('L')}L240 48Z`);
        e.curve.children[1].setAttribute('d', `M${points.join('L')}`);
      }
      const [count, missed] = e.foot.children[0].children;
      setText(count, `${p.threads} ${p.threads === 1 ? 'thread' : 'threads'}, ${p.promises} promises`);
      setText(missed, p.missed ? `, ${p.missed} missed` : '');
      setText(e.foot.children[1], p.real_time);
    });
  }

  activities(list) {
    const rates = this.since('activities', list, (a) => a.activity, [(a) => a.cpu_seconds]);
    const promised = new Map();
    for (const p of this.page.status.scheduler?.promises ?? []) promised.set(p.activity, (promised.get(p.activity) ?? 0) + p.promised_percent / 100);
    const shown = list.filter((a) => a.activity !== '(ended)' || a.cpu_seconds > 0)
      .map((a) => ({ name: a.activity, load: rates.get(a.activity)[0], promised: promised.get(a.activity) ?? 0 }))
      .sort((a, b) => b.load - a.load).slice(0, 9);
    const most = Math.max(0.05, ...shown.map((a) => Math.max(a.load, a.promised)));
    this.rates.activities = new Map(shown.map((a) => [a.name, a.load]));
    this.bars($('activities'), shown, most, (a) => percent(a.load));
  }

  // bars draws a bar for each item, with a mark where what it was promised ends.
  bars(root, list, most, text) {
    keyed(root, list, (a) => a.name, (a) => {
      const e = el('div', `bar hue${hue(a.name.replace(/^client\//, ''))}`, el('span', 'label'), el('span', 'track', el('i'), el('u')), el('span', 'value'));
      e.title = a.name;
      return e;
    }, (e, a) => {
      setText(e.children[0], a.name.replace(/^client\//, ''));
      e.children[1].children[0].style.width = `${Math.min(100, 100 * a.load / most)}%`;
      const mark = e.children[1].children[1];
      mark.hidden = !a.promised;
      mark.style.left = `${Math.min(100, 100 * (a.promised ?? 0) / most)}%`;
      mark.title = a.promised ? `promised ${percent(a.promised)}` : '';
      setText(e.children[2], text(a));
    });
  }

  channels(synth) {
    setText($('voices'), `${synth.voices} voices, most ${synth.peak_voices}`);
    const ports = (synth.ports ?? []).map((p, n) => ({ ...p, n, list: (synth.channels ?? []).filter((c) => c.port === p.name) }));
    keyed($('channels'), ports, (p) => `${p.n} ${p.name}`, () => {
      const e = el('div', 'port', el('h3'), el('div', 'grid'), el('p', 'muted small', el('span'), el('span', 'bad')));
      return e;
    }, (e, p) => {
      setText(e.children[0], `${p.name} · ${p.bank}`);
      keyed(e.children[1], p.list, (c) => c.channel, (c) => el('div', 'channel', el('b', '', String(c.channel)), el('span'), el('i')), (k, c) => {
        setText(k.children[1], c.instrument || '—');
        k.classList.toggle('on', c.voices > 0);
        k.title = `channel ${c.channel}, program ${c.program}${c.drums ? ', drums' : ''}: ${c.voices} voices`;
        k.children[2].style.width = `${Math.min(100, 100 * Math.sqrt(c.voices / 24))}%`;
      });
      const [count, bad] = e.children[2].children;
      setText(count, `${p.voices} of ${p.quota} voices · ${p.queued} events to come`);
      const wrong = [['late', p.late], ['dropped', p.dropped], ['not loaded', p.not_loaded], ['missed', p.missed]].filter((w) => w[1]);
      setText(bad, wrong.map(([what, n]) => ` · ${n} ${what}`).join(''));
    });
    $('channels').classList.toggle('empty', ports.length === 0);
  }

  deadlines(s) {
    const name = { wakeup: 'woke late', overrun: 'slice overrun', late: 'missed by', slack: 'done early' };
    const list = (s.punctuality ?? []).filter((h) => h.count > 0);
    const missed = (s.promises ?? []).reduce((n, p) => n + p.missed, 0), kept = (s.promises ?? []).reduce((n, p) => n + p.accepted, 0);
    setText($('promises'), `${kept} promises`);
    setText($('missed'), missed ? `, ${missed} missed` : ', all kept');
    $('missed').classList.toggle('bad', missed > 0);
    // A logarithmic scale, from a microsecond to a tenth of a second.
    const at = (us) => Math.min(100, Math.max(0, 20 * Math.log10(Math.max(us, 1))));
    keyed($('deadlines'), [{ scale: true }, ...list], (h) => (h.scale ? 'scale' : `${h.processor} ${h.what}`), (h) => {
      if (h.scale) {
        const marks = ['1 µs', '10', '100', '1 ms', '10', '100'].map((t, i) => {
          const m = el('span', '', t);
          m.style.left = `${20 * i}%`;
          return m;
        });
        return el('div', 'late scale', el('span', 'label'), el('span', 'strip', ...marks));
      }
      return el('div', `late ${h.what}`, el('span', 'label', `${h.processor}: ${name[h.what] ?? h.what}`), el('span', 'strip', el('i'), el('b'), el('u')));
    }, (e, h) => {
      if (h.scale) return;
      const [range, half, worst] = e.children[1].children;
      range.style.left = `${at(h.p50_us)}%`;
      range.style.width = `${at(h.p99_us) - at(h.p50_us)}%`;
      half.style.left = `${at(h.p50_us)}%`;
      worst.style.left = `${at(h.max_us)}%`;
      e.title = `${h.count} times; half within ${duration(h.p50_us)}, 99 % within ${duration(h.p99_us)}, at most ${duration(h.max_us)}`;
    });
  }

  threads(list) {
    const key = (t) => `${t.processor}/${t.thread}`;
    const rates = this.since('threads', list, key, [(t) => t.cpu_seconds, (t) => t.switches]);
    const together = new Map();
    for (const t of list) {
      const o = together.get(key(t));
      if (!o) together.set(key(t), { ...t, count: 1 });
      else {
        o.count++;
        o.missed += t.missed;
        o.longest_stretch_us = Math.max(o.longest_stretch_us, t.longest_stretch_us);
        if (t.state === 'running') [o.state, o.waits_for] = [t.state, t.waits_for];
      }
    }
    const shown = [...together.values()].sort((a, b) => rates.get(key(b))[0] - rates.get(key(a))[0]);
    setText($('threads-count'), String(list.length));
    keyed($('threads').tBodies[0], shown, key, (t) => {
      const e = el('tr', '', el('td', 'n'), el('td', 'name', el('i', `dot hue${hue(t.activity.replace(/^client\//, ''))}`), el('span')), el('td', 'opt muted'), el('td', 'muted'), el('td', 'n opt'), el('td', 'n opt'), el('td', 'n'));
      return e;
    }, (e, t) => {
      const [load, switches] = rates.get(key(t)), c = e.children;
      setText(c[0], percent(load));
      setText(c[1].lastChild, t.count > 1 ? `${t.thread} × ${t.count}` : t.thread);
      setText(c[2], t.processor);
      setText(c[3], t.state === 'running' ? 'runs' : t.state === 'ready' ? 'ready' : t.waits_for || t.state);
      setText(c[4], switches.toFixed(0));
      setText(c[5], duration(t.longest_stretch_us));
      setText(c[6], t.missed ? String(t.missed) : '');
      c[6].classList.toggle('bad', t.missed > 0);
    });
  }

  link(list) {
    const rates = this.since('link', list, (c) => c.name, [(c) => c.calls]);
    this.rates.link = new Map([...rates].map(([k, v]) => [k, v[0]]));
    const shown = list.map((c) => ({ name: c.name, load: rates.get(c.name)[0], objects: c.objects }));
    const most = Math.max(50, ...shown.map((c) => c.load));
    this.bars($('link'), shown, most, (c) => `${c.load.toFixed(0)}`);
  }

  heap(h) {
    setText($('heap-figures'), `${bytes(h.bytes - h.free_bytes)} of ${bytes(h.bytes)}`);
    const parents = new Set(h.owners?.map((o) => o.owner.replace(/\/[^/]*$/, '')));
    const list = (h.owners ?? []).filter((o) => o.bytes > 0 && !parents.has(o.owner)).sort((a, b) => b.bytes - a.bytes).slice(0, 8)
      .map((o) => ({ name: o.owner.replace(/^card\//, ''), load: o.bytes }));
    this.bars($('heap'), list, Math.max(1, ...list.map((o) => o.load)), (o) => bytes(o.load));
  }

  pictures(g) {
    const at = this.page.at.graphics, c = g.screen;
    const rate = this.since('screen', [c], () => '', [(x) => x.composed, (x) => x.busy_ms], at).get('');
    const devices = this.since('devices', g.devices ?? [], (d) => d.name, [(d) => d.flips, (d) => d.blits, (d) => d.pixels], at);
    const list = [['Composed', `${rate[0].toFixed(0)} frames/s`], ['A frame takes', rate[0] > 0.5 ? `${(rate[1] / rate[0]).toFixed(1)} ms` : '—'], ['Late', String(c.late)], ['Layers', String(c.layers)]];
    for (const [name, [flips, blits, pixels]] of devices) {
      list.push([name || 'a device', `${flips.toFixed(0)} flips/s, ${blits.toFixed(0)} blits/s, ${(pixels / 1e6).toFixed(1)} Mpixel/s`]);
    }
    facts($('screen-facts'), list, ['Late']);
  }

  log(lines) {
    const e = $('log'), end = e.scrollTop + e.clientHeight > e.scrollHeight - 8;
    setText(e, lines.join('\n'));
    if (end) e.scrollTop = e.scrollHeight;
  }
}
