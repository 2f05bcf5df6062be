// The sound: from the card to this computer's device, and drawn.

import { $, setText, facts } from './util.js';

export class Sound {
  constructor(page) {
    this.page = page;
    this.wanted = null; // null until somebody has said so
    this.facts = null;
    $('listen').onclick = () => (this.wanted ? this.mute() : this.listen());
    $('volume').oninput = () => this.setVolume();
    // The first thing that is done here may start the sound: browsers ask for that.
    for (const kind of ['pointerdown', 'keydown']) {
      addEventListener(kind, (e) => {
        if (this.wanted === null && e.target !== $('listen') && e.key !== 'Tab') this.listen();
      }, { capture: true });
    }
    if (!window.AudioWorkletNode) {
      $('listen').disabled = true;
      const why = 'Browsers play sound only from their own computer (127.0.0.1) or over https. From elsewhere: ssh -L.';
      $('listen').title = why;
      setText($('scope-hint'), why);
    }
    this.draw = this.draw.bind(this);
  }

  begin(hello) {
    this.rate = hello.sound?.rate;
    $('listen').hidden = $('volume').hidden = !hello.sound;
    if (this.wanted) this.listen(); // asked for before there was a card, or since
    this.showFacts();
  }

  end() {
    this.worker?.terminate();
    this.worker = null;
    this.facts = null;
  }

  async listen() {
    if (!window.AudioWorkletNode) return;
    this.wanted = true;
    this.button();
    if (!this.rate) return; // begin goes on
    try {
      if (this.context && this.context.cardRate !== this.rate) { // it is another card
        await this.context.close();
        this.context = this.starting = null;
      }
      this.starting ??= this.start();
      await this.starting;
      await this.context.resume();
      if (!this.wanted || !this.page.hello) return;
      this.setVolume();
      if (!this.worker) this.connect();
    } catch (e) {
      this.wanted = false;
      this.page.notice(`This browser plays nothing: ${e.message}`);
    }
    this.button();
  }

  mute() {
    this.wanted = false;
    this.end();
    this.context?.suspend();
    this.button();
  }

  button() {
    setText($('listen'), this.wanted ? 'Mute' : 'Listen');
    $('listen').setAttribute('aria-pressed', String(Boolean(this.wanted)));
    $('scope-hint').hidden = Boolean(this.wanted);
  }

  async start() {
    let c;
    try {
      c = new AudioContext({ sampleRate: this.rate, latencyHint: 'interactive' });
    } catch { // a rate that this computer does not play: the player converts it
      c = new AudioContext({ latencyHint: 'interactive' });
    }
    c.cardRate = this.rate;
    await c.audioWorklet.addModule('player.js');
    this.context = c;
    this.player = new AudioWorkletNode(c, 'player', {
      numberOfInputs: 0, outputChannelCount: [2], processorOptions: { rate: this.rate },
    });
    this.player.port.onmessage = (e) => {
      this.facts = e.data;
      this.showFacts();
    };
    this.analyser = new AnalyserNode(c, { fftSize: 2048, smoothingTimeConstant: 0.75, minDecibels: -85, maxDecibels: -12 });
    this.gain = new GainNode(c);
    this.player.connect(this.analyser).connect(this.gain).connect(c.destination);
    this.wave = new Float32Array(this.analyser.fftSize);
    this.spectrum = new Uint8Array(this.analyser.frequencyBinCount);
    this.drawing ??= requestAnimationFrame(this.draw);
  }

  connect() {
    this.worker?.terminate();
    const { port1, port2 } = new MessageChannel();
    this.player.port.postMessage({ source: port1, reset: true }, [port1]);
    this.worker = new Worker('receiver.js');
    const url = new URL('sound', document.baseURI);
    url.protocol = url.protocol.replace('http', 'ws');
    this.worker.postMessage({ out: port2, url: url.href }, [port2]);
    this.worker.onmessage = ({ data }) => {
      if (data.closed && this.wanted && this.page.hello) setTimeout(() => this.wanted && this.page.hello && this.connect(), 1000);
    };
  }

  setVolume() {
    const v = Number($('volume').value);
    this.gain?.gain.setTargetAtTime(v * v, this.context.currentTime, 0.01);
  }

  // latency is how long after the card's mixer something is heard here, in seconds.
  get latency() {
    return this.facts && this.context ? this.facts.level + this.context.baseLatency + (this.context.outputLatency || 0) : 0;
  }

  // peak is the greatest value heard at the moment.
  peak() {
    if (!this.analyser) return 0;
    this.analyser.getFloatTimeDomainData(this.wave);
    return this.wave.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  }

  showFacts() {
    const f = this.facts, a = this.page.status.audio;
    const list = [];
    if (a) list.push(['Device', a.device], ['Rate', `${(a.rate / 1000).toFixed(1)} kHz`], ['On the card', `${a.latency_ms.toFixed(1)} ms`]);
    if (f) {
      list.push(['To here', `${(1000 * this.latency).toFixed(0)} ms`], ['Gaps here', String(f.dry)]);
      if (f.lost + f.skipped) list.push(['Left out', `${((f.lost + f.skipped) / this.rate).toFixed(1)} s`]);
    }
    if (a) list.push(['Underruns', String(a.underruns)], ['Late periods', String(a.late_periods)]);
    facts($('sound-facts'), list, ['Underruns', 'Late periods', 'Gaps here', 'Left out']);
    const state = !a ? '' : a.resting ? 'at rest' : 'playing';
    setText($('sound-figures'), f && this.wanted ? `${state}, heard ${(1000 * this.latency).toFixed(0)} ms after the mixer` : state);
  }

  draw() {
    const canvas = $('scope');
    requestAnimationFrame(this.draw);
    this.turn = (this.turn ?? 0) + 1;
    if (!this.facts || this.page.screen.rate > 5 && this.turn % 3) return; // a picture that moves comes first
    const w = canvas.clientWidth * devicePixelRatio | 0, h = canvas.clientHeight * devicePixelRatio | 0;
    if (!w || document.hidden) return;
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    const g = canvas.getContext('2d'), style = getComputedStyle(canvas);
    g.clearRect(0, 0, w, h);
    this.analyser.getByteFrequencyData(this.spectrum);
    g.fillStyle = style.getPropertyValue('--bars');
    // Bars are a sixth of an octave wide, from 40 Hz on.
    const bars = 54, bin = this.context.sampleRate / this.analyser.fftSize, gap = Math.max(1, w / bars / 6);
    for (let i = 0; i < bars; i++) {
      const from = 40 * 2 ** (i / 6), k = from / bin;
      let v = 0;
      for (let j = Math.floor(k); j <= Math.max(Math.floor(k), k * 2 ** (1 / 6) - 1); j++) v = Math.max(v, this.spectrum[j] || 0);
      const top = v / 255 * h;
      g.fillRect(i * w / bars + gap / 2, h - top, w / bars - gap, top);
    }
    this.analyser.getFloatTimeDomainData(this.wave);
    // The picture begins where the wave rises through zero, so that it stands still.
    let start = 0;
    for (let i = 1; i < this.wave.length / 2; i++) {
      if (this.wave[i - 1] < 0 && this.wave[i] >= 0) { start = i; break; }
    }
    const n = this.wave.length / 2;
    g.strokeStyle = style.getPropertyValue('--wave');
    g.lineWidth = 1.6 * devicePixelRatio;
    g.lineJoin = 'round';
    g.beginPath();
    for (let i = 0; i < n; i++) g.lineTo(i / (n - 1) * w, h / 2 - this.wave[start + i] * h / 2 * 0.95);
    g.stroke();
  }
}
