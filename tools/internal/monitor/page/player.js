// The end of the sound's way: a ring that the card fills by its clock and this
// computer's device empties by its own. The speed is trimmed, by half a percent at
// most, so that as much waits as is needed and no more.

const SECONDS = 2;          // what the ring holds
const LEAST = 0.02;         // that should wait, in seconds
const MOST = 0.3;
const PULL = 0.1;           // of the speed, for each second that too much waits
const TRIM = 0.005;         // of the speed at most
const FADE = 96;            // frames
const REST = 0.5;           // a pause longer than that was the card's, not a gap

class Player extends AudioWorkletProcessor {
  constructor(options) {
    super();
    this.rate = options.processorOptions.rate; // the card's
    this.room = Math.ceil(SECONDS * this.rate);
    this.ring = new Float32Array(2 * this.room);
    this.reset();
    this.dry = this.skipped = this.lost = 0;
    this.target = 0.035;
    this.port.onmessage = (e) => {
      const source = e.data.source; // of the worker that receives
      if (source) source.onmessage = (m) => this.take(m.data);
      if (e.data.reset) this.reset();
    };
  }

  reset() {
    this.written = this.read = 0; // frames; read has a fraction
    this.playing = false;
    this.level = 0; // what waits on the average, in seconds
    this.gain = 0;
    this.quietSince = -1;
    this.lowest = Infinity;
    this.told = this.calm = currentTime;
  }

  // take stores frames that have come.
  take({ frames, lost }) {
    this.lost = lost;
    if (this.quietSince >= 0 && currentTime - this.quietSince < REST) {
      this.dry++;
      this.target = Math.min(MOST, this.target * 1.4 + 0.005);
      this.calm = currentTime;
    }
    this.quietSince = -1;
    const n = frames.length / 2;
    for (let i = 0; i < n; i++) {
      const at = 2 * (this.written++ % this.room);
      this.ring[at] = frames[2 * i];
      this.ring[at + 1] = frames[2 * i + 1];
    }
    const waits = (this.written - this.read) / this.rate;
    if (waits > this.target + 0.25) { // after a standstill: what is late is no use
      const skip = Math.floor((waits - this.target) * this.rate);
      this.read += skip;
      this.skipped += skip;
      this.level = this.target;
      this.gain = 0;
    }
  }

  process(_, [[left, right]]) {
    const waits = (this.written - this.read) / this.rate;
    const step = this.rate / sampleRate;
    if (!this.playing) {
      left.fill(0);
      right?.fill(0);
      if (waits < this.target) return this.tell();
      this.playing = true;
      this.level = waits;
      this.gain = 0;
    }
    this.level += (waits - this.level) * 0.004;
    this.lowest = Math.min(this.lowest, waits);
    const speed = step * (1 + Math.max(-TRIM, Math.min(TRIM, PULL * (this.level - this.target))));
    for (let i = 0; i < left.length; i++) {
      const at = Math.floor(this.read);
      if (at + 2 >= this.written) { // nothing is left
        this.playing = false;
        this.quietSince = currentTime;
        left.fill(0, i);
        right?.fill(0, i);
        break;
      }
      // The end is let down gently, as is the beginning.
      const rest = this.written - at - 3;
      const goal = rest < FADE ? rest / FADE : 1;
      this.gain = Math.min(goal, this.gain + 1 / FADE);
      const t = this.read - at;
      left[i] = this.gain * this.value(at, t, 0);
      if (right) right[i] = this.gain * this.value(at, t, 1);
      this.read += speed;
    }
    this.adapt();
    return this.tell();
  }

  // value is the sound between two frames: a cubic through four (Catmull and Rom).
  value(at, t, side) {
    const r = this.ring, n = this.room;
    const b = r[2 * (at % n) + side];
    if (t === 0) return b;
    const a = at > 0 ? r[2 * ((at - 1) % n) + side] : b;
    const c = r[2 * ((at + 1) % n) + side], d = r[2 * ((at + 2) % n) + side];
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  }

  // adapt has less wait when for some seconds less would have been enough.
  adapt() {
    if (currentTime - this.calm < 4) return;
    if (this.lowest > 0.012) this.target = Math.max(LEAST, this.target - (this.lowest - 0.01) / 4);
    this.lowest = Infinity;
    this.calm = currentTime;
  }

  tell() {
    if (currentTime - this.told > 0.2) {
      this.told = currentTime;
      this.port.postMessage({ playing: this.playing, level: this.level, target: this.target, dry: this.dry,
        skipped: this.skipped, lost: this.lost, written: this.written });
    }
    return true;
  }
}

registerProcessor('player', Player);
