// The page: one socket for how the card fares and what is done to it, and those of
// its screen and sound.

import { $, setText, clock, socket } from './util.js';
import { Sound } from './sound.js';
import { Screen } from './screen.js';
import { Keys } from './keys.js';
import { Piano } from './piano.js';
import { Midi } from './midi.js';
import { Board } from './board.js';
import { Graph } from './graph.js';

const TAKEN = 0, MIDI = 1, SILENT = 2;

const page = {
  hello: null,
  status: {}, // parts of /status, as they were at last
  at: {}, // when each was looked at, in ms
  socket: null,

  // send sends the bytes of a message, if there is somebody to take it.
  send(...b) {
    if (this.socket?.readyState === WebSocket.OPEN && this.hello) this.socket.send(new Uint8Array(b));
  },
  play(...midi) { this.send(MIDI, ...midi); },
  silence() { this.send(SILENT); },
};
window.monitor = page; // for people who look, and tests

page.sound = new Sound(page);
page.screen = new Screen(page);
page.keys = new Keys(page);
page.piano = new Piano(page);
page.midi = new Midi(page);
const board = new Board(page), graph = new Graph(page);

function notice(text) {
  $('notice').hidden = !text;
  setText($('notice'), text);
}
page.notice = notice;

const gone = 'The card has gone. The page goes on when it is back.';
let lost = false; // the monitor has said so

// why says why there is no connection. A browser does not tell what it was refused
// with, so the monitor is asked for something else.
async function why(e) {
  lost ||= e.code === 4001;
  if (e.code === 4001) return gone;
  if (e.code !== 1006) return `The connection has ended (${e.code} ${e.reason}).`;
  try {
    const r = await fetch('icon.svg', { method: 'HEAD' });
    return lost && r.ok ? gone : r.ok ? 'The card has gone, or as many pages show it as there may be. This one goes on by itself.' : 'The monitor was started anew: open the address that it printed then.';
  } catch {
    return 'The monitor does not answer. Start it again, and open the address that it prints.';
  }
}

function connect() {
  const s = page.socket = socket('control');
  let taken = 0;
  s.onmessage = (e) => {
    const m = JSON.parse(e.data);
    if (m.hello) begin(m.hello);
    if (!m.status) return;
    const b = new DataView(new ArrayBuffer(5));
    b.setUint8(0, TAKEN);
    b.setUint32(1, ++taken, true);
    s.send(b);
    Object.assign(page.status, m.status);
    Object.assign(page.at, m.at);
    board.show(m.status);
    graph.show();
  };
  s.onclose = (e) => {
    if (page.socket !== s) return;
    end();
    page.socket = null;
    why(e).then((text) => page.hello || notice(text));
    setTimeout(connect, 1500);
  };
}

function begin(hello) {
  page.hello = hello;
  lost = false;
  page.status = {};
  notice('');
  document.body.classList.add('live');
  const c = hello.card;
  document.title = (c.Name || c.Board) + ' · MMLite';
  setText($('name'), c.Name || c.Board);
  page.began = performance.now() - c.Uptime / 1e6;
  $('sound-panel').hidden = !hello.sound;
  $('piano-panel').hidden = $('channels-panel').hidden = !hello.synth;
  board.begin();
  page.piano.begin(hello);
  page.sound.begin(hello);
  page.screen.begin(hello);
}

function end() {
  page.hello = null;
  document.body.classList.remove('live');
  page.sound.end();
  page.screen.end();
}

setInterval(() => {
  const c = page.hello?.card;
  if (c) setText($('about'), `${c.Board} ${c.Version} · ${c.Link} · up ${clock((performance.now() - page.began) / 1e3)}`);
}, 500);

connect();
