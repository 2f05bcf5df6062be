// A worker that receives the sound, so that nothing the page draws holds it up, and
// hands it to the player.

const HEAD = 16;
let socket, out;

onmessage = ({ data }) => {
  if (data.out) out = data.out;
  if (data.close) socket?.close();
  if (!data.url) return;
  socket = new WebSocket(data.url);
  socket.binaryType = 'arraybuffer';
  socket.onmessage = (e) => {
    const head = new DataView(e.data);
    const frames = new Float32Array(e.data.slice(HEAD)); // little endian, as is whatever runs a browser
    out.postMessage({ frames, lost: head.getUint32(12, true) }, [frames.buffer]);
    socket.send(new Uint8Array(e.data, 0, 4));
  };
  socket.onclose = (e) => postMessage({ closed: e.code });
};
