// Keyboards that are plugged in here, by Web MIDI.

import { $, setText } from './util.js';

export class Midi {
  constructor(page) {
    this.page = page;
    const button = $('midi');
    if (!navigator.requestMIDIAccess) {
      button.disabled = true;
      button.title = 'This browser has no Web MIDI, or permits it only to pages from this computer.';
      return;
    }
    button.onclick = () => this.connect();
  }

  async connect() {
    try {
      this.access ??= await navigator.requestMIDIAccess();
    } catch {
      setText($('midi'), 'MIDI is not allowed');
      return;
    }
    this.access.onstatechange = () => this.attach();
    this.attach();
  }

  attach() {
    let n = 0;
    for (const input of this.access.inputs.values()) {
      if (input.state !== 'connected') continue;
      n++;
      input.onmidimessage = (e) => this.take(e.data);
    }
    setText($('midi'), n === 0 ? 'No keyboard yet' : n === 1 ? 'MIDI: 1 keyboard' : `MIDI: ${n} keyboards`);
  }

  // take plays a channel message; what else keyboards say is not for the card.
  take(data) {
    if (data.length < 2 || data.length > 3 || data[0] < 0x80 || data[0] >= 0xF0) return;
    this.page.play(...data);
    const kind = data[0] & 0xF0;
    if (kind === 0x90 || kind === 0x80) this.page.piano.mark(data[1], kind === 0x90 && data[2] > 0);
  }
}
